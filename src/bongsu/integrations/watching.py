"""Standing before a method of a framework that has no signal for what we must know."""

import functools
from collections.abc import Callable
from typing import Any

Undo = Callable[[], None]


def watch(owner: type, name: str, around: Callable[..., Any]) -> Undo:
    """Let `around(original, *args, **kwargs)` answer for a method, which it must call; the answer undoes that."""
    found = vars(owner)[name]
    original = getattr(found, "__func__", found)

    @functools.wraps(original)
    def watched(*args: Any, **kwargs: Any) -> Any:
        return around(original, *args, **kwargs)

    ours = classmethod(watched) if isinstance(found, classmethod) else watched
    setattr(owner, name, ours)

    def undo() -> None:
        if vars(owner).get(name) is ours:  # else somebody has since stepped in before us
            setattr(owner, name, found)

    return undo


def all_of(undone: list[Undo]) -> Undo:
    """One undo for many, the newest first."""

    def undo() -> None:
        while undone:
            undone.pop()()

    return undo
