"""Typer: it puts its own hook in the place of `sys.excepthook` when a program's command line is called."""

from types import TracebackType

import typer.main

from bongsu.capture.hooks import NOT_ERRORS
from bongsu.client import report
from bongsu.integrations.attaching import Undo, all_of, step_in
from bongsu.integrations.click_contexts import watched


def attach() -> Undo:
    """Stand before Typer's hook, and watch the commands of its own copy of Click, where it has one."""
    hosts = typer.main.except_hook

    def except_hook(kind: type[BaseException], error: BaseException, traceback: TracebackType | None) -> None:
        if not isinstance(error, NOT_ERRORS):
            report(error, fatal=True)
        hosts(kind, error, traceback)

    return all_of([step_in(typer.main, "except_hook", except_hook), *_copies()])


def _copies() -> list[Undo]:
    copy = getattr(typer, "_click", None)
    if copy is None:
        return []
    return [watched(copy.core.Context, (copy.exceptions.ClickException, typer.Abort, typer.Exit))]
