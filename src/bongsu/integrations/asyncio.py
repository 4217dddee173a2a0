"""asyncio: what reaches the event loop's exception handler, also where the host has set one of its own.

asyncio's own handler logs, and that alone would be told. But it runs whenever the garbage collector comes by, in the
context of any other request; here the exception is told in the context of its own task.
"""

import gc
from asyncio import base_events
from contextvars import Context, copy_context
from typing import Any

from bongsu.client import active, report
from bongsu.client.guard import guarded
from bongsu.integrations.attaching import Undo, step_in
from bongsu.integrations.unread import TAGS, is_error


def attach() -> Undo:
    """Watch asyncio's own event loops."""
    return watched(base_events.BaseEventLoop)


def watched(loop: type) -> Undo:
    """Watch a class of event loops: ours looks, the host's handler is called as ever."""
    hosts: Any = getattr(loop, "call_exception_handler")  # noqa: B009  # any loop's class has it

    def call_exception_handler(self: Any, context: dict[str, Any]) -> None:
        _tell(context)
        hosts(self, context)

    return step_in(loop, "call_exception_handler", call_exception_handler)


@guarded(None)
def _tell(said: dict[str, Any]) -> None:
    error = said.get("exception")
    if active() is None or not isinstance(error, BaseException) or not is_error(error):
        return
    tags = TAGS if str(said.get("message")).endswith("was never retrieved") else None
    _context_of(said).run(report, error, tags=tags)


def _context_of(said: dict[str, Any]) -> Context:
    """A copy of the context of the task or callback, empty where it is lost; where none is named, the present one."""
    its_own = said.get("task") or said.get("future") or said.get("handle")
    if its_own is None:
        return copy_context()
    if hasattr(its_own, "get_context"):
        found = its_own.get_context()
        return found.copy() if isinstance(found, Context) else Context()
    # Python 3.11 hides it, but not from the garbage collector.
    referents = (*gc.get_referents(its_own), getattr(its_own, "_context", None))
    return next((each.copy() for each in referents if isinstance(each, Context)), Context())
