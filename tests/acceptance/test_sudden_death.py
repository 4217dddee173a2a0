"""Once capture has returned, the event reaches Slack, however its process dies in the very next statement."""

import signal

import pytest
from children import Launch, place
from seen import everything, fields, text

from bongsu.testing import Received, ScriptedSlack

ROUNDS = range(5)
DEATHS = {"SIGTERM": -signal.SIGTERM, "SIGKILL": -signal.SIGKILL, "_exit": 0, "segfault": -signal.SIGSEGV}


@pytest.mark.parametrize("round_", ROUNDS)
@pytest.mark.parametrize("death", DEATHS)
def test_what_was_captured_before_a_sudden_death_is_delivered_by_the_next_start(
    slack: ScriptedSlack, launch: Launch, death: str, round_: int
) -> None:
    assert launch.run("die_after_capture", death, round_).code == DEATHS[death]
    launch.run("idle")
    told = _about(slack, f"Round{round_}: the last words")
    assert fields(told)["SOURCE"] == place("die_after_capture", "raise problem")


@pytest.mark.parametrize("death", DEATHS)
def test_what_was_captured_before_a_sudden_death_is_delivered_by_a_living_sibling(
    slack: ScriptedSlack, launch: Launch, death: str
) -> None:
    with launch.start("idle") as sibling:
        assert sibling.line() == "ready"
        for round_ in ROUNDS:
            assert launch.run("die_after_capture", death, round_).code == DEATHS[death]
        for round_ in ROUNDS:
            _about(slack, f"Round{round_}: the last words")


def test_a_segfault_is_told_at_the_next_start_with_the_line_that_caused_it(
    slack: ScriptedSlack, launch: Launch
) -> None:
    launch.run("die_after_capture", "segfault", 1)
    launch.run("idle")
    crash = _about(slack, "Segmentation fault")
    assert "Fatal Python error: Segmentation fault" in text(crash)
    assert "in <module>" in everything(crash)


def test_a_segfault_of_a_forked_child_is_told_while_its_parent_lives(slack: ScriptedSlack, launch: Launch) -> None:
    with launch.start("segfault_in_a_fork") as parent:
        assert parent.line() == f"the child died of {signal.SIGSEGV:d}"
        crash = _about(slack, "Segmentation fault")
        assert fields(crash)["SOURCE"] == place("segfault_in_a_fork", "ctypes.string_at(0)")


def _about(slack: ScriptedSlack, words: str) -> Received:
    return slack.wait_for(lambda message: words in everything(message), timeout_s=20)[0]
