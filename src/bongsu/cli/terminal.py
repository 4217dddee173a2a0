"""How the commands write: colour only on a terminal, and without NO_COLOR."""

import os
import sys
from enum import StrEnum
from typing import TextIO


class Ink(StrEnum):
    """What a text looks like."""

    BOLD = "\x1b[1m"
    DIM = "\x1b[2m"
    RED = "\x1b[31m"
    GREEN = "\x1b[32m"
    YELLOW = "\x1b[33m"


_RESET = "\x1b[0m"


def is_coloured(stream: TextIO) -> bool:
    """Whether somebody sees colours there, and wants them (no-color.org)."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def painted(text: str, ink: Ink) -> str:
    """The text for stdout, with ink where that shows."""
    return f"{ink}{text}{_RESET}" if is_coloured(sys.stdout) else text


def sign(good: bool) -> str:
    """✓ or ✗."""
    return painted("✓", Ink.GREEN) if good else painted("✗", Ink.RED)


def is_interactive() -> bool:
    """Whether a person can answer."""
    return sys.stdin is not None and sys.stdin.isatty()
