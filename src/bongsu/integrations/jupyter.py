"""Notebooks and prompts: off, since who makes a mistake there is reading it. `enable()` is for those that run alone."""

import sys
from collections.abc import Callable
from types import TracebackType
from typing import Any

from bongsu.capture.hooks import NOT_ERRORS
from bongsu.client import report
from bongsu.client.guard import guarded


def enable() -> Callable[[], None]:
    """Tell of what a cell raises, or in Python's own prompt a statement; the answer, called, turns it off again."""
    shell = _shell()
    return _at_a_prompt() if shell is None else _in_cells(shell)


def _shell() -> Any:
    ipython = sys.modules.get("IPython")
    return None if ipython is None else ipython.get_ipython()


def _in_cells(shell: Any) -> Callable[[], None]:
    shell.events.register("post_run_cell", _tell_cell)

    def disable() -> None:
        if _tell_cell in shell.events.callbacks["post_run_cell"]:
            shell.events.unregister("post_run_cell", _tell_cell)

    return disable


@guarded(None)
def _tell_cell(result: Any) -> None:
    error = result.error_in_exec
    if error is not None and not isinstance(error, NOT_ERRORS):
        report(error, tags={"cell": result.execution_count})


def _at_a_prompt() -> Callable[[], None]:
    hosts = sys.excepthook

    def excepthook(kind: type[BaseException], error: BaseException, traceback: TracebackType | None) -> None:
        if not isinstance(error, NOT_ERRORS):
            report(error)
        hosts(kind, error, traceback)

    def disable() -> None:
        if sys.excepthook is excepthook:
            sys.excepthook = hosts

    sys.excepthook = excepthook
    return disable
