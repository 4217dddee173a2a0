"""From Docker's events to reports."""

from collections.abc import Iterable
from typing import Any

import pytest

from bongsu.event import Ending, Why
from bongsu.watchers.docker.reading import Container, Event
from bongsu.watchers.docker.turns import CONTAINERS_MAX, HOLD_S, OTHER_SIGNAL_TAKES_S, START_LATE_S, STOP_TAKES_S, Turns
from bongsu.watchers.report import Report, Turn

Step = tuple[float, str] | tuple[float, str, dict[str, Any]]


def event(at: float, action: str, **facts: Any) -> Event:
    return Event(action=action, at=at, serial=int(at * 1e9), **{"id": "4f2c", "name": "web"} | facts)


def played(turns: Turns, *steps: Step) -> list[Report]:
    """The reports of events, each at its time, and of the silence after them."""
    told: list[Report] = []
    for at, action, *facts in steps:
        told += turns.due(at)
        told += turns.take(event(at, action, **(facts[0] if facts else {})), at)
    return [*told, *turns.due(steps[-1][0] + 2 * HOLD_S)]


def shape(reports: Iterable[Report]) -> list[tuple[Turn, Any, Any, bool]]:
    return [(each.turn, each.process.ending, each.process.by_operator, each.is_announced) for each in reports]


RESTARTED: list[Step] = [(9.3, "start"), (9.31, "restart")]
WELL, SICK = ("health_status", {"health": "healthy"}), ("health_status", {"health": "unhealthy"})
KILL_15, KILL_9 = {"signal": 15}, {"signal": 9}
STARTED = (Turn.STARTED, None, False, True)
AGAIN = (Turn.STARTED, None, False, False)


def ended(ending: Ending, *, by_operator: bool = False) -> tuple[Turn, Any, Any, bool]:
    return (Turn.ENDED, ending, by_operator, by_operator)


STORIES: dict[str, tuple[list[Step], list[tuple[Turn, Any, Any, bool]]]] = {
    "a crash and Docker's restart": (
        [(1.0, "start"), (9.0, "die", {"code": 1}), (9.1, "start")],
        [STARTED, ended(Ending(code=1)), AGAIN],
    ),
    "a clean end": ([(1.0, "start"), (9.0, "die", {"code": 0})], [STARTED, ended(Ending(code=0))]),
    "docker stop": (
        [(1.0, "start"), (9.0, "kill", KILL_15), (9.1, "die", {"code": 143}), (9.11, "stop")],
        [STARTED, ended(Ending(signal="SIGTERM"), by_operator=True)],
    ),
    "docker stop of one that does not listen": (
        [(1.0, "start"), (9.0, "kill", KILL_15), (19.0, "kill", KILL_9), (19.1, "die", {"code": 137}), (19.1, "stop")],
        [STARTED, ended(Ending(signal="SIGKILL"), by_operator=True)],
    ),
    "docker stop with a signal of the image's own": (
        [(1.0, "start"), (9.0, "kill", {"signal": 28}), (9.1, "die", {"code": 0}), (9.11, "stop")],
        [STARTED, ended(Ending(code=0), by_operator=True)],
    ),
    "docker restart": (
        [(1.0, "start"), (9.0, "kill", KILL_15), (9.1, "die", {"code": 0}), (9.1, "stop"), *RESTARTED],
        [STARTED, ended(Ending(code=0), by_operator=True), STARTED],
    ),
    "docker kill": (
        [(1.0, "start"), (9.0, "kill", KILL_9), (9.1, "die", {"code": 137})],
        [STARTED, ended(Ending(signal="SIGKILL"), by_operator=True)],
    ),
    "killed from outside": (
        [(1.0, "start"), (9.0, "die", {"code": 137})],
        [STARTED, ended(Ending(signal="SIGKILL"))],
    ),
    "out of memory": (
        [(1.0, "start"), (9.0, "oom"), (9.01, "die", {"code": 137})],
        [STARTED, ended(Ending(signal="SIGKILL", why=Why.OUT_OF_MEMORY))],
    ),
    "out of memory, told in the other order": (
        [(1.0, "start"), (9.0, "die", {"code": 137}), (9.01, "oom")],
        [STARTED, ended(Ending(signal="SIGKILL", why=Why.OUT_OF_MEMORY))],
    ),
    "out of memory in a child, and an end of its own": (
        [(1.0, "start"), (9.0, "oom"), (20.0, "die", {"code": 1})],
        [STARTED, ended(Ending(code=1))],
    ),
    "out of memory once, and another end later": (
        [(1.0, "start"), (9.0, "oom"), (9.0, "die", {"code": 137}), (9.1, "start"), (50.0, "die", {"code": 137})],
        [
            STARTED,
            ended(Ending(signal="SIGKILL", why=Why.OUT_OF_MEMORY)),
            AGAIN,
            ended(Ending(signal="SIGKILL")),
        ],
    ),
    "a signal that ends nothing, and a crash much later": (
        [(1.0, "start"), (9.0, "kill", {"signal": 1}), (9.0 + OTHER_SIGNAL_TAKES_S + 1, "die", {"code": 1})],
        [STARTED, ended(Ending(code=1))],
    ),
    "SIGTERM that was not heard, and a crash much later": (
        [(1.0, "start"), (9.0, "kill", KILL_15), (9.0 + STOP_TAKES_S + 1, "die", {"code": 1})],
        [STARTED, ended(Ending(code=1))],
    ),
    "a segfault": (
        [(1.0, "start"), (9.0, "die", {"code": 139})],
        [STARTED, ended(Ending(signal="SIGSEGV"))],
    ),
    "a code that is no signal": ([(1.0, "start"), (9.0, "die", {"code": 255})], [STARTED, ended(Ending(code=255))]),
    "an end without a code": ([(1.0, "start"), (9.0, "die")], [STARTED, ended(Ending())]),
    "sick and well": (
        [(1.0, "start"), (5.0, *WELL), (9.0, *SICK), (10.0, *SICK), (20.0, *WELL)],
        [STARTED, (Turn.HUNG, None, False, False), (Turn.HEALTHY, None, False, False)],
    ),
    "removed": (
        [(1.0, "start"), (9.0, "die", {"code": 0}), (9.1, "destroy")],
        [STARTED, ended(Ending(code=0)), (Turn.DELETED, None, True, False)],
    ),
    "paused, and of other kinds": ([(1.0, "start"), (2.0, "pause"), (3.0, "exec_die")], [STARTED]),
    "one that ran before we looked": ([(9.0, "die", {"code": 1})], [ended(Ending(code=1))]),
    "created, and never started": ([(1.0, "create"), (1.1, "attach"), (9.0, "destroy")], []),
    "an end told twice": ([(9.0, "die", {"code": 1}), (9.6, "die", {"code": 1})], [ended(Ending(code=1))]),
}


@pytest.mark.parametrize(("steps", "wanted"), STORIES.values(), ids=STORIES.keys())
def test_what_docker_says_becomes_reports(steps: list[Step], wanted: list[tuple[Turn, Any, Any, bool]]) -> None:
    assert shape(played(Turns(), *steps)) == wanted


def test_an_end_waits_a_moment_for_what_belongs_to_it() -> None:
    turns = Turns()
    list(turns.take(event(9.0, "die", code=137), 9.0))
    assert turns.due_at() == 9.0 + HOLD_S
    assert list(turns.due(9.0 + HOLD_S / 2)) == []
    [report] = turns.due(9.0 + HOLD_S)
    assert report.at == 9.0
    assert turns.due_at() is None


def test_a_clock_that_was_set_back_holds_no_end_for_long() -> None:
    turns = Turns()
    list(turns.take(event(9_000.0, "die", code=1), 9_000.0))
    assert len(list(turns.due(9.0))) == 1


def test_uptime_runs_from_the_start() -> None:
    reports = played(Turns(), (1.0, "start"), (9.0, "die", {"code": 1}))
    assert reports[-1].process.uptime_s == 8.0


def test_the_output_of_a_run_begins_a_little_before_its_start_and_after_the_last_end() -> None:
    turns = Turns()
    played(turns, (10.0, "start"))
    assert turns.logs_since("4f2c") == 10.0 - START_LATE_S
    played(turns, (20.0, "die", {"code": 1}), (20.1, "start"))
    assert turns.logs_since("4f2c") == 20.0
    assert turns.logs_since("unheard of") == 0.0


def test_containers_of_one_service_are_told_apart() -> None:
    turns = Turns()
    played(turns, (1.0, "start", {"id": "a"}), (1.0, "start", {"id": "b"}))
    [report] = played(turns, (9.0, "die", {"id": "b", "code": 1}))
    assert (report.process.name, report.instance) == ("web", "b")


# -- without events


def container(*, is_running: bool = True, is_unhealthy: bool = False, code: int | None = None) -> Container:
    return Container(id="4f2c", name="web", is_running=is_running, is_unhealthy=is_unhealthy, code=code)


FIRST = {
    "running": ([container()], [Turn.STARTED]),
    "sick": ([container(is_unhealthy=True)], [Turn.STARTED, Turn.HUNG]),
    "ended before": ([container(is_running=False, code=1)], []),
    "none": ([], []),
}


@pytest.mark.parametrize(("found", "told"), FIRST.values(), ids=FIRST.keys())
def test_how_it_stands_when_watching_begins(found: list[Container], told: list[Turn]) -> None:
    reports = list(Turns().begin(found, 5.0))
    assert [each.turn for each in reports] == [Turn.BACK, *told]
    assert not any(each.is_announced for each in reports)


MISSED = {
    "nothing": ([container()], []),
    "an end": ([container(is_running=False, code=137)], [Turn.ENDED]),
    "its removal": ([], [Turn.DELETED]),
    "a new one": (
        [container(), Container(id="b", name="b", is_running=True, is_unhealthy=False, code=None)],
        [Turn.STARTED],
    ),
}


@pytest.mark.parametrize(("found", "told"), MISSED.values(), ids=MISSED.keys())
def test_what_happened_while_the_daemon_was_gone_is_told(found: list[Container], told: list[Turn]) -> None:
    turns = Turns()
    list(turns.begin([container()], 5.0))
    assert [each.turn for each in turns.lose(10.0)] == [Turn.LOST]
    assert list(turns.lose(11.0)) == []
    reports = list(turns.begin(found, 20.0))
    assert [each.turn for each in reports] == [Turn.BACK, *told]
    if told == [Turn.ENDED]:
        assert (reports[1].process.ending, reports[1].process.by_operator) == (Ending(signal="SIGKILL"), None)


def test_an_end_that_was_missed_is_not_told_again_when_its_event_comes_late() -> None:
    turns = Turns()
    list(turns.begin([container()], 5.0))
    list(turns.begin([container(is_running=False, code=1)], 20.0))
    assert played(turns, (10.0, "die", {"code": 1})) == []


def test_the_number_of_containers_has_a_limit() -> None:
    turns = Turns()
    for number in range(CONTAINERS_MAX + 10):
        list(turns.take(event(1.0, "die", id=str(number), code=0), 1.0))
    assert len(turns._known) == CONTAINERS_MAX
