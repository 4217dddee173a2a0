"""Quiet hours: when only the worst is told at once, and the rest waits for the morning. Pure."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo

from bongsu.event import Event, Level


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietHours:
    """From one time of the day to another, of the next day if that is earlier, as the clock on the wall shows it."""

    begin: time
    end: time
    zone: tzinfo = UTC
    push: Level = Level.FATAL  # from this level on it is told all the same

    def till(self, now: float) -> float | None:
        """When the present ones end; None: there are none now. `now` in seconds since the epoch."""
        local = datetime.fromtimestamp(now, self.zone)
        for day in (local.date() - timedelta(days=1), local.date()):
            begins = datetime.combine(day, self.begin, self.zone)
            ends = datetime.combine(day if self.end > self.begin else day + timedelta(days=1), self.end, self.zone)
            if begins.timestamp() <= now < ends.timestamp():
                return ends.timestamp()
        return None

    def waits_till(self, event: Event, now: float) -> float:
        """Until when an event has to wait; 0: it does not."""
        return 0.0 if event.level.rank >= self.push.rank else self.till(now) or 0.0
