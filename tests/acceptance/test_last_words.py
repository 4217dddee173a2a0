"""Exceptions that nobody catches are told, and the host's own last words are the same as without Bongsu."""

import re
import sqlite3
from contextlib import closing
from time import perf_counter

import pytest
from children import PROGRAMS, Launch, place
from seen import everything, fields, text

from bongsu.testing import ScriptedSlack

WAYS = re.findall(r'^    "(.+?)": ', (PROGRAMS / "last_words.py").read_text(), re.MULTILINE)
TOLD = {
    "main": ("🔥", "LookupError: unlucky", "fail"),
    "a cause": ("🔥", "RuntimeError: log-in failed", "hidden"),
    "a group": ("🔥", "ExceptionGroup: two at once", "a_group"),
    "a thread": ("🔴", "LookupError: unlucky", "fail"),
    "a task nobody asked for": ("🔴", "LookupError: unlucky", "fail"),
    "__del__": ("🔴", "LookupError: unlucky", "__del__"),
    "an atexit function": ("🔴", "LookupError: unlucky", "fail"),
}
ASKED_FOR = ("exit 3", "exit with a text", "exit of a thread", "Ctrl-C")
EXIT_S = 1.0  # promised for a fatal exception, whatever Slack does
SLOW_MACHINE_S = 1.0


def test_every_way_to_end_is_either_told_or_asked_for() -> None:
    assert set(WAYS) == {*TOLD, *ASKED_FOR}


@pytest.mark.parametrize("way", WAYS)
def test_traceback_hooks_and_exit_code_of_the_host_stay_the_same(launch: Launch, way: str) -> None:
    without, with_ = (launch.run("last_words", way, mode) for mode in ("without", "with"))
    assert (with_.code, with_.out) == (without.code, without.out)
    assert _addresses_out(with_.err) == _addresses_out(without.err)


@pytest.mark.parametrize("way", TOLD)
def test_an_uncaught_exception_is_told_with_its_place(slack: ScriptedSlack, launch: Launch, way: str) -> None:
    mark, title, function = TOLD[way]
    launch.run("last_words", way, "with")
    [told] = slack.wait_for(1)
    assert text(told).startswith(mark)
    assert title in text(told)
    assert f"{function}\n" in everything(told)


@pytest.mark.parametrize("way", ASKED_FOR)
def test_an_end_that_somebody_asked_for_is_no_alarm(slack: ScriptedSlack, launch: Launch, way: str) -> None:
    launch.run("last_words", way, "with")
    assert slack.messages == []


def test_a_dying_program_waits_for_a_hanging_slack_one_second_at_most(slack: ScriptedSlack, launch: Launch) -> None:
    slack.script(delay_s=30, times=None)
    assert _seconds_to_die(launch) < EXIT_S + SLOW_MACHINE_S


def test_what_a_hanging_slack_did_not_take_from_a_dying_program_is_told_later(
    slack: ScriptedSlack, launch: Launch
) -> None:
    slack.script(delay_s=2, close=True, times=None)
    launch.run("die_uncaught")
    slack.recover()
    with launch.start("idle"):
        slack.wait_for(lambda message: "LookupError: the end" in text(message), timeout_s=30)


def test_the_card_of_a_dying_program_names_the_line(slack: ScriptedSlack, launch: Launch) -> None:
    launch.run("die_uncaught")
    assert fields(slack.wait_for(1)[0])["SOURCE"] == place("die_uncaught", "raise LookupError")


def test_a_dying_program_waits_for_a_locked_database_one_second_at_most(slack: ScriptedSlack, launch: Launch) -> None:
    launch.run("idle")
    with closing(sqlite3.connect(launch.state_dir / "checkin" / "bongsu.db", isolation_level=None)) as stranger:
        stranger.execute("begin immediate")
        assert _seconds_to_die(launch) < EXIT_S + SLOW_MACHINE_S
    launch.run("idle")
    assert ["LookupError: the end" in text(message) for message in slack.messages] == [True]


def _seconds_to_die(launch: Launch) -> float:
    with launch.start("die_uncaught") as child:
        assert child.line() == "dying"
        began = perf_counter()
        assert child.end().code == 1
        return perf_counter() - began


def _addresses_out(printed: str) -> str:
    return re.sub(r"0x[0-9a-f]+|Thread-\d+|Task-\d+", "…", printed)
