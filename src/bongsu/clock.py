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


def utc_offset_s(now: float) -> int:
    """The machine's offset from UTC at `now`, in seconds east; DST included."""
    return time.localtime(now).tm_gmtoff
