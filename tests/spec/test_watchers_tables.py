"""The tables `[watch.…]` of bongsu.toml, in the part that every watcher has."""

from typing import Any

import pytest

from bongsu.errors import ConfigError
from bongsu.event import Process, ProcessState
from bongsu.watchers import tables
from bongsu.watchers.report import Report, Turn
from bongsu.watchers.tables import Wishes


def report(turn: Turn = Turn.STARTED, name: str = "web", *, channel: str | None = None) -> Report:
    process = Process(name=name, watcher="docker", state=ProcessState.RUNNING)
    return Report(turn=turn, at=1.0, process=process, is_announced=True, channel=channel)


def test_a_table_says_what_is_wanted() -> None:
    problems: list[str] = []
    table = {"ignore": ["cron-*"], "channels": {"bill*": "billing"}, "started": False, "stopped": True}
    wishes = tables.read("docker", table, problems)
    assert wishes == Wishes(ignore=("cron-*",), channels={"bill*": "billing"}, started=False)
    assert problems == []


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "a key that is nearly one": ({"chanels": {}}, "watch.docker: unknown key 'chanels'; did you mean channels?"),
    "a key that is none": ({"x": 1}, "watch.docker: unknown key 'x'; known are channels, ignore, started, stopped"),
    "no list": ({"ignore": "cron"}, 'watch.docker.ignore: write a list of at most 256 names, as in ["cron-*"]'),
    "an empty pattern": ({"ignore": [""]}, "watch.docker.ignore: write a list"),
    "no table": ({"channels": ["a"]}, "watch.docker.channels: write at most 256 lines like"),
    "no channel": ({"channels": {"a": 7}}, "watch.docker.channels: write"),
    "no switch": ({"started": "yes" * 99}, "watch.docker.started: write true or false, not 'yes"),
}


@pytest.mark.parametrize(("table", "said"), WRONG.values(), ids=WRONG.keys())
def test_what_is_wrong_is_told_with_what_to_write_instead(table: dict[str, Any], said: str) -> None:
    problems: list[str] = []
    tables.read("docker", table, problems)
    [problem] = problems
    assert problem.startswith(said)
    assert len(problem) < 200


def test_every_problem_is_told_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        tables.wishes("docker", {"docker": {"x": 1, "started": 1}})
    assert len(caught.value.problems) == 2


def test_without_a_table_everything_is_wanted() -> None:
    assert tables.wishes("docker", {"pm2": {"x": 1}}) == Wishes()


def test_a_service_that_is_ignored_is_never_told() -> None:
    wishes = Wishes(ignore=("cron-*", "backup"))
    assert [wishes.applied(report(name=name)) is None for name in ("cron-1", "backup", "backup2")] == [
        True,
        True,
        False,
    ]


def test_a_record_that_is_not_wanted_is_no_record_and_the_turn_still_counts() -> None:
    wishes = Wishes(started=False)
    started, ended = wishes.applied(report()), wishes.applied(report(Turn.ENDED))
    assert started is not None
    assert ended is not None
    assert (started.is_announced, ended.is_announced) == (False, True)


def test_a_service_goes_where_its_first_pattern_says() -> None:
    wishes = Wishes(channels={"bill*": "billing", "*": "rest"})
    found = [wishes.applied(each) for each in (report(name="bills"), report(name="x"), report(channel="own"))]
    assert [each.channel for each in found if each] == ["billing", "rest", "own"]
