"""`[quiet_hours]` and `[[escalate]]` of bongsu.toml: when people are left alone, and whom else to tell."""

from collections.abc import Collection, Mapping
from datetime import datetime, time
from typing import Any

from bongsu.config import routes, values
from bongsu.config.words import no_channel, short
from bongsu.config.zones import zone
from bongsu.event import Level
from bongsu.routing.escalation import AFTER_LEAST_S, AFTER_MOST_S, STEPS_MAX, Escalation
from bongsu.routing.quiet_hours import QuietHours

QUIET_HOURS = ("from", "to", "push")
ESCALATE = ("after", "to", "when")


def quiet_hours(given: Any, timezone: str | None, problems: list[str]) -> QuietHours | None:
    """The hours in which only the worst is told at once; None: there are none."""
    table = values.keys_of("quiet_hours", given, QUIET_HOURS, problems)
    if not table:
        return None
    begin, end = (time_of_day(f"quiet_hours.{key}", table.get(key), problems) for key in ("from", "to"))
    levels = [each.value for each in Level]
    push = values.one_of("quiet_hours.push", table.get("push", Level.FATAL.value), levels, problems)
    if begin is not None and begin == end:
        problems.append("quiet_hours: from and to are the same time; leave the table out to be told at any time")
    if problems or begin is None or end is None:
        return None
    return QuietHours(begin=begin, end=end, zone=zone(timezone), push=Level(push))


def escalations(given: Any, channels: Collection[str], problems: list[str]) -> tuple[Escalation, ...]:
    """The steps, in their order."""
    if not isinstance(given, list) or not all(isinstance(each, Mapping) for each in given):
        problems.append('escalate: write tables, such as [[escalate]] and below it after = "15m" and to = "lead"')
        return ()
    if len(given) > STEPS_MAX:
        problems.append(f"escalate: more than {STEPS_MAX} steps")
        return ()
    return tuple(_step(table, f"escalate {number}", channels, problems) for number, table in enumerate(given, 1))


def _step(table: Mapping[str, Any], where: str, channels: Collection[str], problems: list[str]) -> Escalation:
    values.keys_of(where, table, ESCALATE, problems)
    after_s = values.duration_s(f"{where}: after", table.get("after"), AFTER_LEAST_S, AFTER_MOST_S, problems)
    to = routes.channels(table, where, problems)
    unknown = (channel for channel in to if channel not in channels)
    problems.extend(f"{where}: {no_channel(each, channels)}" for each in unknown)
    return Escalation(after_s=after_s, to=to, when=routes.conditions(table.get("when", {}), where, problems))


def time_of_day(where: str, given: Any, problems: list[str]) -> time | None:
    """A time of the day; TOML has its own, `22:00:00`."""
    if given is None:
        problems.append(f'{where}: is missing; write a time of the day, such as "22:00"')
        return None
    if isinstance(given, time) and given.tzinfo is None:
        return given
    try:
        return datetime.strptime(given, "%H:%M").time()  # noqa: DTZ007  # a time of the day has no zone
    except (TypeError, ValueError):
        problems.append(f'{where}: write a time of the day, such as "22:00", not {short(given)}')
        return None
