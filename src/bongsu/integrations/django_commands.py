"""Django's management commands: what leaves one is told with its name; the line of a `CommandError` is no error."""

from functools import wraps
from typing import Any

from django.core.management.base import BaseCommand, CommandError  # type: ignore[import-untyped]

from bongsu.client import active
from bongsu.integrations.attaching import Undo
from bongsu.integrations.work.commands import Command
from bongsu.integrations.work.exchange import overlook


def attach() -> Undo:
    """Stand around commands that a command line runs; what `call_command` runs is part of its caller."""
    original = BaseCommand.run_from_argv

    @wraps(original)
    def run_from_argv(command: Any, argv: list[str]) -> Any:
        if active() is None:
            return original(command, argv)
        work = Command()
        work.enter(argv[1])
        try:
            done = original(command, argv)
        except BaseException as error:
            error.__traceback__ = error.__traceback__ and error.__traceback__.tb_next  # no line of ours on the terminal
            if isinstance(error, CommandError):  # here only with --traceback
                overlook(error)
            work.leave(error)
            raise
        work.leave(None)
        return done

    def undo() -> None:
        if BaseCommand.run_from_argv is run_from_argv:  # else somebody has since stepped in before us
            BaseCommand.run_from_argv = original

    BaseCommand.run_from_argv = run_from_argv
    return undo
