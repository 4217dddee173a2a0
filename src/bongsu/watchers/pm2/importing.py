"""The settings of pm2-slack as a bongsu.toml. Pure; the addresses in it are secrets that their owner asked to see."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from bongsu.messages.characters import clean, one_line
from bongsu.watchers.pm2.settings import DEFAULTS, SERVER_LENGTH_MAX, Switch

MODULE = "pm2-slack"
FILE_NAME = "module_conf.json"  # in PM2_HOME
FILE_CHARACTERS_MAX = 1 << 20
OPTIONS_MAX = 1_000
CHANNEL_LENGTH_MAX = 80  # of a channel's name in bongsu.toml

_URL = "slack_url"
_PER_APP = f"{_URL}-"
_ON_THERE = frozenset({Switch.ERROR, Switch.KILL, Switch.EXCEPTION, Switch.OVERLIMIT})  # pm2-slack's defaults
_OWN_CHANNELS = ("alarm", "devops", "dev-test")
_WHY_NOT = {
    "buffer": "messages are always gathered: equal problems are one",
    "buffer_seconds": "the first message of a problem comes at once, and then it is edited or followed by few",
    "buffer_max_seconds": "see buffer_seconds",
    "queue_max": "nothing is dropped: what cannot be sent yet waits on disk, and old messages become one digest",
    "username": "a webhook of today has the name and picture of its Slack app",
}
_KNOWN = (*(switch.value for switch in Switch), *_WHY_NOT, "servername", _URL)
_TRUE, _FALSE = ("true", "1", "yes", "on"), ("false", "0", "no", "off")
_ADDRESS = re.compile(r"https?://[^\s\"']{1,2000}")
_SET = re.compile(rf"\$ pm2 set {MODULE}:(?P<rest>.+)")


def options(text: str) -> dict[str, str]:
    """pm2-slack's options, from module_conf.json or from what `pm2 conf` prints; none: there are none."""
    try:
        found = json.loads(text)[MODULE]
    except (ValueError, KeyError, TypeError, RecursionError):
        return dict(_printed(text))
    pairs = found.items() if isinstance(found, dict) else ()
    return {key: _plain(value) for key, value in list(pairs)[:OPTIONS_MAX] if _plain(value)}


def toml(found: Mapping[str, str]) -> str:
    """The bongsu.toml that does the same."""
    channels = _channels(found)
    parts = [
        ["# What pm2-slack was set up to do, for `bongsu watch pm2`."],
        list(_destinations(found, channels)),
        ["[watch.pm2]", *_switches(found), *_server(found)],
        list(_routes(channels)),
        list(_left_out(found)),
    ]
    return "\n\n".join("\n".join(part) for part in parts if part) + "\n"


# -- reading


def _printed(text: str) -> Iterator[tuple[str, str]]:
    for line in clean(text).splitlines()[:OPTIONS_MAX]:
        if match := _SET.fullmatch(line.strip()):
            rest = match["rest"]
            known = next((key for key in sorted(_KNOWN, key=len, reverse=True) if rest.startswith(f"{key} ")), None)
            key, _, value = (known, "", rest[len(known) :]) if known else rest.rpartition(" ")
            if key and _plain(value):
                yield key, _plain(value)


def _plain(value: Any) -> str:
    """A value as text; empty: it is not set."""
    text = one_line(json.dumps(value) if isinstance(value, (bool, int, float)) else str(value or ""))
    return "" if text in ("null", "undefined") else text


# -- writing


def _channels(found: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """The apps with addresses of their own: their channels' names, and the addresses."""
    channels: dict[str, tuple[str, str]] = {}
    taken = set(_OWN_CHANNELS)
    for key, url in found.items():
        if key.startswith(_PER_APP) and _ADDRESS.fullmatch(url):
            app = key[len(_PER_APP) :]
            name = re.sub(r"[^\w.-]", "-", app)[:CHANNEL_LENGTH_MAX] or "app"
            name = name if name not in taken else f"{name[: CHANNEL_LENGTH_MAX - 5]}-{len(channels) + 2}"
            taken.add(name)
            channels[app] = (name, url)
    return channels


def _destinations(found: Mapping[str, str], channels: Mapping[str, tuple[str, str]]) -> Iterator[str]:
    url = found.get(_URL, "")
    if not _ADDRESS.fullmatch(url):
        yield "# pm2-slack has no slack_url: write the address of an incoming webhook of Slack here."
    elif not channels:
        yield f"to = {_quoted(url)}"
        return
    if channels:
        yield "[to]"
    if channels and _ADDRESS.fullmatch(url):
        yield from (f"{channel} = {_quoted(url)}" for channel in _OWN_CHANNELS)
    yield from (f"{_quoted(name)} = {_quoted(address)}" for name, address in channels.values())


def _switches(found: Mapping[str, str]) -> Iterator[str]:
    for switch in Switch:
        is_on = _is_on(found.get(switch.value, ""))
        if is_on is None:
            continue
        line = f"{_quoted(switch) if ' ' in switch else switch} = {str(is_on).lower()}"
        is_chosen = is_on != (switch in _ON_THERE)
        if is_chosen or is_on == (switch in DEFAULTS):
            yield line
        else:
            yield f"# {line}  # the default of pm2-slack; {_BETTER.get(switch, 'here it is a record for operators')}"


_BETTER = {
    Switch.ERROR: "stacks on stderr are told without it, each problem once",
    Switch.EXIT: "here only an exit that nobody asked for is told",
}


def _is_on(text: str) -> bool | None:
    return True if text.lower() in _TRUE else False if text.lower() in _FALSE else None


def _server(found: Mapping[str, str]) -> Iterator[str]:
    if name := found.get("servername"):
        yield f"servername = {_quoted(name[:SERVER_LENGTH_MAX])}"


def _routes(channels: Mapping[str, tuple[str, str]]) -> Iterator[str]:
    if channels:
        yield "[watch.pm2.channels]"
    yield from (f"{_quoted(_literally(app))} = {_quoted(name)}" for app, (name, _) in channels.items())


def _literally(app: str) -> str:
    """As a pattern that fits this name only."""
    return re.sub(r"([*?[])", r"[\1]", app)


def _left_out(found: Mapping[str, str]) -> Iterator[str]:
    """What has no equal, and why. Never a value: it may be a secret in the wrong place."""
    for key in found:
        if key in _WHY_NOT:
            yield f"# {key}: {_WHY_NOT[key]}."
        elif key.startswith(_URL) and not _ADDRESS.fullmatch(found[key]):
            yield f"# {one_line(key)}: is no address of a webhook."
        elif key not in _KNOWN and not key.startswith(_PER_APP):
            yield f"# {one_line(key)}: not known here."
        elif key in set(Switch) and _is_on(found[key]) is None:
            yield f"# {key}: is neither true nor false."


def _quoted(text: str) -> str:
    return json.dumps(clean(text).replace("\n", " "), ensure_ascii=False)
