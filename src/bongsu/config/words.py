"""How a problem speaks of what was written: shortly, without a secret, with the nearest right word."""

from collections.abc import Collection, Iterable
from typing import Any

UNKNOWN_MAX = 100  # told of one kind in one place; a file with more of them is another program's
NAME_LENGTH_MAX = 80  # of app, environment, release: they stand in every message


def short(value: Any) -> str:
    """What was written, in at most so many characters."""
    text = scrubbed(repr(value)) if isinstance(value, (str, int, float, bool)) else type(value).__name__
    return text if len(text) <= NAME_LENGTH_MAX else f"{text[:NAME_LENGTH_MAX]}…"


def scrubbed(text: str) -> str:
    """A secret may have been given in the wrong place."""
    from bongsu.scrubbing import scrub

    return scrub(text)


def nearest(word: str, known: Iterable[str]) -> str:
    """`; did you mean …?`, or what is known."""
    from difflib import get_close_matches

    near = get_close_matches(word, list(known), n=1)
    return f"; did you mean {near[0]}?" if near else f"; known are {', '.join(sorted(known))}"


def no_channel(name: Any, known: Collection[str]) -> str:
    """The problem with a channel that is not known."""
    return f"there is no channel {short(name)}{nearest(name, known) if isinstance(name, str) and known else ''}"
