"""Reading back what was written: a file may be damaged, or of another version."""

from dataclasses import fields
from types import UnionType
from typing import TYPE_CHECKING, Any, TypeVar, get_args

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

NUMBER_MAX = 2**53  # beyond it a float is no exact second, and SQLite takes no more than ten bits more

D = TypeVar("D", bound="DataclassInstance")


def checked(value: D) -> D:
    """The same, every field being what its annotation says. Raises TypeError, or ValueError for a broken text."""
    for each in fields(value):
        if not _is(getattr(value, each.name), each.type):
            raise TypeError(f"{type(value).__name__}.{each.name} is no {each.type}")
    return value


def _is(value: object, kind: Any) -> bool:
    if isinstance(kind, UnionType):
        return any(_is(value, each) for each in get_args(kind))
    if kind is str:
        return isinstance(value, str) and bool(value.encode() or True)  # a lone surrogate raises
    if kind is int or kind is float:
        return type(value) in (int, kind) and abs(value) <= NUMBER_MAX  # type: ignore[arg-type]  # NaN is not
    return isinstance(value, getattr(kind, "__origin__", kind))  # the parts of a tuple are checked by themselves
