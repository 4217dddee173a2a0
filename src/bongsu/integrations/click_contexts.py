"""The contexts of Click, and of the copy of it in Typer: a command begins and ends there, which no traceback shows."""

from collections.abc import Callable
from typing import Any

from bongsu.capture.context import work_at_hand
from bongsu.client import active
from bongsu.client.guard import guarded
from bongsu.integrations.attaching import Undo, all_of, watch
from bongsu.integrations.work.commands import Command
from bongsu.integrations.work.exchange import overlook


def watched(contexts: type, no_errors: tuple[type[BaseException], ...]) -> Undo:
    """Watch that class of contexts; `no_errors` leave a command only with `standalone_mode=False`."""

    def leave(hosts: Callable[..., Any], context: Any, kind: Any, error: Any, traceback: Any) -> Any:
        _end(error, overlooked=isinstance(error, no_errors))
        return hosts(context, kind, error, traceback)

    return all_of([watch(contexts, "__enter__", _enter), watch(contexts, "__exit__", leave)])


def _enter(hosts: Callable[..., Any], context: Any) -> Any:
    _begin(context)
    return hosts(context)


@guarded(None)
def _begin(context: Any) -> None:
    work = work_at_hand()
    if work is None and active() is not None:
        work = Command()
    if isinstance(work, Command):  # a command called inside a request is that request's
        work.enter(context.command_path)


@guarded(None)
def _end(error: BaseException | None, *, overlooked: bool) -> None:
    work = work_at_hand()
    if not isinstance(work, Command):
        return
    if error is not None and overlooked:
        overlook(error)
    work.leave(error)
