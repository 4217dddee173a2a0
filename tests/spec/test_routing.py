"""Which channel hears of it."""

from dataclasses import replace

import pytest
from timelines import event

from bongsu.event import Level
from bongsu.routing import ALARM, DEV_TEST, DEVOPS, is_production, substitute, wanted
from bongsu.routing.router import Router

WANTED = [
    # environment, level, asked for, channel
    ("production", Level.FATAL, None, ALARM),
    ("production", Level.ERROR, None, ALARM),
    ("production", Level.WARNING, None, DEVOPS),
    ("production", Level.INFO, None, DEVOPS),
    ("prod", Level.ERROR, None, ALARM),
    ("LIVE", Level.ERROR, None, ALARM),
    ("staging", Level.FATAL, None, DEV_TEST),
    ("development", Level.ERROR, None, DEV_TEST),
    ("", Level.ERROR, None, DEV_TEST),
    ("production", Level.ERROR, "billing", "billing"),
    ("staging", Level.INFO, ALARM, ALARM),
]


@pytest.mark.parametrize(("environment", "level", "channel", "want"), WANTED)
def test_the_callers_word_comes_first_then_environment_and_level(
    environment: str, level: Level, channel: str | None, want: str
) -> None:
    assert wanted(replace(event(channel=channel), environment=environment, level=level), Router()) == (want,)


SUBSTITUTES = [
    # channel, configured, where it goes
    (DEVOPS, {ALARM, DEVOPS}, DEVOPS),
    ("billing", {ALARM, "billing"}, "billing"),
    (DEVOPS, {ALARM}, ALARM),
    (DEV_TEST, {DEVOPS, DEV_TEST}, DEV_TEST),
    ("biling", {ALARM, "billing"}, ALARM),
    (ALARM, {DEVOPS, DEV_TEST}, DEVOPS),
    (ALARM, {DEV_TEST, "billing"}, DEV_TEST),
    (ALARM, {"ops", "billing"}, "billing"),
]


@pytest.mark.parametrize(("channel", "configured", "want"), SUBSTITUTES)
def test_what_has_no_channel_of_its_own_goes_where_people_look(channel: str, configured: set[str], want: str) -> None:
    assert substitute(channel, configured) == want


@pytest.mark.parametrize(("name", "want"), [("production", True), ("Prod", True), ("live", True), ("preprod", False)])
def test_production_has_three_names(name: str, want: bool) -> None:
    assert is_production(name) is want
