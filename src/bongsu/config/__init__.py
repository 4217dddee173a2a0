"""Settings: from `init()` arguments, `BONGSU_*` and bongsu.toml to one frozen value, all problems told at once.

Arguments win over the environment, the environment over the file.
"""

import contextlib
import os
import re
import stat
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from bongsu.config import routes
from bongsu.config.words import NAME_LENGTH_MAX, nearest, scrubbed, short
from bongsu.delivery.destination import Destination, parse
from bongsu.errors import ConfigError
from bongsu.event import Level
from bongsu.messages.style import LANGUAGES, Language
from bongsu.outcomes import http
from bongsu.outcomes.durations import duration_s
from bongsu.outcomes.http import Limits
from bongsu.routing import ALARM, DEV_TEST, DEVOPS, is_production
from bongsu.routing.router import Router
from bongsu.routing.rules import Rule

CHANNELS = (ALARM, DEVOPS, DEV_TEST)
DEFAULT_FILE = "bongsu.toml"
FILE_BYTES_MAX = 1 << 20
NO_DESTINATION = "console:"
BURST_MIN_MOST = 1_000_000  # answers

_RUNNERS = frozenset({"-c", "-m", "__main__", "app", "main", "manage", "run", "server", "asgi", "wsgi"}) | frozenset(
    {"bongsu", "celery", "flask", "gunicorn", "hypercorn", "pytest", "python", "uvicorn"}
)
_TRUE, _FALSE = frozenset({"1", "true", "yes", "on"}), frozenset({"0", "false", "no", "off", ""})


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
    router: Router
    run: Mapping[str, Any]  # the tables of bongsu.toml that `bongsu run` and `bongsu watch` read themselves
    watch: Mapping[str, Any]
    is_default_destination: bool  # nobody named one


KEYS = (
    "to",
    "app",
    "environment",
    "release",
    "token",
    "language",
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
)
"""The keys of bongsu.toml, also arguments of `init`; `BONGSU_…` in capitals, with SLACK_TOKEN for token."""

TABLES = ("run", "watch")
"""More keys of bongsu.toml, for the commands that watch processes."""

LISTS = ("route",)
"""More keys of bongsu.toml, each written as [[key]]."""


def load(arguments: Mapping[str, Any], environ: Mapping[str, str]) -> Settings:
    """The settings. Raises ConfigError with every problem found."""
    problems: list[str] = []
    given = {name: value for name, value in arguments.items() if value is not None}
    values = {
        **_file(given.pop("config", None), environ, problems),
        **_environment(environ, problems),
        **given,
    }
    settings = _settings(values, environ, problems)
    if problems or settings is None:
        raise ConfigError(problems)
    return settings


def origins(environ: Mapping[str, str]) -> dict[str, str]:
    """The file or variable that gives each setting, as far as one does; for people, so problems are left out."""
    found = dict.fromkeys(_file(None, environ, []), environ.get("BONGSU_CONFIG") or DEFAULT_FILE)
    found |= {key: _variable(key) for key in KEYS if environ.get(_variable(key))}
    channels = [name for name in environ if name.startswith("BONGSU_TO_") and environ[name]]
    return found | ({"to": channels[0]} if channels and "BONGSU_TO" not in environ else {})


def _file(path: Any, environ: Mapping[str, str], problems: list[str]) -> dict[str, Any]:
    if path is not None and not isinstance(path, (str, os.PathLike)):  # open() takes numbers, and closes what they name
        problems.append(f"config: must be the path of a file, not {short(path)}")
        return {}
    named = path or environ.get("BONGSU_CONFIG")
    if not named and not os.path.isfile(DEFAULT_FILE):
        return {}
    import tomllib

    name = scrubbed(os.fspath(named or DEFAULT_FILE))
    try:
        with open(named or DEFAULT_FILE, "rb") as file:
            data = tomllib.loads(file.read(FILE_BYTES_MAX).decode("utf-8"))
    except OSError as error:
        problems.append(f"{name}: cannot be read ({error.strerror}); name another file with config= or BONGSU_CONFIG")
        return {}
    except ValueError as error:  # TOMLDecodeError and UnicodeDecodeError
        problems.append(f"{name}: is not TOML: {error}")
        return {}
    known = (*KEYS, *TABLES, *LISTS)
    problems.extend(f"{name}: unknown key {short(key)}{nearest(key, known)}" for key in data if key not in known)
    return {key: value for key, value in data.items() if key in known}


def _environment(environ: Mapping[str, str], problems: list[str]) -> dict[str, Any]:
    names = {_variable(key): key for key in KEYS}
    known = {*names, "BONGSU_CONFIG"}
    per_channel = {f"BONGSU_TO_{channel.upper().replace('-', '_')}": channel for channel in CHANNELS}
    values: dict[str, Any] = {key: environ[name] for name, key in names.items() if environ.get(name)}
    channels = {channel: environ[name] for name, channel in per_channel.items() if environ.get(name)}
    if channels:
        values["to"] = (dict.fromkeys(CHANNELS, values["to"]) if "to" in values else {}) | channels
    for name in environ:
        if name.startswith("BONGSU_TO_") and name not in per_channel:
            problems.append(f"{name}: no such channel; known are {', '.join(per_channel)}")
        elif (
            name.startswith("BONGSU_") and name not in known | per_channel.keys() and not name.startswith("BONGSU_TEST")
        ):
            problems.append(f"{name}: unknown setting{nearest(name, known)}")
    return values


def _variable(key: str) -> str:
    return "BONGSU_SLACK_TOKEN" if key == "token" else f"BONGSU_{key.upper()}"


def _settings(values: Mapping[str, Any], environ: Mapping[str, str], problems: list[str]) -> Settings | None:
    destinations = _destinations(values, problems)
    app = _name("app", values.get("app") or default_app(sys.argv[0] if sys.argv else "", _cwd()), problems)
    environment = _name("environment", values.get("environment", "production"), problems)
    release = _name("release", values["release"], problems) if "release" in values else None
    language = _one_of("language", values.get("language", "en"), LANGUAGES, problems)
    level = _one_of("level", values.get("level", Level.ERROR.value), [each.value for each in Level], problems)
    with_locals = _switch("locals", values.get("locals", False), problems)
    strict = _switch("strict", values.get("strict", False), problems)
    integrations = _switch("integrations", values.get("integrations", True), problems)
    http_5xx = _switch("http_5xx", values.get("http_5xx", True), problems)
    bursts = _bursts(values, problems)
    state_dir = _path("state_dir", values.get("state_dir") or _default_state_dir(environ), problems)
    run, watch = (_table(key, values.get(key, {}), problems) for key in TABLES)
    rules = routes.read(values.get("route", []), problems)
    _known_channels(rules, destinations, problems)
    if problems:
        return None
    return Settings(
        destinations=destinations,
        app=app,
        environment=environment,
        release=release,
        language="ko" if language == "ko" else "en",
        state_dir=os.path.join(state_dir, _folder_of(app, environment)),
        level=Level(level),
        locals=with_locals,
        strict=strict,
        integrations=integrations,
        http_5xx=http_5xx,
        bursts=bursts,
        router=Router(rules),
        run=run,
        watch=watch,
        is_default_destination=not values.get("to"),
    )


def _destinations(values: Mapping[str, Any], problems: list[str]) -> dict[str, Destination]:
    to = values.get("to") or NO_DESTINATION
    if not isinstance(to, Mapping):
        everywhere = _destination(ALARM, to, values, problems)
        return dict.fromkeys(CHANNELS, everywhere) if everywhere else {}
    found = {channel: _destination(channel, url, values, problems) for channel, url in to.items()}
    return {channel: destination for channel, destination in found.items() if destination}


def _destination(channel: Any, url: Any, values: Mapping[str, Any], problems: list[str]) -> Destination | None:
    if not isinstance(channel, str) or not re.fullmatch(r"[\w.-]{1,80}", channel):
        problems.append(_no_channel_name(channel))
    elif not isinstance(url, str):
        problems.append(f"to: channel {channel} needs a URL as text, not {type(url).__name__}")
    else:
        token, slack_api = (_optional_text(key, values.get(key), problems) for key in ("token", "slack_api"))
        try:
            return parse(url, token=token, slack_api=slack_api, channel=channel)
        except ValueError as error:
            problems.append(str(error))
    return None


def _no_channel_name(name: Any) -> str:
    if isinstance(name, str) and ":" in name:  # an address holds a credential: it is not repeated
        return "to: an address stands where a channel's name should; write {'alarm': address}"
    return f"to: {short(name)} is no channel name; use letters, digits, '.', '_' and '-'"


def _cwd() -> str:
    try:
        return os.getcwd()
    except OSError:  # removed under us
        return ""


def default_app(script: str, cwd: str) -> str:
    """A name for a program that gave none: its script's, or its folder's where the script is only a runner."""
    stem = os.path.splitext(os.path.basename(script))[0]
    return stem if stem and stem not in _RUNNERS else os.path.basename(cwd) or "app"


def _default_state_dir(environ: Mapping[str, str]) -> str:
    home = os.path.expanduser("~")
    if home.startswith("~"):  # no HOME, and no entry for this user
        return _if_ours(os.path.join("/var/tmp", f"bongsu-{os.getuid()}"))
    base = environ.get("XDG_STATE_HOME") or os.path.join(home, ".local", "state")
    return os.path.join(base, "bongsu")


def _if_ours(path: str) -> str:
    """The path, unless another user was there first; then one that cannot exist, so that nothing is written."""
    try:
        status = os.lstat(path)
    except OSError:
        return path
    return path if stat.S_ISDIR(status.st_mode) and status.st_uid == os.getuid() else os.devnull + "/bongsu"


def _folder_of(app: str, environment: str) -> str:
    """One folder for an app, and one more for each environment that is not production: their alerts never mix."""
    return _folder(app) if is_production(environment) else f"{_folder(app)}@{_folder(environment)}"


def _folder(app: str) -> str:
    """The app's name as a folder's: readable, and different for different names."""
    plain = re.sub(r"[^A-Za-z0-9._-]", "_", app).lstrip(".")
    if plain == app:
        return plain
    from hashlib import sha256

    return f"{plain}-{sha256(app.encode('utf-8', 'replace')).hexdigest()[:8]}"


def _name(key: str, value: Any, problems: list[str]) -> str:
    if isinstance(value, str) and 0 < len(value) <= NAME_LENGTH_MAX and value.isprintable():
        return value
    problems.append(f"{key}: must be a text of 1 to {NAME_LENGTH_MAX} printable characters, not {short(value)}")
    return ""


def _optional_text(key: str, value: Any, problems: list[str]) -> str | None:
    if value is None or isinstance(value, str):
        return value
    problem = f"{key}: must be a text, not {type(value).__name__}"  # never the value: it may be the token
    if problem not in problems:
        problems.append(problem)
    return None


def _one_of(key: str, value: Any, choices: Iterable[str], problems: list[str]) -> str:
    text = value.lower() if isinstance(value, str) else ""
    if text in choices:
        return text
    problems.append(f"{key}: {short(value)} is not known; choose one of {', '.join(choices)}")
    return ""


def _switch(key: str, value: Any, problems: list[str]) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in _TRUE | _FALSE:
        return value.lower() in _TRUE
    problems.append(f"{key}: {short(value)} is neither yes nor no; write true or false")
    return False


def _bursts(values: Mapping[str, Any], problems: list[str]) -> Limits:
    usual = Limits()
    window_s = usual.window_s
    try:
        window_s = duration_s(
            values.get("http_burst_window", "5m"), least_s=http.WINDOW_LEAST_S, most_s=http.WINDOW_MOST_S
        )
    except ValueError as error:
        problems.append(f"http_burst_window: {scrubbed(str(error))}")
    least = _number("http_burst_min", values.get("http_burst_min", usual.least), 0, BURST_MIN_MOST, problems)
    shares = (
        _number(key, values.get(key, share), 0.0, 1.0, problems)
        for key, share in (("http_burst_share", usual.share), ("http_burst_share_4xx", usual.share_4xx))
    )
    share, share_4xx = shares
    return Limits(window_s=window_s, least=int(least), share=share, share_4xx=share_4xx)


def _number(key: str, value: Any, least: float, most: float, problems: list[str]) -> float:
    """A number; a whole one where the bounds are whole."""
    wanted = type(least)
    if type(value) in (int, float, str):
        with contextlib.suppress(ValueError, OverflowError):
            number = wanted(value)
            if least <= number <= most and (isinstance(value, str) or number == value):
                return number
    problems.append(f"{key}: must be a number from {least:g} to {most:g}, not {short(value)}")
    return least


def _known_channels(rules: Iterable[Rule], destinations: Mapping[str, Destination], problems: list[str]) -> None:
    known = {*CHANNELS, *destinations}
    for number, rule in enumerate(rules, 1):
        unknown = (channel for channel in rule.to if channel not in known)
        problems.extend(f"route {number}: there is no channel {short(each)}{nearest(each, known)}" for each in unknown)


def _table(key: str, value: Any, problems: list[str]) -> Mapping[str, Any]:
    if isinstance(value, Mapping) and all(isinstance(each, Mapping) for each in value.values()):
        return value
    problems.append(f"{key}: write tables, such as [{key}.{_EXAMPLES[key]}]")
    return {}


_EXAMPLES = {"run": "web", "watch": "pm2"}


def _path(key: str, value: Any, problems: list[str]) -> str:
    if isinstance(value, (str, os.PathLike)) and "\0" not in os.fspath(value):
        return os.path.abspath(os.path.expanduser(os.fspath(value)))
    problems.append(f"{key}: must be the path of a directory, not {short(value)}")
    return ""
