"""What a `[watch.…]` table of bongsu.toml says, in the part that every watcher has.

    [watch.supervisor]
    ignore = ["cron-*"]     # services that nobody wants to hear of
    started = false         # no record when a service starts
    stopped = false         # no record when an operator stops one

    [watch.supervisor.channels]
    "billing-*" = "billing" # where these services go

A watcher with other keys says which with `read(…, known=…)`, and takes its own from the table with `switch`, so that a
wrong value is told in the same words.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import Any

from bongsu.errors import ConfigError
from bongsu.scrubbing import scrub
from bongsu.watchers.report import Report, Turn

PATTERNS_MAX = 256  # more services than one host runs
PATTERN_LENGTH_MAX = 200

_KEYS = ("ignore", "channels", "started", "stopped")
_SHOWN_MAX = 80  # characters of a wrong value


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What the team wants to hear of, and where."""

    ignore: tuple[str, ...] = ()  # patterns of names, as a shell has them
    channels: Mapping[str, str] = field(default_factory=dict)  # by pattern; the first that fits
    started: bool = True
    stopped: bool = True

    def ignores(self, name: str) -> bool:
        """Whether nobody wants to hear of this service."""
        return any(fnmatchcase(name, pattern) for pattern in self.ignore)

    def channel(self, name: str) -> str | None:
        """Where this service's messages go; None: where they would anyway."""
        return next((channel for pattern, channel in self.channels.items() if fnmatchcase(name, pattern)), None)

    def applied(self, report: Report) -> Report | None:
        """The report as it is wanted; None if it is not."""
        if self.ignores(report.process.name):
            return None
        wanted = {Turn.STARTED: self.started, Turn.ENDED: self.stopped}.get(report.turn, True)
        channel = report.channel or self.channel(report.process.name)
        return replace(report, is_announced=report.is_announced and wanted, channel=channel)


def wishes(name: str, tables: Mapping[str, Mapping[str, Any]]) -> Wishes:
    """The wishes in the table of that name, of the tables below `watch`. Raises ConfigError with every problem."""
    problems: list[str] = []
    found = read(name, tables.get(name, {}), problems)
    if problems:
        raise ConfigError(problems)
    return found


def read(name: str, table: Mapping[str, Any], problems: list[str], *, known: tuple[str, ...] = _KEYS) -> Wishes:
    """The wishes in the table `[watch.NAME]`; every problem is added to the list."""
    where = f"watch.{name}"
    for key in table:
        if key not in known:
            near = get_close_matches(key, known, n=1)
            hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(sorted(known))}"
            problems.append(f"{where}: unknown key {_shown(key)}; {hint}")
    return Wishes(
        ignore=_patterns(where, table.get("ignore", ()), problems),
        channels=_channels(where, table.get("channels", {}), problems),
        started=switch(where, table, "started", True, problems),
        stopped=switch(where, table, "stopped", True, problems),
    )


def switch(where: str, table: Mapping[str, Any], key: str, usual: bool, problems: list[str]) -> bool:
    """A key that is true or false."""
    value = table.get(key, usual)
    if isinstance(value, bool):
        return value
    problems.append(f"{where}.{key}: write true or false, not {_shown(value)}")
    return usual


def _patterns(where: str, value: Any, problems: list[str]) -> tuple[str, ...]:
    if isinstance(value, (list, tuple)) and len(value) <= PATTERNS_MAX and all(map(_is_pattern, value)):
        return tuple(value)
    problems.append(f'{where}.ignore: write a list of at most {PATTERNS_MAX} names, as in ["cron-*"]')
    return ()


def _channels(where: str, value: Any, problems: list[str]) -> dict[str, str]:
    if isinstance(value, Mapping) and len(value) <= PATTERNS_MAX and all(map(_is_pattern, (*value, *value.values()))):
        return dict(value)
    problems.append(f'{where}.channels: write at most {PATTERNS_MAX} lines like "billing-*" = "billing"')
    return {}


def _is_pattern(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= PATTERN_LENGTH_MAX


def _shown(value: Any) -> str:
    text = scrub(repr(value))  # a secret may have been given in the wrong place
    return text if len(text) <= _SHOWN_MAX else f"{text[:_SHOWN_MAX]}…"
