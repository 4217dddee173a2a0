"""Settings: from `init()` arguments, `BONGSU_*` and bongsu.toml to one frozen value, all problems told at once.

Arguments win over the environment, the environment over the file.
"""

import os
import sys
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bongsu.alerting.group import Schedule
from bongsu.alerting.summary import Rhythm
from bongsu.config import (
    alerting,
    attention,
    channels,
    commands,
    environment,
    file,
    lines,
    links,
    routes,
    sections,
    summary,
    values,
)
from bongsu.config.channels import NO_DESTINATION, Channels, ChannelSettings
from bongsu.config.environment import CHANNELS
from bongsu.config.file import DEFAULT_FILE, File
from bongsu.config.homes import default_app, default_state_dir, folder_of, working_directory
from bongsu.config.reading import Reading, mark_of
from bongsu.config.words import UNKNOWN_MAX, nearest, no_channel, short
from bongsu.delivery.deliver import Deliver
from bongsu.delivery.destination import Destination
from bongsu.errors import ConfigError
from bongsu.event import Level
from bongsu.messages.style import LANGUAGES, Language, Links
from bongsu.outcomes import http
from bongsu.outcomes.http import Limits
from bongsu.routing.escalation import Escalation
from bongsu.routing.quiet_hours import QuietHours
from bongsu.routing.router import Router
from bongsu.routing.rules import Rule
from bongsu.routing.sorting import Sorting

__all__ = [
    "CHANNELS",
    "DEFAULT_FILE",
    "KEYS",
    "LISTS",
    "NO_DESTINATION",
    "SECTIONS",
    "TABLES",
    "ChannelSettings",
    "Settings",
    "default_app",
    "load",
    "load_again",
    "origins",
    "places",
    "problems_of_commands",
    "reading",
]

BURST_MIN_MOST = 1_000_000  # answers


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything the client needs to know. `destinations` is never empty."""

    destinations: Mapping[str, Destination]  # by channel
    app: str
    environment: str
    release: str | None
    language: Language
    state_dir: str  # of this app
    level: Level  # log records from this level on become events
    locals: bool
    strict: bool
    integrations: bool  # attach to the frameworks that the program imports
    http_5xx: bool  # an answer 5xx without an exception is an event
    bursts: Limits  # when bad answers are a burst
    timezone: str | None  # of the times in messages; None: the machine's
    channels: Mapping[str, ChannelSettings]  # by the names of `destinations`
    schedule: Schedule  # when to speak again
    detail_every_s: float  # a known problem is described anew this often; it is counted always
    sorting: Sorting  # what is ignored, and what is one problem by the user's word
    deliver: Deliver  # what to do when telling itself fails
    router: Router
    quiet_hours: QuietHours | None
    escalations: tuple[Escalation, ...]
    summary: Rhythm | None
    links: Links  # where messages lead
    run: Mapping[str, Any]  # the tables of bongsu.toml that `bongsu run` and `bongsu watch` read themselves
    watch: Mapping[str, Any]
    is_default_destination: bool  # nobody named one
    reading: Reading = field(repr=False, compare=False)


KEYS = (
    "to",
    "app",
    "environment",
    "release",
    "token",
    "language",
    "timezone",
    "state_dir",
    "level",
    "locals",
    "strict",
    "slack_api",
    "integrations",
    "http_5xx",
    "http_burst_window",
    "http_burst_min",
    "http_burst_share",
    "http_burst_share_4xx",
    "repo_url",
)
"""The keys of bongsu.toml, also arguments of `init`; `BONGSU_…` in capitals, with SLACK_TOKEN for token."""

TABLES = ("run", "watch")
"""More keys of bongsu.toml, for the commands that watch processes."""

SECTIONS = ("channels", "alerting", "deliver", "quiet_hours", "summary", "links")
"""More keys of bongsu.toml: one table each."""

LISTS = ("route", "escalate", "fingerprint", "runbook")
"""More keys of bongsu.toml, each written as [[key]]."""


def load(arguments: Mapping[str, Any], environ: Mapping[str, str]) -> Settings:
    """The settings. Raises ConfigError with every problem found."""
    problems: list[str] = []
    return _read(_reading(arguments, environ, problems), problems)


def load_again(reading: Reading) -> Settings:
    """The settings as the file is at present, everything else being what it was. Raises ConfigError."""
    return _read(reading.again(), [])


def reading(arguments: Mapping[str, Any], environ: Mapping[str, str]) -> Reading:
    """How the settings are read, for a client that begins without them and follows their file."""
    return _reading(arguments, environ, [])


def _reading(arguments: Mapping[str, Any], environ: Mapping[str, str], problems: list[str]) -> Reading:
    given = {name: value for name, value in arguments.items() if value is not None}
    place = file.find(given.pop("config", None), environ, problems)
    return Reading(
        arguments=given,
        environ=dict(environ),  # a program may take its secrets out later
        place=place,
        cwd=working_directory(),
        script=sys.argv[0] if sys.argv else "",
        mark=mark_of(place.path),
    )


def _read(reading: Reading, problems: list[str]) -> Settings:
    written = file.read(reading.place, problems)
    problems += _unknown_keys(written)
    higher = environment.read(KEYS, reading.environ, problems) | dict(reading.arguments)
    found: list[str] = []
    settings = _settings({**_known(written), **higher}, reading, overridden=higher, problems=found)
    problems += _placed(found, written, overridden=higher)
    if problems or settings is None:
        raise ConfigError(problems)
    return settings


def origins(environ: Mapping[str, str]) -> dict[str, str]:
    """The file or variable that gives each setting, as far as one does; for people, so problems are left out."""
    written = file.read(file.find(None, environ, []), [])
    return dict.fromkeys(_known(written), environ.get("BONGSU_CONFIG") or DEFAULT_FILE) | _variables(environ)


def places(environ: Mapping[str, str]) -> dict[str, str]:
    """The same with the line, also for each key inside a table: `channels.alarm`, `route.2`."""
    written = file.read(file.find(None, environ, []), [])
    return {path: f"{written.name}:{line}" for path, line in lines.index(written.text).items()} | _variables(environ)


def problems_of_commands(environ: Mapping[str, str]) -> list[str]:
    """What `bongsu run` and `bongsu watch` would refuse in their tables, with the lines."""
    written = file.read(file.find(None, environ, []), [])
    return _placed(commands.problems(written.values), written, overridden=())


def _variables(environ: Mapping[str, str]) -> dict[str, str]:
    found = {key: environment.variable(key) for key in KEYS if environ.get(environment.variable(key))}
    to = [name for name in environ if name.startswith("BONGSU_TO_") and environ[name]]
    return found | ({"to": to[0]} if to and "BONGSU_TO" not in environ else {})


def _known(written: File) -> dict[str, Any]:
    return {key: value for key, value in written.values.items() if key in _ALL_KEYS}


def _unknown_keys(written: File) -> list[str]:
    unknown = [key for key in written.values if key not in _ALL_KEYS][:UNKNOWN_MAX]
    found = lines.index(written.text) if unknown else {}
    places = (f"{written.name}:{found[key]}" if key in found else written.name for key in unknown)
    told = (f"unknown key {short(key)}{nearest(key, _ALL_KEYS)}" for key in unknown)
    return [f"{place}: {problem}" for place, problem in zip(places, told, strict=True)]


_ALL_KEYS = (*KEYS, *SECTIONS, *TABLES, *LISTS)


def _placed(problems: Collection[str], written: File, overridden: Collection[str]) -> list[str]:
    """Each problem that the file has caused, with the line there; `overridden` are the keys that it has no say in."""
    if not problems or not written.values:
        return list(problems)
    found = {path: line for path, line in lines.index(written.text).items() if path.split(".")[0] not in overridden}
    where = [(lines.line_of(problem, found) or 0, problem) for problem in problems]
    here = [f"{written.name}:{line}: {problem}" for line, problem in sorted(where) if line]
    return here + [problem for line, problem in where if not line]


def _settings(
    given: Mapping[str, Any], reading: Reading, *, overridden: Collection[str], problems: list[str]
) -> Settings | None:
    environ = reading.environ
    told = _channels(given, environ, "to" in overridden, problems)
    app = values.name("app", _or(given.get("app"), default_app(reading.script, reading.cwd)), problems)
    environment = values.name("environment", given.get("environment", "production"), problems)
    release = values.name("release", given["release"], problems) if "release" in given else None
    language = values.one_of("language", given.get("language", "en"), LANGUAGES, problems)
    timezone = values.zone("timezone", given.get("timezone"), problems)
    level = values.one_of("level", given.get("level", Level.ERROR.value), [each.value for each in Level], problems)
    with_locals = values.switch("locals", given.get("locals", False), problems)
    strict = values.switch("strict", given.get("strict", False), problems)
    integrations = values.switch("integrations", given.get("integrations", True), problems)
    http_5xx = values.switch("http_5xx", given.get("http_5xx", True), problems)
    bursts = _bursts(given, problems)
    state_dir = _or(given.get("state_dir"), default_state_dir(environ))
    state_dir = values.path("state_dir", state_dir, reading.cwd, problems)
    schedule = alerting.schedule(given.get("alerting", {}), problems)
    detail_every_s = alerting.detail_every_s(given.get("alerting", {}), problems)
    sorting = alerting.sorting(given.get("alerting", {}), given.get("fingerprint", []), problems)
    deliver = sections.deliver(given.get("deliver", {}), told, environ, problems)
    run, watch = (_table(key, given.get(key, {}), problems) for key in TABLES)
    problems += [*commands.unknown_tables(watch), *commands.unknown_channels(watch, told.names)]
    rules = routes.read(given.get("route", []), problems)
    _known_channels(rules, told.names, problems)
    escalations = attention.escalations(given.get("escalate", []), told.names, problems)
    quiet_hours = attention.quiet_hours(given.get("quiet_hours", {}), timezone, problems)
    rhythm = summary.read(given.get("summary", {}), timezone, environment, told.names, problems)
    leads = links.read(given, problems)
    if problems:
        return None
    return Settings(
        destinations=told.destinations,
        app=app,
        environment=environment,
        release=release,
        language="ko" if language == "ko" else "en",
        timezone=timezone,
        state_dir=os.path.join(state_dir, folder_of(app, environment)),
        level=Level(level),
        locals=with_locals,
        strict=strict,
        integrations=integrations,
        http_5xx=http_5xx,
        bursts=bursts,
        channels=told.settings,
        schedule=schedule,
        detail_every_s=detail_every_s,
        sorting=sorting,
        deliver=deliver,
        router=Router(rules),
        quiet_hours=quiet_hours,
        escalations=escalations,
        summary=None if told.is_default else rhythm,  # nobody asked for anything on stderr
        links=leads,
        run=run,
        watch=watch,
        is_default_destination=told.is_default,
        reading=reading,
    )


def _or(value: Any, otherwise: str) -> Any:
    """An empty text is none given; anything else that is false is a mistake."""
    return otherwise if value is None or value == "" else value


def _channels(given: Mapping[str, Any], environ: Mapping[str, str], overrides: bool, problems: list[str]) -> Channels:
    token, slack_api = (values.optional_text(key, given.get(key), problems) for key in ("token", "slack_api"))
    source = channels.Source(token=token, slack_api=slack_api, environ=environ)
    return channels.read(given.get("to"), given.get("channels", {}), source, overrides=overrides, problems=problems)


def _bursts(given: Mapping[str, Any], problems: list[str]) -> Limits:
    usual = Limits()
    window = given.get("http_burst_window", "5m")
    window_s = values.duration_s("http_burst_window", window, http.WINDOW_LEAST_S, http.WINDOW_MOST_S, problems)
    least = values.number("http_burst_min", given.get("http_burst_min", usual.least), 0, BURST_MIN_MOST, problems)
    share, share_4xx = (
        values.number(key, given.get(key, share), 0.0, 1.0, problems)
        for key, share in (("http_burst_share", usual.share), ("http_burst_share_4xx", usual.share_4xx))
    )
    return Limits(window_s=window_s, least=int(least), share=share, share_4xx=share_4xx)


def _known_channels(rules: Iterable[Rule], known: Collection[str], problems: list[str]) -> None:
    for number, rule in enumerate(rules, 1):
        unknown = (channel for channel in rule.to if channel not in known)
        problems.extend(f"route {number}: {no_channel(each, known)}" for each in unknown)


def _table(key: str, value: Any, problems: list[str]) -> Mapping[str, Any]:
    if isinstance(value, Mapping) and all(isinstance(each, Mapping) for each in value.values()):
        return value
    problems.append(f"{key}: write tables, such as [{key}.{_EXAMPLES[key]}]")
    return {}


_EXAMPLES = {"run": "web", "watch": "pm2"}
