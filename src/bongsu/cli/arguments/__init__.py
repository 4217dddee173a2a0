"""What can be written behind `bongsu`: a file for a command or a family of them, and here what they share."""

from argparse import ArgumentParser, ArgumentTypeError, RawDescriptionHelpFormatter, _SubParsersAction
from typing import TypeAlias

_PORT_MAX = 65_535

Commands: TypeAlias = "_SubParsersAction[ArgumentParser]"


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


def word(text: str) -> str:
    if not text.strip():
        raise ArgumentTypeError("must not be empty")
    return text.strip()


def port(text: str) -> int:
    return between(text, 0, _PORT_MAX)


def between(text: str, least: int, most: int) -> int:
    if not text.isdecimal() or not least <= int(text[:9]) <= most:
        raise ArgumentTypeError(f"must be a number from {least} to {most}, not {text!r}")
    return int(text)
