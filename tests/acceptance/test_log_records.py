"""ERROR records reach Slack, and the host's own output does not change by a byte."""

import re

import pytest
from children import PROGRAMS, Launch, place
from seen import everything, fields, text

from bongsu.testing import ScriptedSlack

WAYS = re.findall(r'^    "(.+?)": ', (PROGRAMS / "logs.py").read_text(), re.MULTILINE)
TOLD = {
    "an exception that talks": "talkative",
    "arguments that do not fit": "%d pieces",
    "arguments without text": "%s pieces",
    "a message without text": "<unprintable Unprintable>",
    "exc_info that is no exception": "nothing is wrong",
    "a record without a name": "from afar",
    "loggers of our own": "only this one counts",
    "a silenced logger": "only this one counts",
}


@pytest.mark.parametrize("way", WAYS)
def test_what_the_program_prints_is_the_same_with_and_without_bongsu(launch: Launch, way: str) -> None:
    without, with_ = (launch.run("logs", way, mode) for mode in ("without", "with"))
    assert (with_.out, with_.err, with_.code) == (without.out, without.err, without.code)


@pytest.mark.parametrize(
    "way", ["a function of logging", "the root logger", "a logger", "a handler of its own, not propagating"]
)
def test_a_logged_exception_is_told_with_the_place_where_it_was_raised(
    slack: ScriptedSlack, launch: Launch, way: str
) -> None:
    launch.run("logs", way, "with")
    [told] = slack.wait_for(1)
    assert "KeyError: 'price'" in text(told)
    assert fields(told)["SOURCE"] == place("logs", '["price"]')


@pytest.mark.parametrize("what", TOLD)
def test_of_an_odd_record_one_message_is_told(slack: ScriptedSlack, launch: Launch, what: str) -> None:
    launch.run("log_oddities", what)
    [told] = [message for message in slack.wait_for(1) if "asked for its text" not in text(message)]
    assert TOLD[what] in everything(told)


def test_a_log_handler_does_not_feed_itself_while_slack_is_down(slack: ScriptedSlack, launch: Launch) -> None:
    slack.down()
    first = launch.run("log_one_error")
    assert first.out == "not told\n"
    slack.up()
    with launch.start("idle"):
        slack.wait_for(lambda message: "out of tea" in text(message), timeout_s=20)
    assert [group.total for group in launch.groups()] == [1]
