"""Django's management commands: what leaves one is told with its name."""

from collections.abc import Callable
from typing import Any

from django.core.management.base import BaseCommand, CommandError  # type: ignore[import-untyped]

from bongsu.client import active
from bongsu.integrations.commands import Command
from bongsu.integrations.exchange import overlook
from bongsu.integrations.watching import Undo, watch


def attach() -> Undo:
    """Stand around commands that a command line runs; what `call_command` runs is part of its caller."""
    return watch(BaseCommand, "run_from_argv", _around)


def _around(run_from_argv: Callable[[Any, list[str]], None], command: Any, argv: list[str]) -> None:
    if active() is None:
        return run_from_argv(command, argv)
    work = Command()
    work.enter(argv[1])
    try:
        run_from_argv(command, argv)
    except BaseException as error:
        if isinstance(error, CommandError):  # --traceback asked for it; else Django makes a line of it
            overlook(error)
        work.leave(error)
        raise
    work.leave(None)
    return None
