"""The command `bongsu`: each sub-command has a file, loaded when asked for."""

import os
import sys

TYPE_CHECKING = False  # as type checkers know it: `bongsu run` starts its child 5 ms sooner than with `typing`
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Sequence

WRONG_USE = 2  # argparse's own exit status
INTERRUPTED = 130  # 128 + SIGINT, as shells have it
NO_READER = 141  # 128 + SIGPIPE


def main(argv: "Sequence[str] | None" = None) -> int:
    """Run one command; its exit status."""
    given = sys.argv[1:] if argv is None else list(argv)
    if given[:1] == ["run"]:  # whose child starts at once: it reads its arguments itself
        from bongsu.cli import run

        return run.main(given[1:])
    return _guarded(given)


def _guarded(argv: "Sequence[str]") -> int:
    from io import TextIOWrapper

    from bongsu import ConfigError

    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal without ✓ still gets the rest
    try:
        status = _run(argv)
        if sys.stdout is not None:
            sys.stdout.flush()
        return status
    except ConfigError as error:
        print(error, file=sys.stderr)
        return WRONG_USE
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the flush at exit finds a reader
        return NO_READER


def parser() -> "ArgumentParser":
    """Everything that can be written behind `bongsu`."""
    from argparse import ArgumentParser

    from bongsu import __version__
    from bongsu.cli.arguments import config, deploy, explain, preview, problems, programs, run, silence, systemd, watch

    top = ArgumentParser(
        prog="bongsu",
        description="Tells a team in Slack about an exception before its users do.",
        epilog="Settings come from BONGSU_… variables and bongsu.toml, as in the program that is watched.",
    )
    top.add_argument("--version", action="version", version=f"bongsu {__version__}")
    commands = top.add_subparsers(title="commands", dest="command", metavar="COMMAND")
    for each in (programs, preview, problems, explain, config, deploy, silence, run, watch, systemd):
        each.add(commands)
    return top


def _run(argv: "Sequence[str]") -> int:
    top = parser()
    arguments = top.parse_args(argv)
    if arguments.command is None:
        top.print_help(sys.stderr)
        return WRONG_USE
    return _command(arguments)


# Commands that share a file; any other has one of its own name.
_FILES = {"systemd-event": "systemd", "systemd-unit": "systemd"}


def _command(arguments: "Namespace") -> int:
    from importlib import import_module

    file = _FILES.get(arguments.command, arguments.command)
    status: int = import_module(f"bongsu.cli.{file}").run(arguments)
    return status
