"""The host is safe, and told exactly: in a signal handler, in a storm, and at its end while Slack hangs."""

import sys
from pathlib import Path

import pytest
from children import Child, Launch
from seen import everything, text

from bongsu.testing import ScriptedSlack

PROGRAMS = Path(__file__).parent / "programs_many"
PROMPT_S = 2.0
MESSAGES_OF_A_STORM = 7
ENDS_S = 6.0  # enough for a slow machine; Slack hangs for 600


def test_a_signal_handler_that_captures_what_the_main_thread_captures_neither_hangs_nor_loses_one(
    launch: Launch,
) -> None:
    with _start(launch, "signal_storm") as program:
        shared, of_handler = map(int, program.line().split())
        assert program.end().code == 0
    launch.run("idle")
    assert sorted(group.total for group in launch.groups()) == sorted([shared, of_handler, *[1] * 200])


@pytest.mark.parametrize(("way", "told_per_step"), [("capture", 1), ("flush", 0)])
def test_no_step_of_a_first_capture_is_a_wrong_moment_for_a_signal_handler(
    launch: Launch, way: str, told_per_step: int
) -> None:
    with _start(launch, "at_every_step", way) as program:
        ended = program.end()
    assert ended.out.splitlines()[-1:] == ["child 0"], ended.err
    steps = int(ended.out.split()[0])
    launch.run("idle")
    assert sum(group.total for group in launch.groups()) == 1 + told_per_step * steps


def test_complaining_on_stderr_from_a_signal_handler_hurts_nobody(launch: Launch) -> None:
    with _start(launch, "signal_and_stderr") as program:
        ended = program.end()
    assert (ended.code, ended.out) == (0, "unhurt\n")


def test_in_a_storm_of_one_error_another_ones_first_message_is_prompt_and_all_are_counted(
    slack: ScriptedSlack, launch: Launch
) -> None:
    with _start(launch, "one_storms") as program:
        assert program.line() == "met another"
        slack.wait_for(lambda message: "out of tea" in text(message), timeout_s=PROMPT_S)
        assert program.line() == "over"
        assert program.end().code == 0
    launch.run("idle")
    assert [group.total for group in launch.groups()] == [100_000, 1]
    assert len(slack.posts) == 2


def test_five_thousand_problems_at_once_are_a_handful_of_messages_and_one_digest_and_all_are_kept(
    slack: ScriptedSlack, launch: Launch
) -> None:
    with _start(launch, "all_different") as program:
        assert program.line() == "over"
        digest = slack.wait_for(lambda message: "different problems at once" in everything(message), timeout_s=40)
        assert program.end().code == 0
    launch.run("idle")
    assert len(digest) == 1
    assert len(slack.messages) <= MESSAGES_OF_A_STORM
    assert [group.total for group in launch.groups()] == [1] * 5_000


@pytest.mark.parametrize(("way", "code"), [("uncaught", 1), ("normally", 0)])
def test_the_end_of_a_program_is_not_held_up_by_a_slack_that_hangs(
    slack: ScriptedSlack, launch: Launch, way: str, code: int
) -> None:
    slack.script(delay_s=600, times=None)
    with _start(launch, "ends", way) as program:
        assert program.process.stderr is not None
        while "the end" not in program.process.stderr.readline():
            assert program.process.poll() is None
        assert program.process.wait(ENDS_S) == code


def _start(launch: Launch, program: str, *arguments: object) -> Child:
    return launch.command(sys.executable, str(PROGRAMS / f"{program}.py"), *map(str, arguments))
