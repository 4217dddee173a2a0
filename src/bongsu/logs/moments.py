"""Points in time as logs and people write them → seconds since the epoch. What has no zone is this machine's time."""

import re
from datetime import UTC, datetime, time, timedelta

_UNITS_S = {"s": 1, "m": 60, "min": 60, "h": 3_600, "d": 86_400, "w": 604_800}
_AGO = re.compile(r"(\d{1,9})\s*(s|m|min|h|d|w)")
_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?")
_NUMBER = re.compile(r"\d{9,19}(?:\.\d+)?")
# Seconds, milliseconds, microseconds or nanoseconds: what lies between 1973 and 5138 tells which
_SCALES = ((1e8, 1e11, 1.0), (1e11, 1e14, 1e3), (1e14, 1e17, 1e6), (1e17, 1e20, 1e9))


def moment(value: object) -> float | None:
    """The moment a value of a log line tells; None if it tells none."""
    if isinstance(value, str):
        return _of_number(float(value)) if _NUMBER.fullmatch(value) else _of_text(value)
    return _of_number(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def since(text: str, now: float) -> float | None:
    """What a person means by `10m`, `2h`, `14:26` (the last time it was that late), or a date and time."""
    text = text.strip()
    if ago := _AGO.fullmatch(text):
        return now - int(ago[1]) * _UNITS_S[ago[2]]
    if clock := _CLOCK.fullmatch(text):
        return _last(time(int(clock[1]), int(clock[2]), int(clock[3] or 0)), now)
    return moment(text)


def _last(clock: time, now: float) -> float:
    today = datetime.fromtimestamp(now, UTC).astimezone().date()
    at = datetime.combine(today, clock).timestamp()
    return at if at <= now else datetime.combine(today - timedelta(days=1), clock).timestamp()


def _of_number(number: float) -> float | None:
    return next((number / scale for least, most, scale in _SCALES if least <= number < most), None)


def _of_text(text: str) -> float | None:
    try:
        if len(text) > 2 and text[2] == "/":
            return datetime.strptime(text, "%d/%b/%Y:%H:%M:%S %z").timestamp()  # web servers
        return datetime.fromisoformat(text.replace(" +", "+").replace(" -", "-")).timestamp()
    except (ValueError, OverflowError, OSError):  # no such text, or a year no clock of this machine has
        return None
