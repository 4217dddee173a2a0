"""Time zones: that of a name, and the machine's own."""

import time
from datetime import UTC, datetime, timedelta, tzinfo


def zone(name: str | None) -> tzinfo:
    """The zone of that name, which there is; None: the machine's."""
    if name is None:
        return MachineZone()
    from zoneinfo import ZoneInfo

    return ZoneInfo(name)


class MachineZone(tzinfo):
    """Whatever the machine is set to, with its summer time; asked for each moment anew."""

    def utcoffset(self, moment: datetime | None) -> timedelta:
        return timedelta() if moment is None else _offset(time.mktime(moment.timetuple()))

    def dst(self, moment: datetime | None) -> timedelta:
        return timedelta()

    def tzname(self, moment: datetime | None) -> str:
        return "local"

    def fromutc(self, moment: datetime) -> datetime:
        return moment + _offset(moment.replace(tzinfo=UTC).timestamp())


def _offset(at: float) -> timedelta:
    return timedelta(seconds=time.localtime(at).tm_gmtoff)
