"""What people write for spans of time: `10m`, `1h30m`, `09:00-18:00`, `mon-fri`. Wrong words raise ValueError.

The text of the error is the remedy.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

DAY_S = 86_400
NAME_LENGTH_MAX = 200  # characters; what scrubbing leaves of a name is never longer
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_DURATION = re.compile(r"(?=.)(?:([0-9]{1,6})d)?(?:([0-9]{1,6})h)?(?:([0-9]{1,6})m)?(?:([0-9]{1,6})s)?")
_UNITS_S = (DAY_S, 3_600, 60, 1)
_HOURS = re.compile(r"([0-9]{1,2}):([0-9]{2})\s*[-–]\s*([0-9]{1,2}):([0-9]{2})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """Hours of a day, in the host's local time, on some days of the week; they may pass midnight."""

    opens_s: int = 0  # since midnight
    length_s: int = DAY_S
    days: frozenset[int] = frozenset(range(7))  # on which they open; Monday is 0

    def cover(self, begins_at: float, ends_at: float, utc_offset_s: int) -> bool:
        """Whether all of a span lies inside them. Hours of the whole day go on into the next one."""
        begins, ends = int(begins_at) + utc_offset_s, int(ends_at) + utc_offset_s
        if self.length_s >= DAY_S:
            return all(_weekday(moment) in self.days for moment in range(begins, ends, DAY_S)) and (
                _weekday(ends) in self.days
            )
        open_for_s = (ends - self.opens_s) % DAY_S
        return ends - begins <= open_for_s <= self.length_s and _weekday(ends - open_for_s) in self.days


def _weekday(local_s: int) -> int:
    return datetime.fromtimestamp(local_s, UTC).weekday()


def name(text: object) -> str:
    """The name of an expectation or heartbeat."""
    if isinstance(text, str) and text.strip() and len(text) <= NAME_LENGTH_MAX and text.isprintable():
        return text
    raise ValueError(f"a name is a text of 1 to {NAME_LENGTH_MAX} printable characters, not {_shown(text)}")


def duration_s(text: object, *, least_s: int, most_s: int) -> float:
    """Seconds of `90s`, `10m`, `1h30m`, `1d`; from `least_s` to `most_s`."""
    found = _DURATION.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        raise ValueError(f"{_shown(text)} is no duration; write one such as '30s', '10m', '1h30m' or '1d'")
    seconds = sum(int(number or 0) * unit_s for number, unit_s in zip(found.groups(), _UNITS_S, strict=True))
    if not least_s <= seconds <= most_s:
        raise ValueError(f"{_shown(text)} must be from {written(least_s)} to {written(most_s)}")
    return seconds


def written(seconds: float) -> str:
    """A duration as `duration_s` reads it."""
    left, parts = int(seconds), []
    for unit, unit_s in zip("dhms", _UNITS_S, strict=True):
        if left >= unit_s:
            parts.append(f"{left // unit_s}{unit}")
            left %= unit_s
    return "".join(parts) or "0s"


def hours(between: object, days: object) -> Hours:
    """The hours of `09:00-18:00` (None: the whole day) on the days of `mon-fri` (None: all)."""
    opens_s, length_s = (0, DAY_S) if between is None else _between(between)
    return Hours(opens_s=opens_s, length_s=length_s, days=frozenset(range(7)) if days is None else _days(days))


def _between(text: object) -> tuple[int, int]:
    found = _HOURS.fullmatch(text.strip()) if isinstance(text, str) else None
    numbers = [int(number) for number in found.groups()] if found else []
    if not numbers or max(numbers[1::2]) > 59 or max(_seconds(numbers)) > DAY_S or numbers[:2] == [24, 0]:
        raise ValueError(f"{_shown(text)} are no hours; write them such as '09:00-18:00' or '22:00-02:00'")
    opens_s, closes_s = _seconds(numbers)
    if (closes_s - opens_s) % DAY_S == 0:
        return 0, DAY_S
    return opens_s, (closes_s - opens_s) % DAY_S


def _seconds(numbers: list[int]) -> tuple[int, int]:
    opens_h, opens_m, closes_h, closes_m = numbers
    return opens_h * 3_600 + opens_m * 60, closes_h * 3_600 + closes_m * 60


def _days(text: object) -> frozenset[int]:
    found: set[int] = set()
    for part in text.lower().split(",") if isinstance(text, str) else [""]:
        first, dash, last = (word.strip() for word in part.partition("-"))
        if first not in DAYS or (dash and last not in DAYS):
            raise ValueError(f"{_shown(text)} are no days; write them such as 'mon-fri' or 'mon,wed,sat'")
        begin, end = DAYS.index(first), DAYS.index(last or first)
        found.update((begin + step) % 7 for step in range((end - begin) % 7 + 1))
    return frozenset(found)


def _shown(value: object) -> str:
    text = repr(value) if isinstance(value, (str, int, float, bool, type(None))) else type(value).__name__
    return text if len(text) <= 80 else f"{text[:80]}…"
