"""Stepping into the place of something in a framework, and out again."""

import functools
from types import FunctionType, ModuleType
from typing import Any

from bongsu.integrations.watching import Undo

_ABSENT = object()


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
