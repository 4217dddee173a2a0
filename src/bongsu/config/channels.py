"""`to` and `[channels]` become a destination and settings for each channel; no problem shows an address."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bongsu.config import values as read_as
from bongsu.config.environment import CHANNELS
from bongsu.config.words import short
from bongsu.delivery.destination import Destination, parse
from bongsu.messages.style import Calling, Mention
from bongsu.routing import ALARM

NO_DESTINATION = "console:"
CHANNELS_MAX = 100  # each destination has a thread while it is sent to
KEYS = ("to", "mention", "push")

_TOO_MANY = f"there are more than {CHANNELS_MAX}; let routes lead to fewer"
_NAME = re.compile(r"[\w.-]{1,80}")
_MENTION = re.compile(
    r"(?:@|<!)(?P<all>here|channel)>?|<@(?P<user>[UW][A-Z0-9]{2,20})>"
    r"|<!subteam\^(?P<group>S[A-Z0-9]{2,20})(?:\|[^<>|]{1,80})?>"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelSettings:
    """How a channel is told, beside where."""

    mention: Mention | None = None
    push: bool = True  # whether it may call anybody at all

    @property
    def calls(self) -> Mention | None:
        """Who is called when a problem begins or gets worse."""
        return self.mention if self.push else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Channels:
    """All channels that have a destination."""

    destinations: Mapping[str, Destination]
    settings: Mapping[str, ChannelSettings]
    names: frozenset[str]  # also of those whose destination a `to` of higher rank has taken away
    is_default: bool  # nobody named a destination
    is_overridden: bool  # the destinations are not those of the file


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What the addresses are read with."""

    token: str | None
    slack_api: str | None
    environ: Mapping[str, str]


def read(to: Any, tables: Any, source: Source, *, overrides: bool, problems: list[str]) -> Channels:
    """`overrides`: `to` comes from an argument or a variable, and replaces the addresses of the file's table."""
    written = _tables(tables, problems)
    if to in ("", {}):
        problems.extend([] if overrides else ["to: is empty; write an address, or leave it out"])
        to = None
    own = {} if overrides and to is not None else {name: each["to"] for name, each in written.items() if "to" in each}
    is_default = to is None and not own
    if is_default:
        to = NO_DESTINATION
    if isinstance(to, Mapping) and len(to) > CHANNELS_MAX:
        problems.append(f"to: {_TOO_MANY}")
        found: dict[str, Destination | None] = {}
    elif isinstance(to, Mapping):
        problems.extend(f"channels.{name}: has an address in `to` already; keep one" for name in own if name in to)
        found = {name: _destination(f"to.{name}", name, url, source, problems) for name, url in to.items()}
    else:
        found = {} if to is None else _everywhere(to, written.keys() - own.keys(), source, problems)
    found |= {name: _destination(f"channels.{name}", name, url, source, problems) for name, url in own.items()}
    if not overrides:
        lacking = (name for name in written if name not in found)
        problems.extend(f'channels.{name}: needs an address; write to = "env:NAME"' for name in lacking)
    if len(found) > CHANNELS_MAX:
        problems.append(f"channels: {_TOO_MANY}")
    settings = {name: _settings(name, each, problems) for name, each in written.items()}
    return Channels(
        destinations={name: destination for name, destination in found.items() if destination},
        settings={name: settings.get(name, ChannelSettings()) for name in found},
        names=frozenset({*CHANNELS, *found, *written}),
        is_default=is_default,
        is_overridden=overrides,
    )


def _tables(given: Any, problems: list[str]) -> dict[str, Mapping[str, Any]]:
    if not isinstance(given, Mapping):
        problems.append('channels: must be a table; write [channels], and below it alarm = { to = "env:NAME" }')
        return {}
    if len(given) > CHANNELS_MAX:
        problems.append(f"channels: {_TOO_MANY}")
        return {}
    return {name: _table(name, each, problems) for name, each in given.items() if _is_name("channels", name, problems)}


def _table(name: str, given: Any, problems: list[str]) -> Mapping[str, Any]:
    """`alarm = "env:X"` is short for `alarm = { to = "env:X" }`."""
    if isinstance(given, str):
        return {"to": given}
    if not isinstance(given, Mapping):
        problems.append(f'channels.{name}: must be a table; write {name} = {{ to = "env:NAME" }}')
        return {"to": NO_DESTINATION}  # one problem is enough
    return read_as.keys_of(f"channels.{name}", given, KEYS, problems)


def _settings(name: str, table: Mapping[str, Any], problems: list[str]) -> ChannelSettings:
    where = f"channels.{name}"
    push = read_as.switch(f"{where}.push", table.get("push", True), problems)
    return ChannelSettings(mention=_mention(f"{where}.mention", table.get("mention"), problems), push=push)


def _mention(where: str, given: Any, problems: list[str]) -> Mention | None:
    if given is None:
        return None
    match = _MENTION.fullmatch(given.strip()) if isinstance(given, str) else None
    if match is None:
        problems.append(f'{where}: {short(given)} calls nobody; write "@here", "@channel", "<@U…>" or "<!subteam^S…>"')
        return None
    if match["all"]:
        return Mention(calling=Calling(match["all"]))
    return Mention(calling=Calling.USER if match["user"] else Calling.GROUP, id=match["user"] or match["group"])


def _everywhere(to: Any, others: Any, source: Source, problems: list[str]) -> dict[str, Destination | None]:
    """One address for the usual channels and for those that have none of their own; a problem of it is told once."""
    destination = _destination("to", ALARM, to, source, problems)
    return dict.fromkeys((*CHANNELS, *sorted(others)), destination)


def _destination(where: str, name: Any, given: Any, source: Source, problems: list[str]) -> Destination | None:
    if not _is_name("to", name, problems):
        return None
    if not isinstance(given, str):
        table = f"; write a table below [channels]: {name} = {{ to = … }}" if isinstance(given, Mapping) else ""
        problems.append(f"{where}: needs a URL as text, not {type(given).__name__}{table}")
        return None
    url = read_as.looked_up(where, given, source.environ, problems)
    if url is None:
        return None
    try:
        return parse(url, token=source.token, slack_api=source.slack_api, channel=name)
    except ValueError as error:
        problems.append(str(error))
    return None


def _is_name(where: str, name: Any, problems: list[str]) -> bool:
    if isinstance(name, str) and _NAME.fullmatch(name):
        return True
    if isinstance(name, str) and ":" in name:  # an address holds a credential: it is not repeated
        problems.append(f"{where}: an address stands where a channel's name should; write {{'alarm': address}}")
    else:
        problems.append(f"{where}: {short(name)} is no channel name; use letters, digits, '.', '_' and '-'")
    return False
