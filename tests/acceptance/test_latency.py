"""How long from an exception to Slack's server: printed, and held only to the promise of one second."""

from statistics import median

import pytest
from children import Launch
from seen import text

from bongsu.clock import SYSTEM
from bongsu.testing import ScriptedSlack

ROUNDS = 10
PROMISE_S = 1.0


def test_an_exception_is_at_slack_within_a_second(
    slack: ScriptedSlack, launch: Launch, capsys: pytest.CaptureFixture[str]
) -> None:
    took_s = []
    for round_ in range(ROUNDS):
        with launch.elsewhere(str(round_)).start("obedient") as child:
            child.say("init")
            child.line()
            began = SYSTEM.now()
            child.say(f"error Round{round_}")
            [told] = slack.wait_for(lambda message, name=f"Round{round_}": name in text(message), timeout_s=20)
            took_s.append(told.at - began)
    with capsys.disabled():
        print(f"\nexception → request at Slack: median {median(took_s) * 1000:.0f} ms, max {max(took_s) * 1000:.0f} ms")
    assert median(took_s) < PROMISE_S
