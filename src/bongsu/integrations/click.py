"""Click: the command's name stands on its events. Usage errors, exits and aborts never leave Click as exceptions.

`sys.excepthook` tells what does leave it. We see a command begin and end at its context, which no traceback shows.
"""

from collections.abc import Callable
from typing import Any

from click.core import Context

from bongsu.capture.context import work_at_hand
from bongsu.client import active
from bongsu.client.guard import guarded
from bongsu.integrations.commands import Command
from bongsu.integrations.watching import Undo, all_of, watch


def attach() -> Undo:
    """Watch Click's commands."""
    return watched(Context)


def watched(contexts: type) -> Undo:
    """Watch the contexts of Click, or of a copy of Click."""
    return all_of([watch(contexts, "__enter__", _enter), watch(contexts, "__exit__", _exit)])


def _enter(hosts: Callable[..., Any], click: Any) -> Any:
    _begin(click)
    return hosts(click)


def _exit(hosts: Callable[..., Any], click: Any, kind: Any, error: Any, traceback: Any) -> Any:
    _end(error)
    return hosts(click, kind, error, traceback)


@guarded(None)
def _begin(click: Any) -> None:
    work = work_at_hand()
    if work is None and active() is not None:
        work = Command()
    if isinstance(work, Command):  # a command called inside a request is that request's
        work.enter(click.command_path)


@guarded(None)
def _end(error: BaseException | None) -> None:
    work = work_at_hand()
    if isinstance(work, Command):
        work.leave(error)
