"""A decision is a function of its history and nothing else: no order of a dict, no zone of the machine, no second look.

And whatever the configuration, what happens is told somewhere.
"""

import os
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import replace
from datetime import time
from functools import partial
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from retold import SEEDS, history
from strategies import events
from timelines import SCHEDULE, Desk, event

from bongsu import pipeline
from bongsu.alerting import storm as storms
from bongsu.alerting.group import Telling
from bongsu.event import Event, Kind, Level
from bongsu.messages.delivery import Verb
from bongsu.pipeline import Policy
from bongsu.routing import ALARM, DEV_TEST, DEVOPS, Ability
from bongsu.routing.quiet_hours import QuietHours
from bongsu.routing.router import Router
from bongsu.routing.rules import Rule

PROGRAM = Path(__file__).with_name("retold.py")
ZONES = ["UTC", "Asia/Seoul", "America/New_York", "Pacific/Kiritimati"]


@pytest.fixture(scope="module")
def expected() -> str:
    return "".join(f"{line}\n" for seed in SEEDS for line in history(seed, Random(0)))


@pytest.mark.parametrize(("number", "zone"), list(enumerate(ZONES)), ids=ZONES)
def test_no_order_of_a_dict_and_no_zone_of_the_machine_changes_a_decision(
    expected: str, number: int, zone: str
) -> None:
    command = [sys.executable, str(PROGRAM), str(number)]
    environ = {**os.environ, "TZ": zone, "PYTHONHASHSEED": str(number), "PYTHONIOENCODING": "utf-8"}
    told = subprocess.run(command, env=environ, capture_output=True, encoding="utf-8", check=True)
    assert told.stdout == expected


@pytest.mark.parametrize("seed", SEEDS)
def test_the_same_history_again_gives_the_same_messages(seed: int) -> None:
    assert history(seed, Random(1)) == history(seed, Random(2))


DECIDED = [
    *(f'"reason": "{reason}"' for reason in ("first_seen", "came_back", "growing", "quiet", "digest", "updated")),
    *(f'"reason": "{reason}"' for reason in ("escalated", "silence_ended")),
    *(f'"kind": "{kind}"' for kind in ("upstream", "host")),
    '"state": "silenced"',
    '"login", "post"',
    '"sentry", "forward"',
]


@pytest.mark.parametrize("word", DECIDED)
def test_the_histories_have_all_that_decides(expected: str, word: str) -> None:
    assert word in expected


# -- told somewhere

NAMES = [ALARM, DEVOPS, DEV_TEST, "login", "sentry"]
WHENS = st.dictionaries(
    st.sampled_from(["app", "environment", "level", "kind", "tag.x", "exception"]),
    st.lists(st.sampled_from(["*", "a*", "error", "fatal", "exception", "production"]), min_size=1).map(tuple),
    max_size=2,
)
RULES = st.builds(
    Rule,
    to=st.lists(st.sampled_from([*NAMES, "nowhere"]), min_size=1, max_size=3).map(tuple),
    when=WHENS,
    goes_on=st.booleans(),
)
POLICIES = st.builds(
    Policy,
    channels=st.dictionaries(st.sampled_from(NAMES), st.sampled_from(Ability), min_size=1),
    destinations=st.dictionaries(st.sampled_from(NAMES), st.sampled_from("xyz")),
    router=st.lists(RULES, max_size=4).map(Router),
    quiet_hours=st.none() | st.just(QuietHours(begin=time(0), end=time(23))),
)


@given(POLICIES, events())
def test_whatever_the_rules_every_event_has_a_destination_and_none_twice(policy: Policy, happened: Event) -> None:
    found = pipeline.addresses(happened, policy)
    assert found
    assert set(found) <= set(policy.channels)
    places = [policy.destinations.get(channel, channel) for channel in found]
    assert len(places) == len(set(places))


PROBLEMS = st.builds(
    partial(replace, event()),
    kind=st.sampled_from(Kind),
    level=st.sampled_from(Level),
    app=st.sampled_from(["a", "b"]),
    environment=st.sampled_from(["production", "staging"]),
    tags=st.sampled_from([{}, {"x": "a"}, {"x": "b"}]),
    channel=st.none() | st.sampled_from([*NAMES, "elsewhere"]),
)


@given(POLICIES, st.lists(PROBLEMS, max_size=12))
def test_whatever_the_rules_every_problem_is_told_in_all_its_channels(
    policy: Policy, happened: Iterable[Event]
) -> None:
    told = Desk(policy=policy)
    for number, each in enumerate(happened):
        problem = replace(each, message=f"problem {number}")
        told.deliveries.clear()
        told.happens(problem)
        made = {(sent.channel, sent.verb) for _, sent in told.deliveries}
        asked = pipeline.addresses(problem, policy)
        if problem.kind is Kind.RECORD:
            assert {channel for channel, _ in made} == set(asked)
        else:
            tellings = told.groups[problem.message].tellings
            assert tuple(telling.channel for telling in tellings) == asked
            assert all(_is_told(telling, made, told) for telling in tellings)


def _is_told(telling: Telling, made: set[tuple[str, Verb]], told: Desk) -> bool:
    """By itself, or counted in a digest that will be written."""
    if telling.digest:
        storm = told.storms[telling.channel]
        return storm.digest == telling.digest and storms.due_at(storm, SCHEDULE) is not None
    return (telling.channel, Verb.FORWARD if telling.forwarded else Verb.POST) in made
