"""`bongsu config show`: each setting, its value, and where that comes from. Pure; no secret is shown."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bongsu.alerting.summary import DAYS, Rhythm
from bongsu.config import Settings
from bongsu.messages.style import Calling, Mention
from bongsu.outcomes.durations import written
from bongsu.routing.quiet_hours import QuietHours
from bongsu.routing.rules import Rule

DEFAULT = "default"
NOTHING = "–"
VALUE_WIDTH_MAX = 60  # a longer one pushes its own place aside, and no other

Places = Mapping[str, str]
"""By the path of the setting."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line."""

    name: str
    value: str
    place: str


def text(settings: Settings, places: Places) -> str:
    """All lines, in columns."""
    found = [*_plain(settings, places), *_channels(settings, places), *_tables(settings, places)]
    found += [*_links(settings, places), *_rules(settings, places)]
    names = max(len(row.name) for row in found)
    values = max(len(row.value) for row in found if len(row.value) <= VALUE_WIDTH_MAX)
    return "\n".join(f"{row.name:{names}}  {row.value:{values}}  {row.place}" for row in found)


def _plain(settings: Settings, places: Places) -> Iterator[Row]:
    bursts = settings.bursts
    found = {
        "app": settings.app,
        "environment": settings.environment,
        "release": settings.release or NOTHING,
        "language": settings.language,
        "timezone": settings.timezone or "this machine's",
        "level": settings.level.value,
        "locals": _yes(settings.locals),
        "strict": _yes(settings.strict),
        "integrations": _yes(settings.integrations),
        "http_5xx": _yes(settings.http_5xx),
        "http_burst_window": written(bursts.window_s),
        "http_burst_min": f"{bursts.least:,}",
        "http_burst_share": f"{bursts.share:g}",
        "http_burst_share_4xx": f"{bursts.share_4xx:g}",
        "repo_url": settings.links.repo_url or NOTHING,
        "state_dir": settings.state_dir,
        "token": "given, not shown" if "token" in places else NOTHING,
        "slack_api": "given" if "slack_api" in places else NOTHING,
    }
    return (Row(name, value, places.get(name, DEFAULT)) for name, value in found.items())


def _channels(settings: Settings, places: Places) -> Iterator[Row]:
    overridden = places.get("to", "").startswith("BONGSU_TO")
    for name, destination in settings.destinations.items():
        channel = settings.channels[name]
        parts = [destination.masked]
        if channel.mention:
            parts.append(f"calls {_called(channel.mention)}" if channel.push else f"{_called(channel.mention)} is off")
        if not channel.push:
            parts.append("no push")
        own = () if overridden else (f"channels.{name}.to", f"channels.{name}", f"to.{name}")
        place = next((places[path] for path in (*own, "to") if path in places), DEFAULT)
        yield Row(f"channel {name}", ", ".join(parts), place)


def _called(mention: Mention) -> str:
    match mention.calling:
        case Calling.HERE | Calling.CHANNEL:
            return f"@{mention.calling}"
        case Calling.USER | Calling.GROUP:
            return f"{mention.calling} {mention.id}"


def _tables(settings: Settings, places: Places) -> list[Row]:
    schedule, deliver = settings.schedule, settings.deliver
    found = {
        "alerting.quiet_after": written(schedule.quiet_after_s),
        "alerting.remind_every": written(schedule.remind_every_s),
        "alerting.growth_every": written(schedule.growth_every_s),
        "alerting.growth_factor": f"{schedule.growth_factor}",
        "alerting.storm_budget": f"{schedule.storm_budget}",
        "alerting.storm_window": written(schedule.storm_window_s),
        "alerting.detail_every": written(settings.detail_every_s),
        "alerting.ignore": ", ".join(each.name for each in settings.sorting.ignored) or NOTHING,
        "deliver.fallback": deliver.fallback or NOTHING,
        "deliver.fallback_after": written(deliver.fallback_after_s),
        "deliver.heartbeat_url": "given, not shown" if deliver.heartbeat_url else NOTHING,
        **_summary(settings.summary),
        **_quiet_hours(settings.quiet_hours),
    }
    rows = [Row(name, value, places.get(name, DEFAULT)) for name, value in found.items()]
    commands = [f"{key}.{name}" for key, table in (("run", settings.run), ("watch", settings.watch)) for name in table]
    return rows + [Row(name, "given", places.get(name) or places[name.partition(".")[0]]) for name in commands]


def _summary(rhythm: Rhythm | None) -> dict[str, str]:
    if rhythm is None:
        return {"summary.every": "never"}
    return {
        "summary.every": rhythm.every.value,
        "summary.at": f"{rhythm.at:%H:%M}",
        "summary.on": DAYS[rhythm.on],
        "summary.channel": rhythm.channel,
    }


def _quiet_hours(hours: QuietHours | None) -> dict[str, str]:
    if hours is None:
        return {"quiet_hours": NOTHING}
    return {
        "quiet_hours.from": f"{hours.begin:%H:%M}",
        "quiet_hours.to": f"{hours.end:%H:%M}",
        "quiet_hours.push": hours.push.value,
    }


def _links(settings: Settings, places: Places) -> Iterator[Row]:
    for name, template in settings.links.others.items():
        yield Row(f"links.{name}", template, places.get(f"links.{name}", DEFAULT))
    for number, runbook in enumerate(settings.links.runbooks, 1):
        told = f"{_when(runbook.when)} → {runbook.url}"
        yield Row(f"runbook {number}", told, places.get(f"runbook.{number}", DEFAULT))


def _rules(settings: Settings, places: Places) -> Iterator[Row]:
    for number, rule in enumerate(settings.router.rules, 1):
        yield Row(f"route {number}", _rule(rule), places.get(f"route.{number}", places.get("route", DEFAULT)))
    if not settings.router.rules:
        yield Row("route", "by environment and level", DEFAULT)
    for number, step in enumerate(settings.escalations, 1):
        told = f"{_when(step.when)}, after {written(step.after_s)} → {', '.join(step.to)}"
        yield Row(f"escalate {number}", told, places.get(f"escalate.{number}", places.get("escalate", DEFAULT)))
    for number, each in enumerate(settings.sorting.regrouped, 1):
        place = places.get(f"fingerprint.{number}", places.get("fingerprint", DEFAULT))
        yield Row(f"fingerprint {number}", f"{_when(each.when)} → {each.group.written}", place)


def _rule(rule: Rule) -> str:
    return f"{_when(rule.when)} → {', '.join(rule.to)}{', and on' if rule.goes_on else ''}"


def _when(when: Mapping[str, tuple[str, ...]]) -> str:
    return " and ".join(f"{name} = {' or '.join(patterns)}" for name, patterns in when.items()) or "everything"


def _yes(switch: bool) -> str:
    return "true" if switch else "false"
