"""What may be written for a field, and which texts it accepts. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import translate
from functools import lru_cache

from bongsu.event import Event
from bongsu.routing.rules import Field, values

CACHED_MAX = 1_024  # patterns; 500 silences with one each, and some rules
WILD = re.compile(r"[*?\[]")
STATUS = re.compile(r"(>=|<=|>|<|=)?\s*([1-5]\d\d)|([1-5])xx")


@dataclass(frozen=True, slots=True)
class Exactly:
    """`checkin`"""

    text: str

    def accepts(self, text: str) -> bool:
        return text == self.text


@dataclass(frozen=True, slots=True)
class Beginning:
    """`checkin*`"""

    text: str

    def accepts(self, text: str) -> bool:
        return text.startswith(self.text)


@dataclass(frozen=True, slots=True)
class Shape:
    """`*.Integrity?rror`, as a regular expression."""

    expression: re.Pattern[str]

    def accepts(self, text: str) -> bool:
        return self.expression.match(text) is not None


@dataclass(frozen=True, slots=True)
class Statuses:
    """`>=500`, `5xx`, `503`: those from one to another."""

    least: int
    most: int

    def accepts(self, text: str) -> bool:
        return len(text) == 3 and text.isdecimal() and self.least <= int(text) <= self.most


Pattern = Exactly | Beginning | Shape | Statuses


@lru_cache(maxsize=CACHED_MAX)
def pattern_of(name: str, written: str) -> Pattern:
    """What is written for the field of that name. Raises ValueError for what is no status."""
    if name == Field.HTTP_STATUS:
        return _statuses(written)
    if not WILD.search(written):
        return Exactly(written)
    if not WILD.search(written[:-1]) and written.endswith("*"):
        return Beginning(written[:-1])
    return Shape(re.compile(translate(written)))


def meets(event: Event, when: Mapping[str, tuple[str, ...]]) -> bool:
    """Whether all conditions hold for an event. For a few of them; a router asks thousands at once."""
    seen = values(event) if when else {}
    return all(
        any(pattern_of(name, pattern).accepts(text) for pattern in patterns for text in seen.get(name, ()))
        for name, patterns in when.items()
    )


def _statuses(written: str) -> Statuses:
    found = STATUS.fullmatch(written.strip())
    if found is None:
        raise ValueError(f"{written!r} is no status")
    sign, number, hundreds = found.groups()
    if hundreds:
        return Statuses(int(hundreds) * 100, int(hundreds) * 100 + 99)
    status = int(number)
    match sign:
        case ">=":
            return Statuses(status, 999)
        case ">":
            return Statuses(status + 1, 999)
        case "<=":
            return Statuses(0, status)
        case "<":
            return Statuses(0, status - 1)
    return Statuses(status, status)
