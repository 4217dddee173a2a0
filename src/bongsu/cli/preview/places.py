"""Where the elements of a JSON text stand, so that a problem can point at its line."""

import re
from dataclasses import dataclass

from bongsu.messages import limits

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}:,]|[^\s\[\]{}:,"]+')
_KEY_MAX = 60  # the judge cuts keys there


@dataclass(slots=True)
class _Open:
    """An object or list that has not ended."""

    path: str
    index: int = -1  # of the next item; -1: an object
    key: str | None = None  # of the next value


def lines(text: str) -> dict[str, int]:
    """The line, counted from 1, of every value of a JSON text that is well-formed."""
    found: dict[str, int] = {}
    inside: list[_Open] = []
    line, at = 1, 0
    for match in _TOKEN.finditer(text):
        token = match[0]
        line += text.count("\n", at, match.start())
        at = match.start()
        if token in "]}":
            inside.pop()
        elif token == ",":
            inside[-1].index += inside[-1].index >= 0
            inside[-1].key = None
        elif token != ":" and inside and inside[-1].index < 0 and inside[-1].key is None:
            inside[-1].key = token[1:-1]
        elif token != ":":
            # No deeper: the paths of a nest grow with the square of its depth.
            path = _path(inside[-1]) if 0 < len(inside) <= limits.PAYLOAD_DEPTH else ""
            found.setdefault(path, line)
            if token in "[{":
                inside.append(_Open(path, index=0 if token == "[" else -1))
    return found


def line_of(path: str, known: dict[str, int]) -> int:
    """The line of an element, or of the nearest one around it: what is missing has no line."""
    while path and path not in known:
        path = path[: max(path.rfind("."), path.rfind("["), 0)]
    return known.get(path, 1)


def _path(around: _Open) -> str:
    if around.index >= 0:
        return f"{around.path}[{around.index}]"
    key = (around.key or "")[:_KEY_MAX]
    return f"{around.path}.{key}" if around.path else key
