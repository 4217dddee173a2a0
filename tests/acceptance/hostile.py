"""Exceptions that fight back: each function raises one."""

import dataclasses
from collections.abc import Callable
from typing import Any, NoReturn


class StrRaises(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no text for you")


class ReprRaises(Exception):
    def __repr__(self) -> str:
        raise RuntimeError("no repr for you")

    __str__ = __repr__


class StrIsNoText(Exception):
    def __str__(self) -> str:
        return 42  # type: ignore[return-value]  # noqa: PLE0307  # that is the point


class Shouting(str):
    """A text whose every method does something else."""

    __slots__ = ()

    def _shout(self, *_: object, **__: object) -> NoReturn:
        raise RuntimeError("a text with opinions")

    __add__ = __getitem__ = __len__ = __iter__ = __contains__ = __hash__ = __eq__ = _shout  # type: ignore[assignment]
    strip = partition = split = encode = replace = startswith = join = translate = isprintable = _shout  # type: ignore[assignment]


class StrShouts(Exception):
    def __str__(self) -> str:
        return Shouting("loud")


class AnyAttribute(Exception):
    def __getattr__(self, name: str) -> Any:
        raise RuntimeError(f"do not ask for {name}")


class EveryAttribute(Exception):
    def __getattribute__(self, name: str) -> Any:
        raise RuntimeError(f"do not ask for {name}")


class NoAttributeTaken(Exception):
    def __setattr__(self, name: str, value: object) -> None:
        raise RuntimeError("frozen")


@dataclasses.dataclass(frozen=True)
class Frozen(Exception):
    code: int = 7


class Slots(Exception):
    __slots__ = ("code",)


class Marked(Exception):
    __bongsu__ = property(lambda self: 1 / 0)


class MarkedByTheHost(Exception):
    __bongsu__ = "ours"


class Fighting(type):
    """A metaclass that lets nobody compare, hash, name or ask its classes."""

    def __hash__(cls) -> int:
        raise RuntimeError("no hash")

    def __eq__(cls, other: object) -> bool:
        raise RuntimeError("no comparison")

    def __getattribute__(cls, name: str) -> Any:
        raise RuntimeError(f"no {name}")

    def __instancecheck__(cls, instance: object) -> bool:
        raise RuntimeError("no questions")


class MetaclassFights(Exception, metaclass=Fighting):
    pass


class Impostor(Exception):
    @property
    def __class__(self) -> Any:  # type: ignore[override]
        raise RuntimeError("who wants to know?")


class ModuleIsNoText(Exception):
    __module__ = property(lambda self: 42)  # type: ignore[assignment]


class GroupRaises(ExceptionGroup[Exception]):
    @property
    def exceptions(self) -> Any:
        raise RuntimeError("private")


def endless(depth: int) -> NoReturn:
    endless(depth + 1)


def deep(depth: int) -> NoReturn:
    if depth == 0:
        raise LookupError("at the bottom")
    deep(depth - 1)


def cyclic_cause() -> NoReturn:
    first, second = ValueError("first"), TypeError("second")
    first.__cause__, second.__cause__ = second, first
    raise first


def cyclic_context() -> NoReturn:
    first, second = ValueError("first"), TypeError("second")
    first.__context__, second.__context__ = second, first
    raise first


def own_cause() -> NoReturn:
    alone = ValueError("alone")
    alone.__cause__ = alone
    raise alone


def many_causes_in_korean() -> NoReturn:
    error: Exception = ValueError("처음")
    for number in range(20):
        cause, error = error, RuntimeError(f"{number} " + "로그인 실패 " * 2_000)
        error.__cause__ = cause
    raise error


def nested_groups() -> NoReturn:
    group: ExceptionGroup[Exception] = ExceptionGroup("innermost", [ValueError("first"), KeyError("second")])
    for depth in range(200):
        group = ExceptionGroup(f"depth {depth}", [group])
    raise group


def strange_syntax() -> NoReturn:
    error = SyntaxError("odd")
    error.filename, error.lineno = b"\xff", "three"  # type: ignore[assignment]
    raise error


def unnamed_frame() -> NoReturn:
    exec(compile("raise LookupError('from nowhere')", "\ud800.py", "exec"), {"__name__": 42})
    raise AssertionError


def raising(kind: type[BaseException], *arguments: object) -> Callable[[], NoReturn]:
    def act() -> NoReturn:
        raise kind(*arguments)

    return act


ACTS: dict[str, tuple[Callable[[], NoReturn], str]] = {
    "whose __str__ raises": (raising(StrRaises), "StrRaises"),
    "whose __repr__ raises": (raising(ReprRaises), "ReprRaises"),
    "whose __str__ is no text": (raising(StrIsNoText), "StrIsNoText"),
    "whose text is a str of another kind": (raising(StrShouts), "loud"),
    "whose __getattr__ raises": (raising(AnyAttribute, "a"), "AnyAttribute: a"),
    "whose __getattribute__ raises": (raising(EveryAttribute, "a"), "EveryAttribute: a"),
    "that takes no attribute": (raising(NoAttributeTaken, "a"), "NoAttributeTaken: a"),
    "that is a frozen dataclass": (raising(Frozen), "Frozen"),
    "with slots": (raising(Slots, "a"), "Slots: a"),
    "whose mark is a failing property": (raising(Marked, "a"), "Marked: a"),
    "that the host has marked": (raising(MarkedByTheHost, "a"), "MarkedByTheHost: a"),
    "of a metaclass that fights": (raising(MetaclassFights, "a"), "MetaclassFights: a"),
    "that hides its class": (raising(Impostor, "a"), "Impostor: a"),
    "whose module is no text": (raising(ModuleIsNoText, "a"), "ModuleIsNoText: a"),
    "that is a group which hides its members": (raising(GroupRaises, "a", [ValueError("b")]), "GroupRaises: a"),
    "of endless recursion": (lambda: endless(0), "RecursionError"),
    "of 900 frames": (lambda: deep(900), "LookupError: at the bottom"),
    "with 10 MB of text": (raising(ValueError, "x" * 10_000_000), "ValueError: xxx"),
    "with 10 MB of secrets": (raising(ValueError, "password=hunter2 " * 600_000), "ValueError: password="),
    "with control characters": (raising(ValueError, "\0\x1b[31m<!channel>\ud800 `a` \u202e"), "ValueError: "),
    "without text": (raising(ValueError), "ValueError"),
    "with a cyclic cause": (cyclic_cause, "ValueError: first"),
    "with a cyclic context": (cyclic_context, "ValueError: first"),
    "that is its own cause": (own_cause, "ValueError: alone"),
    "with twenty long causes in Korean": (many_causes_in_korean, "RuntimeError: 19 로그인"),
    "with groups in groups": (nested_groups, "ExceptionGroup: depth 199"),
    "of a strange syntax error": (strange_syntax, "SyntaxError"),
    "from a file without a proper name": (unnamed_frame, "LookupError: from nowhere"),
}
