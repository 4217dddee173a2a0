"""What to do about one more event, with 1 000 routes and 10 000 known problems.

`python -m bench.deciding` prints the figures; BONGSU_STATE_DIR names a folder for the store.
"""

import itertools
import json
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from fnmatch import fnmatchcase
from statistics import median
from typing import Any

from bench import harness
from bench.adapters import Sentry
from bench.table import Row, seconds, times
from bongsu import pipeline
from bongsu.alerting.group import Group, Occurrence
from bongsu.alerting.storm import Storm
from bongsu.client.intake.session import Session
from bongsu.event import CapturedException, Event, Frame, Kind, Level
from bongsu.pipeline import Policy, Standing
from bongsu.routing import ALARM, DEVOPS, Ability
from bongsu.routing.router import Router
from bongsu.routing.rules import Rule, values
from bongsu.store import SqliteStore

ROUTES, GROUPS = 1_000, 10_000
DECISION_MAX_S = 0.000_050
ROUNDS = 20  # of a child; all are measured in turns, so that a busy machine hits all alike
CALLS = 100  # in a round, of each
WARM_UP_ROUNDS = 3
NOW = 1_700_000_000.0

Decide = Callable[[Occurrence], object]


def deciding(rounds: int) -> Iterator[Row]:
    """The decision alone, and with its share of a transaction that reads and writes a hundred problems."""
    figures = harness.in_module("bench.deciding", rounds)
    yield Row(
        what="a decision: 1 000 routes, 10 000 problems, without the store",
        ratio=times(figures["bongsu"], figures["loop"]),
        ours=f"p50 {seconds(figures['bongsu'])}",
        peer=f"a loop over the same routes p50 {seconds(figures['loop'])},"
        f" sentry-sdk's own over 1 000 `ignore_errors` p50 {seconds(figures['sentry-sdk'])}",
        must="≤ 50 µs",
        met=figures["bongsu"] <= DECISION_MAX_S,
    )
    yield Row(
        what="the same, the problem read from SQLite and written back, 100 in a transaction",
        ratio=times(figures["bongsu, stored"], figures["loop"]),
        ours=f"p50 {seconds(figures['bongsu, stored'])}",
    )


def _routes() -> list[Rule]:
    """As people write them: by module, by tag, by level and app; the event meets the last one."""
    written: list[Mapping[str, tuple[str, ...]]] = []
    for number in range(ROUTES):
        match number % 3:
            case 0:
                written.append({"exception": (f"shop.service{number}.*",), "level": ("error", "fatal")})
            case 1:
                written.append({"tag.team": (f"team{number}",)})
            case 2:
                written.append({"app": (f"service{number}*",), "environment": ("prod*",)})
    last = {"exception": ("checkin.*",), "tag.team": ("login",)}
    return [Rule(to=(DEVOPS,), when=when) for when in written[:-1]] + [Rule(to=(ALARM,), when=last)]


def _event(number: int) -> Event:
    frames = tuple(
        Frame(function=f"step{depth}", module="checkin.app", path="checkin/app.py", line=depth, in_app=True)
        for depth in range(12)
    )
    error = CapturedException(type=f"Error{number}", module="checkin.app", message="it is broken", frames=frames)
    return Event(
        id=f"{number:032x}",
        at=NOW,
        kind=Kind.EXCEPTION,
        level=Level.ERROR,
        message="it is broken",
        app="checkin",
        environment="production",
        host="web-1",
        exceptions=(error,),
        request_id=f"req-{number}",
        tags={"team": "login", "status": "500"},
    )


class Pure:
    """What the pipeline decides, with all problems at hand."""

    def __init__(self, policy: Policy, occurrences: Iterable[Occurrence]) -> None:
        self._policy = policy
        self._storms = {ALARM: Storm()}
        self.groups: dict[str, Group] = {}
        for each in occurrences:
            self(each)

    def __call__(self, occurrence: Occurrence) -> None:
        known = self.groups.get(occurrence.fingerprint)
        channels = pipeline.concerned(known, occurrence.event, NOW, self._policy)
        standing = Standing(known, {channel: self._storms[channel] for channel in channels})
        after, _ = pipeline.handle(standing, occurrence, NOW, self._policy)
        assert after.group is not None, "an occurrence has a problem"
        self.groups[after.group.fingerprint] = after.group


class Stored:
    """The same in a store on disk."""

    def __init__(self, policy: Policy, path: str, groups: Iterable[Group]) -> None:
        self._policy = policy
        self._store = SqliteStore(path)
        with self._store.transaction() as book:
            for group in groups:
                book.save_group(group, NOW + 60)

    def share(self, occurrences: list[Occurrence]) -> float:
        """Seconds for each of them, taken in within one transaction."""
        began = time.perf_counter()
        with self._store.transaction() as book:
            session = Session(book, NOW, self._policy)
            for each in occurrences:
                session.occur(each)
            session.save({ALARM: "a", DEVOPS: "d"})
        return (time.perf_counter() - began) / len(occurrences)


def _loop(routes: list[Rule], occurrence: Occurrence) -> Rule | None:
    """What a `before_send` of one's own would do."""
    assert occurrence.event is not None, "each has its event"
    seen = values(occurrence.event)
    return next((each for each in routes if _meets(seen, each.when)), None)


def _meets(seen: Mapping[str, tuple[str, ...]], when: Mapping[str, tuple[str, ...]]) -> bool:
    return all(
        any(fnmatchcase(text, pattern) for pattern in patterns for text in seen.get(name, ()))
        for name, patterns in when.items()
    )


def _sentry_clients() -> tuple[Any, Any]:
    """One that looks through 1 000 names, and one that has none to look through."""
    import sentry_sdk

    Sentry().start("")
    options = sentry_sdk.get_client().options
    kept = {name: options[name] for name in ("dsn", "transport", "include_local_variables", "include_source_context")}
    names = [f"shop.errors.Error{number}" for number in range(ROUTES)]
    return tuple(  # type: ignore[return-value]
        sentry_sdk.Client(**kept, default_integrations=False, ignore_errors=ignored) for ignored in (names, [])
    )


def _sentry_s(client: Any) -> float:
    try:
        raise ValueError("it is broken")
    except ValueError as error:
        hint = {"exc_info": (type(error), error, None)}
    began = time.perf_counter()
    client.capture_event({"level": "error", "message": "it is broken"}, hint)
    return time.perf_counter() - began


def _timed(decide: Decide, occurrence: Occurrence) -> float:
    began = time.perf_counter()
    decide(occurrence)
    return time.perf_counter() - began


def _measured(folder: str) -> dict[str, float]:
    """Medians, in seconds."""
    routes = _routes()
    policy = Policy(channels={ALARM: Ability.POSTS, DEVOPS: Ability.POSTS}, router=Router(routes))
    events = (_event(number) for number in range(GROUPS))
    occurrences = [Occurrence(fingerprint=pipeline.fingerprint(each), at=NOW, event=each) for each in events]
    pure = Pure(policy, occurrences)
    stored = Stored(policy, os.path.join(folder, "bench.db"), pure.groups.values())
    many, none = _sentry_clients()
    took: dict[str, list[float]] = {name: [] for name in ("bongsu", "bongsu, stored", "loop", "many", "none")}
    turn = itertools.cycle(occurrences)
    for number in range(WARM_UP_ROUNDS + ROUNDS):
        some = [replace(next(turn), request_ids=(f"r{number}",)) for _ in range(CALLS)]
        found = {
            "bongsu": [_timed(pure, each) for each in some],
            "bongsu, stored": [stored.share(some)],
            "loop": [_timed(lambda each: _loop(routes, each), each) for each in some],
            "many": [_sentry_s(many) for _ in some],
            "none": [_sentry_s(none) for _ in some],
        }
        if number >= WARM_UP_ROUNDS:
            for name, each in found.items():
                took[name] += each
    figures = {name: median(each) for name, each in took.items()}
    return figures | {"sentry-sdk": figures["many"] - figures["none"]}


def main() -> None:
    """Measure and print."""
    print(json.dumps(_measured(os.environ["BONGSU_STATE_DIR"])))


if __name__ == "__main__":
    main()
