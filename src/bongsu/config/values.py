"""One value each: what may be written, and the problem with its remedy where something else is. Nothing raises."""

import contextlib
import os
import re
from collections.abc import Collection, Iterable, Mapping
from itertools import islice
from typing import Any

from bongsu.config.words import NAME_LENGTH_MAX, UNKNOWN_MAX, nearest, scrubbed, short
from bongsu.outcomes import durations

REFERENCE = "env:"

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,199}")
_TRUE, _FALSE = frozenset({"1", "true", "yes", "on"}), frozenset({"0", "false", "no", "off", ""})


def name(key: str, value: Any, problems: list[str]) -> str:
    if isinstance(value, str) and 0 < len(value) <= NAME_LENGTH_MAX and value.isprintable():
        return value
    problems.append(f"{key}: must be a text of 1 to {NAME_LENGTH_MAX} printable characters, not {short(value)}")
    return ""


def optional_text(key: str, value: Any, problems: list[str]) -> str | None:
    if value is None or isinstance(value, str):
        return value
    problem = f"{key}: must be a text, not {type(value).__name__}"  # never the value: it may be the token
    if problem not in problems:
        problems.append(problem)
    return None


def one_of(key: str, value: Any, choices: Iterable[str], problems: list[str]) -> str:
    text = value.lower() if isinstance(value, str) else ""
    if text in choices:
        return text
    problems.append(f"{key}: {short(value)} is not known; choose one of {', '.join(choices)}")
    return ""


def switch(key: str, value: Any, problems: list[str]) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in _TRUE | _FALSE:
        return value.lower() in _TRUE
    problems.append(f"{key}: {short(value)} is neither yes nor no; write true or false")
    return False


def number(key: str, value: Any, least: float, most: float, problems: list[str]) -> float:
    """A number; a whole one where the bounds are whole."""
    wanted = type(least)
    if type(value) in (int, float, str):
        with contextlib.suppress(ValueError, OverflowError):
            found = wanted(value)
            if least <= found <= most and (isinstance(value, str) or found == value):
                return found
    problems.append(f"{key}: must be a number from {least:g} to {most:.9g}, not {short(value)}")
    return least


def duration_s(key: str, value: Any, least_s: int, most_s: int, problems: list[str]) -> float:
    """Seconds of a text such as `30m`."""
    if value is None:
        problems.append(f"{key}: is missing; write a duration such as 15m")
        return least_s
    try:
        return durations.duration_s(value, least_s=least_s, most_s=most_s)
    except ValueError as error:
        problems.append(f"{key}: {scrubbed(str(error))}")
        return least_s


def path(key: str, value: Any, cwd: str, problems: list[str]) -> str:
    """From the working directory on, if it begins nowhere else."""
    if isinstance(value, (str, os.PathLike)) and "\0" not in os.fspath(value):
        return os.path.abspath(os.path.join(cwd, os.path.expanduser(os.fspath(value))))
    problems.append(f"{key}: must be the path of a directory, not {short(value)}")
    return ""


def zone(key: str, value: Any, problems: list[str]) -> str | None:
    """A time zone's name; None, the machine's, if none is given."""
    if value is None:
        return None
    if not isinstance(value, str) or len(value) > NAME_LENGTH_MAX:
        problems.append(f"{key}: must be the name of a time zone, such as Asia/Seoul, not {short(value)}")
        return None
    import zoneinfo

    with contextlib.suppress(zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return zoneinfo.ZoneInfo(value).key
    problems.append(
        f"{key}: there is no time zone {short(value)}{_nearest_zone(value, zoneinfo.available_timezones())}"
    )
    return None


def _nearest_zone(value: str, zones: Collection[str]) -> str:
    if not zones:
        return "; this machine knows none at all: pip install tzdata, or leave the setting away"
    told = nearest(value, zones)
    return told if "did you mean" in told else "; write one such as Asia/Seoul, or leave it away for the machine's"


def keys_of(where: str, value: Any, known: Collection[str], problems: list[str]) -> Mapping[str, Any]:
    """A table with known keys only."""
    if not isinstance(value, Mapping):
        problems.append(f"{where}: must be a table; write [{where}], and below it {next(iter(known))} = …")
        return {}
    unknown = islice((key for key in value if key not in known), UNKNOWN_MAX)
    problems.extend(f"{where}: unknown key {short(key)}{nearest(key, known)}" for key in unknown)
    return {key: each for key, each in value.items() if key in known}


def looked_up(key: str, given: str, environ: Mapping[str, str], problems: list[str]) -> str | None:
    """The text, where `env:NAME` stands for what the variable holds; None if there is none."""
    if not given.startswith(REFERENCE):
        return given
    variable = given.removeprefix(REFERENCE).strip()
    if not _VARIABLE.fullmatch(variable):
        problems.append(f"{key}: behind env: stands no name of a variable; write one such as env:SLACK_ALARM")
    elif not environ.get(variable):
        problems.append(f"{key}: the variable {variable} is not set; export it, or write the address itself")
    else:
        return environ[variable]
    return None
