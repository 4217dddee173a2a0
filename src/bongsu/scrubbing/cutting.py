"""Texts cut to a length, never through a mark."""

from bongsu.scrubbing.marks import EMAIL, MARK
from bongsu.scrubbing.patterns import pattern

CUT_ROOM = 16  # "…[+", twelve digits, "]"
_CUT_MARK = r"…\[\+([1-9][0-9]{0,11})\]\Z"


def cut_mark(cut: int) -> str:
    """What stands behind a text of which `cut` characters were left out."""
    return f"…[+{cut}]" if cut else ""


def earlier_cut(text: str) -> tuple[str, int]:
    """A text without its cut mark, and the number in that mark."""
    found = pattern(_CUT_MARK).search(text, max(0, len(text) - CUT_ROOM))
    return (text[: found.start()], int(found[1])) if found else (text, 0)


def shortened(text: str, room: int) -> str:
    """The first `room` characters, less a mark that would be cut in two."""
    for mark in (MARK, EMAIL):
        start = text.rfind(mark, max(0, room - len(mark) + 1), room + len(mark) - 1)
        if start >= 0 and start < room < start + len(mark):
            return text[:start]
    return text[: max(0, room)]
