"""What can be written behind `bongsu`: a file for a command or a family of them, and here what they share."""

from argparse import ArgumentParser, ArgumentTypeError, RawDescriptionHelpFormatter, _SubParsersAction
from typing import TypeAlias

from bongsu.clock import SYSTEM

Commands: TypeAlias = "_SubParsersAction[ArgumentParser]"

PORT_MAX = 65_535
COUNT_MAX = 1_000_000_000
VISITORS_MAX = 10_000  # of the demo: enough to see that a storm is one message


def command(commands: Commands, name: str, summary: str, description: str, example: str) -> ArgumentParser:
    return commands.add_parser(
        name,
        help=summary,
        description=description,
        epilog=f"example:\n  {example}",
        formatter_class=RawDescriptionHelpFormatter,
    )


def add_app(to: ArgumentParser) -> None:
    to.add_argument("--app", metavar="NAME", help="the program's name (default: BONGSU_APP, or bongsu.toml's)")


def port(text: str) -> int:
    return between(text, 0, PORT_MAX)


def visitors(text: str) -> int:
    return between(text, 1, VISITORS_MAX)


def word(text: str) -> str:
    if not text.strip():
        raise ArgumentTypeError("must not be empty")
    return text.strip()


def whole(text: str) -> int:
    """A number of things."""
    return between(text, 1, COUNT_MAX)


def moment(text: str) -> float:
    from bongsu.logs.moments import since

    at = since(text, SYSTEM.now())
    if at is None:
        raise ArgumentTypeError(f"write 10m, 2h, 3d, 14:26 or 2021-09-07T14:26:00+09:00, not {text!r}")
    return at


def between(text: str, least: int, most: int) -> int:
    if not text.isdecimal() or not least <= int(text[:9]) <= most:
        raise ArgumentTypeError(f"must be a number from {least} to {most}, not {text!r}")
    return int(text)
