"""Tracebacks as text, folded to the calls of the application."""

import re
from collections.abc import Iterator

_FRAME = re.compile(r'\s*File "(?P<path>.*)", line \d+(?:, in .*)?$')
_LIBRARY = re.compile(r"[/\\](?:site|dist)-packages[/\\]|[/\\]lib[/\\]python\d|^<frozen ")
_HEAD = "Traceback (most recent call last):"


def is_traceback(text: str) -> bool:
    """Whether a text holds a traceback of Python's."""
    return _HEAD in text


def folded(text: str) -> Iterator[str]:
    """The lines of a text without the calls of libraries; how many were left out stands in their place."""
    left_out, is_library = 0, False
    for line in text.splitlines():
        frame = _FRAME.match(line)
        if frame:
            is_library = _LIBRARY.search(frame["path"]) is not None
            left_out += is_library
        elif not line.startswith("    "):  # a frame's source line and its marks are further in
            is_library = False
        if is_library:
            continue
        if left_out:
            yield f"  … {left_out} library frame{'s' if left_out > 1 else ''}"
            left_out = 0
        yield line
