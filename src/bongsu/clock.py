"""The only reader of time. Everything else takes `now` as an argument."""

import time
from typing import Protocol


class Clock(Protocol):
    """What the doors need of time; `bongsu.testing.FakeClock` is the other implementation."""

    def now(self) -> float:
        """Wall clock: seconds since the epoch. May jump in both directions."""
        ...

    def monotonic(self) -> float:
        """Seconds from an arbitrary start; never goes back. For deadlines only."""
        ...


class SystemClock:
    """The machine's clock."""

    now = staticmethod(time.time)
    monotonic = staticmethod(time.monotonic)


SYSTEM = SystemClock()


def utc_offset_s(now: float, zone: str | None = None) -> int:
    """A zone's offset from UTC at `now`, in seconds east, DST included; None: the machine's zone."""
    if zone is None:
        return time.localtime(now).tm_gmtoff
    from datetime import datetime, timedelta
    from zoneinfo import ZoneInfo

    offset = datetime.fromtimestamp(now, ZoneInfo(zone)).utcoffset() or timedelta()
    return int(offset.total_seconds())
