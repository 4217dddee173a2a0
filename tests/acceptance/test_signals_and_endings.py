"""No moment is too odd for a capture: inside a signal handler, inside our own work, while the interpreter ends."""

from collections import Counter

import pytest
from children import Launch
from seen import text

from bongsu.testing import ScriptedSlack

ENDS = ("in an atexit function", "in an atexit function from before init", "in __del__", "in a daemon thread")


def test_a_signal_handler_that_captures_while_the_program_captures_neither_hangs_nor_miscounts(launch: Launch) -> None:
    ended = launch.run("signal_storm")
    assert (ended.code, ended.err) == (0, "")
    loops, handled, messages = map(int, ended.out.split())
    assert handled > 100
    launch.run("idle")
    totals: Counter[str] = Counter()
    for group in launch.groups():  # a handler's error has the interrupted one as its context, or none: some groups
        totals[group.sample.title.partition(" ")[0]] += group.total
    assert totals == {"LookupError:": loops, "TimeoutError:": handled, "signal": messages}


@pytest.mark.parametrize("when", ENDS)
def test_an_error_in_the_last_moments_is_told_now_or_at_the_next_start(
    slack: ScriptedSlack, launch: Launch, when: str
) -> None:
    ended = launch.run("at_the_end", when)
    assert (ended.code, ended.err) == (0, "")
    with launch.start("idle"):
        slack.wait_for(lambda message: f"LookupError: lost {when}" in text(message), timeout_s=20)


def test_what_our_own_threads_make_others_log_is_no_event(slack: ScriptedSlack, launch: Launch) -> None:
    ended = launch.run("from_within")
    assert ended.out == "True\n"
    assert "somebody uses socket.connect" in ended.err
    assert ["the real error" in text(message) for message in slack.messages] == [True]
