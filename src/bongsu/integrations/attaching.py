"""Standing before something in a framework that has no signal for what we must know, and stepping out again."""

import functools
from collections.abc import Callable
from types import FunctionType, ModuleType
from typing import Any

Undo = Callable[[], None]

_ABSENT = object()


def watch(owner: type, name: str, around: Callable[..., Any]) -> Undo:
    """Let `around(original, *args, **kwargs)` answer for a method, which it must call; the answer undoes that."""
    found = vars(owner)[name]
    original = getattr(found, "__func__", found)

    @functools.wraps(original)
    def watched(*args: Any, **kwargs: Any) -> Any:
        return around(original, *args, **kwargs)

    return step_in(owner, name, classmethod(watched) if isinstance(found, classmethod) else watched)


def step_in(owner: type | ModuleType, name: str, ours: object) -> Undo:
    """Put ours in the place of the host's; the answer puts the host's back.

    Where somebody has stepped in before us since, ours stays behind: it must only pass on once Bongsu is off.
    """
    hosts: Any = vars(owner).get(name, _ABSENT)  # not inherited: that comes back by itself
    if isinstance(ours, FunctionType):
        functools.update_wrapper(ours, getattr(owner, name))
    setattr(owner, name, ours)

    def step_out() -> None:
        if vars(owner).get(name) is not ours:
            return
        if hosts is _ABSENT:
            delattr(owner, name)
        else:
            setattr(owner, name, hosts)

    return step_out


def all_of(undone: list[Undo]) -> Undo:
    """One undo for many, the newest first."""

    def undo() -> None:
        while undone:
            undone.pop()()

    return undo
