"""No moment is too odd for a capture: inside our own work, or while the interpreter ends."""

import pytest
from children import Launch
from seen import text

from bongsu.testing import ScriptedSlack

KEPT = "bongsu: not all is delivered yet. It is kept for the next start; see `bongsu outbox`.\n"
ENDS = ("in an atexit function", "in an atexit function from before init", "in __del__", "in a daemon thread")


@pytest.mark.parametrize("when", ENDS)
def test_an_error_in_the_last_moments_is_told_now_or_at_the_next_start(
    slack: ScriptedSlack, launch: Launch, when: str
) -> None:
    ended = launch.run("at_the_end", when)
    assert ended.code == 0
    assert ended.err.removeprefix(KEPT) == ""  # of a thread that never ends not all is ever delivered
    with launch.start("idle"):
        slack.wait_for(lambda message: f"LookupError: lost {when}" in text(message), timeout_s=20)


def test_what_our_own_threads_make_others_log_is_no_event(slack: ScriptedSlack, launch: Launch) -> None:
    ended = launch.run("from_within")
    assert ended.out == "True\n"
    assert "somebody uses socket.connect" in ended.err
    assert ["the real error" in text(message) for message in slack.messages] == [True]
