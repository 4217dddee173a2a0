"""`[run.…]` and `[watch.…]` of bongsu.toml, which only our commands read: what these would say of them."""

from collections.abc import Collection, Iterator, Mapping
from itertools import islice
from typing import Any

from bongsu.config.words import NAME_LENGTH_MAX, UNKNOWN_MAX, nearest, no_channel, scrubbed

PM2 = "pm2"
WATCHED = (PM2, "supervisor", "systemd", "docker")
"""The tables in `watch`."""


def unknown_tables(watch: Mapping[str, Any]) -> list[str]:
    """A table that no command reads."""
    unknown = islice((name for name in watch if name not in WATCHED), UNKNOWN_MAX)
    return [
        f"watch.{scrubbed(name[:NAME_LENGTH_MAX])}: nothing reads this table{nearest(name, WATCHED)}"
        for name in unknown
    ]


def unknown_channels(watch: Mapping[str, Any], known: Collection[str]) -> list[str]:
    """A service is sent to a channel that there is not."""
    return [
        f"watch.{name}.channels: {no_channel(channel, known)}"
        for name, channel in islice((each for each in _channels(watch) if each[1] not in known), UNKNOWN_MAX)
    ]


def _channels(watch: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, table in watch.items():
        channels = table.get("channels")
        if isinstance(channels, Mapping):
            yield from ((name, channel) for channel in channels.values() if isinstance(channel, str))


def problems(values: Mapping[str, Any]) -> list[str]:
    """What is wrong inside of these tables. Loads the watchers, so a program that starts does not ask."""
    from bongsu.watchers import tables
    from bongsu.watchers.pm2 import settings as pm2
    from bongsu.watchers.run import settings as run

    found: list[str] = []
    run.read(_tables(values.get("run")), found)
    for name, table in _tables(values.get("watch")).items():
        pm2.read(table, found) if name == PM2 else tables.read(name, table, found)
    return [scrubbed(each) for each in found]


def _tables(given: Any) -> dict[str, Mapping[str, Any]]:
    """Those that are tables; of all else the settings speak."""
    return {key: each for key, each in given.items() if isinstance(each, Mapping)} if isinstance(given, Mapping) else {}
