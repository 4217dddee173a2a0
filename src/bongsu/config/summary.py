"""`[summary]` of bongsu.toml: when a day or a week is summed up, and where."""

from collections.abc import Collection
from datetime import time
from typing import Any

from bongsu.alerting.summary import DAYS, Every, Rhythm
from bongsu.config import attention, values
from bongsu.config.words import no_channel
from bongsu.config.zones import zone
from bongsu.routing import DEV_TEST, DEVOPS, is_production

KEYS = ("at", "every", "on", "channel")
NEVER = "never"


def read(
    given: Any, timezone: str | None, environment: str, channels: Collection[str], problems: list[str]
) -> Rhythm | None:
    """The rhythm; None: never, which is the default outside of production, where nobody operates anything."""
    table = values.keys_of("summary", given, KEYS, problems)
    is_operated = is_production(environment)
    at = attention.time_of_day("summary.at", table.get("at", "09:00"), problems) or time()
    usual = Every.DAY.value if is_operated else NEVER
    every = values.one_of("summary.every", table.get("every", usual), [*_EVERY, NEVER], problems)
    on = values.one_of("summary.on", table.get("on", DAYS[0]), DAYS, problems)
    if every == Every.WEEKDAY and on in ("sat", "sun"):
        problems.append(f'summary.on: {on} is no weekday; choose one of mon, tue, wed, thu, fri, or every = "day"')
    channel = _channel(table.get("channel", DEVOPS if is_operated else DEV_TEST), channels, problems)
    if every == NEVER or every not in _EVERY or on not in DAYS:
        return None
    return Rhythm(at=at, every=Every(every), on=DAYS.index(on), channel=channel, zone=zone(timezone))


_EVERY = tuple(each.value for each in Every)


def _channel(given: Any, known: Collection[str], problems: list[str]) -> str:
    if isinstance(given, str) and given in known:
        return given
    problems.append(f"summary.channel: {no_channel(given, known)}")
    return ""
