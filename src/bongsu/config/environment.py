"""BONGSU_… variables as values of settings; one that is unknown is a problem, so that a misspelling is noticed."""

from collections.abc import Collection, Mapping
from typing import Any

from bongsu.config.words import nearest
from bongsu.routing import ALARM, DEV_TEST, DEVOPS

CHANNELS = (ALARM, DEVOPS, DEV_TEST)


def variable(key: str) -> str:
    """The variable of a setting."""
    return "BONGSU_SLACK_TOKEN" if key == "token" else f"BONGSU_{key.upper()}"


def channel_variable(channel: str) -> str:
    """The variable of one channel's destination."""
    return f"BONGSU_TO_{channel.upper().replace('-', '_')}"


def read(keys: Collection[str], environ: Mapping[str, str], problems: list[str]) -> dict[str, Any]:
    """The values of the settings that variables give; an empty one gives none."""
    names = {variable(key): key for key in keys}
    known = {*names, "BONGSU_CONFIG"}
    per_channel = {channel_variable(channel): channel for channel in CHANNELS}
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
