"""Reading what a program expects: names and durations become declarations, or a ConfigError with the remedy."""

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from bongsu import client
from bongsu.client.outcomes import declarations
from bongsu.client.telling import tell
from bongsu.errors import ConfigError
from bongsu.outcomes import durations, heartbeats
from bongsu.outcomes.expectations import PER_LEAST_S, PER_MOST_S, Expectation
from bongsu.outcomes.heartbeats import Heartbeat
from bongsu.scrubbing import scrub

AT_LEAST_MAX = 1_000_000_000

T = TypeVar("T")


def declare_expectation(
    name: object, at_least: object, per: object, between: object, days: object, source: str
) -> None:
    """Expect it. Raises ConfigError with every problem found."""
    problems: list[str] = []
    told = _read("expect: name", lambda: durations.name(name), "", problems)
    per_s = _read(
        "expect: per", lambda: durations.duration_s(per, least_s=PER_LEAST_S, most_s=PER_MOST_S), 0.0, problems
    )
    hours = _read("expect: between", lambda: durations.hours(between, None), durations.Hours(), problems)
    on_days = _read("expect: days", lambda: durations.hours(None, days), durations.Hours(), problems)
    if type(at_least) is not int or not 1 <= at_least <= AT_LEAST_MAX:
        problems.append(f"expect: at_least must be a whole number from 1 to {AT_LEAST_MAX:,}")
        at_least = 1
    if not problems and per_s > hours.length_s:
        problems.append("expect: per is longer than the hours of between, so nothing could ever be told; shorten it")
    if problems:
        raise ConfigError(problems)
    _declare(
        Expectation(
            name=scrub(told, limit=durations.NAME_LENGTH_MAX),
            at_least=at_least,
            per_s=per_s,
            hours=replace(hours, days=on_days.days),
            source=source,
            declared_at=0.0,
            observed_since=0.0,
            looked_at=0.0,
        )
    )


def declare_heartbeat(name: object, every: object, grace: object, at_most: object, source: str) -> str:
    """Await it, if it says anything of itself; its name as it is kept. Raises ConfigError with every problem found."""
    problems: list[str] = []
    told = scrub(_read("heartbeat: name", lambda: durations.name(name), "", problems), limit=durations.NAME_LENGTH_MAX)
    every_s = _span("every", every, heartbeats.EVERY_LEAST_S, heartbeats.EVERY_MOST_S, problems)
    grace_s = _span("grace", grace, heartbeats.GRACE_LEAST_S, heartbeats.GRACE_MOST_S, problems)
    at_most_s = _span("at_most", at_most, heartbeats.AT_MOST_LEAST_S, heartbeats.AT_MOST_MOST_S, problems)
    if grace is not None and every is None:
        problems.append("heartbeat: grace needs every: write how often it beats, such as every='1d'")
    if problems:
        raise ConfigError(problems)
    if every_s is not None or at_most_s is not None:
        _declare(
            Heartbeat(
                name=told,
                every_s=every_s,
                grace_s=heartbeats.usual_grace_s(every_s) if grace_s is None and every_s else grace_s or 0.0,
                at_most_s=at_most_s or grace_s or every_s,
                source=source,
                declared_at=0.0,
                since=0.0,
            )
        )
    return told


def _span(key: str, text: object, least_s: int, most_s: int, problems: list[str]) -> float | None:
    if text is None:
        return None
    return _read(
        f"heartbeat: {key}", lambda: durations.duration_s(text, least_s=least_s, most_s=most_s), None, problems
    )


def _read(what: str, read: Callable[[], T], otherwise: T, problems: list[str]) -> T:
    try:
        return read()
    except ValueError as error:
        problems.append(f"{what}: {error}")
        return otherwise


def _declare(what: declarations.Declared) -> None:
    known = declarations.declare(what)
    if known is None:
        tell("declared", f"{what.name!r} is not watched: the program has {declarations.DECLARED_MAX} others already.")
    elif active := client.active():
        active.outcomes.declare(known)
