"""What people write of quiet hours and escalations."""

import os
import time as clock
from collections.abc import Iterator
from datetime import UTC, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bongsu.config import attention
from bongsu.config.zones import MachineZone
from bongsu.event import Level
from bongsu.routing.escalation import Escalation
from bongsu.routing.quiet_hours import QuietHours


def test_quiet_hours_are_two_times_and_a_level() -> None:
    problems: list[str] = []
    given = {"from": "22:00", "to": time(8), "push": "error"}
    found = attention.quiet_hours(given, "Asia/Seoul", problems)
    assert problems == []
    assert found == QuietHours(begin=time(22), end=time(8), zone=ZoneInfo("Asia/Seoul"), push=Level.ERROR)


def test_without_the_table_there_are_none() -> None:
    assert attention.quiet_hours({}, None, []) is None


WRONG_HOURS: list[tuple[Any, str]] = [
    ("22:00-08:00", "quiet_hours: "),
    ({"from": "22:00"}, "quiet_hours.to: is missing; write a time of the day"),
    ({"from": "22", "to": "08:00"}, "quiet_hours.from: write a time of the day"),
    ({"from": "25:00", "to": "08:00"}, "quiet_hours.from: write a time of the day"),
    ({"from": 22, "to": "08:00"}, "quiet_hours.from: write a time of the day"),
    ({"from": "22:00", "to": "22:00"}, "quiet_hours: from and to are the same time"),
    ({"from": "22:00", "to": "08:00", "push": "fatl"}, "quiet_hours.push: 'fatl' is not known"),
    ({"from": "22:00", "to": "08:00", "pusch": "fatal"}, "quiet_hours: unknown key 'pusch'"),
]


@pytest.mark.parametrize(("given", "problem"), WRONG_HOURS, ids=[problem for _, problem in WRONG_HOURS])
def test_a_mistake_in_quiet_hours_is_named(given: Any, problem: str) -> None:
    problems: list[str] = []
    assert attention.quiet_hours(given, None, problems) is None or problems
    assert [each for each in problems if each.startswith(problem)], problems


def test_escalations_are_spans_channels_and_conditions() -> None:
    problems: list[str] = []
    given = [{"after": "15m", "to": "lead"}, {"after": "1h", "to": ["lead", "boss"], "when": {"level": "fatal"}}]
    found = attention.escalations(given, {"lead", "boss"}, problems)
    assert problems == []
    assert found == (
        Escalation(after_s=900, to=("lead",)),
        Escalation(after_s=3_600, to=("lead", "boss"), when={"level": ("fatal",)}),
    )


WRONG_STEPS: list[tuple[Any, str]] = [
    ("15m", "escalate: write tables"),
    ([{"after": "15m"}], "escalate 1: to must name a channel"),
    ([{"to": "lead"}], "escalate 1: after: is missing"),
    ([{"after": "5s", "to": "lead"}], "escalate 1: after: '5s' must be from 1m"),
    ([{"after": "15m", "to": "laed"}], "escalate 1: there is no channel 'laed'; did you mean lead?"),
    ([{"after": "15m", "to": "lead", "whn": {}}], "escalate 1: unknown key 'whn'"),
    ([{"after": "15m", "to": "lead", "when": {"level": "x"}}], "escalate 1: level: 'x' is not known"),
    ([{"after": "15m", "to": "lead"}] * 21, "escalate: more than 20 steps"),
]


@pytest.mark.parametrize(("given", "problem"), WRONG_STEPS, ids=[problem for _, problem in WRONG_STEPS])
def test_a_mistake_in_escalations_is_named(given: Any, problem: str) -> None:
    problems: list[str] = []
    attention.escalations(given, {"lead", "boss"}, problems)
    assert [each for each in problems if each.startswith(problem)], problems


@pytest.fixture
def machine_in_new_york() -> Iterator[None]:
    before = os.environ.get("TZ")
    os.environ["TZ"] = "America/New_York"
    clock.tzset()
    yield
    os.environ.pop("TZ")
    if before is not None:
        os.environ["TZ"] = before
    clock.tzset()


@pytest.mark.usefixtures("machine_in_new_york")
@pytest.mark.parametrize("at", ["2021-03-13 22:00", "2021-11-06 22:00", "2021-07-01 22:00"])
def test_the_machines_own_zone_knows_its_summer_time(at: str) -> None:
    here, there = (
        QuietHours(begin=time(22), end=time(8), zone=zone) for zone in (MachineZone(), ZoneInfo(os.environ["TZ"]))
    )
    now = datetime.fromisoformat(at).replace(tzinfo=ZoneInfo(os.environ["TZ"])).timestamp()
    assert here.till(now) == there.till(now)
    assert here.till(now) is not None
    assert datetime.fromtimestamp(now, UTC).astimezone(MachineZone()).hour == 22
