"""A channel's mention: live where an error begins, gets worse or is taken on by nobody, and nowhere else."""

from dataclasses import replace
from typing import Any

import pytest
from cards import CAME_BACK, DEPLOYED, FIRST_SEEN, GROWING, QUIET, REMINDER, STORM, UPDATED
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import messages

from bongsu.alerting.decision import Reason
from bongsu.event import Level
from bongsu.messages import limits, slack
from bongsu.messages.judge import characters, judge
from bongsu.messages.message import Message
from bongsu.messages.style import Calling, Mention, Style

MENTIONS: dict[Mention, tuple[str, dict[str, str]]] = {
    Mention(calling=Calling.HERE): ("<!here> ", {"type": "broadcast", "range": "here"}),
    Mention(calling=Calling.CHANNEL): ("<!channel> ", {"type": "broadcast", "range": "channel"}),
    Mention(calling=Calling.USER, id="U012AB3CD"): ("<@U012AB3CD> ", {"type": "user", "user_id": "U012AB3CD"}),
    Mention(calling=Calling.GROUP, id="S012AB3CD"): (
        "<!subteam^S012AB3CD> ",
        {"type": "usergroup", "usergroup_id": "S012AB3CD"},
    ),
}
HERE = Style(mention=Mention(calling=Calling.HERE))
WORSENED = replace(FIRST_SEEN, reason=Reason.WORSENED)
ESCALATED = replace(FIRST_SEEN, reason=Reason.ESCALATED)


@pytest.mark.parametrize(("mention", "live"), MENTIONS.items(), ids=[mention.calling for mention in MENTIONS])
def test_it_stands_in_front_as_what_slack_calls_people_by(mention: Mention, live: tuple[str, Any]) -> None:
    markup, element = live
    style = Style(mention=mention)
    card = slack.payload(FIRST_SEEN, style)
    assert card["text"].startswith(markup)
    assert card["blocks"][0]["elements"][0]["elements"][0] == element
    assert judge(card) == []
    assert slack.payload(FIRST_SEEN, style, plain=True)["text"].startswith(markup)
    reply = slack.reply(WORSENED, style)
    assert (reply["text"].startswith(markup), reply["blocks"][0]["elements"][0]["elements"][0]) == (True, element)
    assert judge(reply) == []


def at(level: Level) -> Message:
    assert FIRST_SEEN.event is not None
    return replace(FIRST_SEEN, event=replace(FIRST_SEEN.event, level=level))


@pytest.mark.parametrize("message", [FIRST_SEEN, CAME_BACK, WORSENED, ESCALATED, at(Level.FATAL)])
def test_what_begins_gets_worse_or_is_taken_on_by_nobody_calls(message: Message) -> None:
    assert slack.payload(message, HERE)["text"].startswith("<!here> ")


@pytest.mark.parametrize(
    "message", [GROWING, REMINDER, QUIET, UPDATED, STORM, DEPLOYED, at(Level.WARNING), at(Level.INFO)]
)
def test_everything_else_calls_nobody(message: Message) -> None:
    assert slack.payload(message, HERE) == slack.payload(message, Style())
    assert slack.reply(message, HERE) == slack.reply(message, Style())


@settings(max_examples=100)
@given(messages(), st.sampled_from(list(MENTIONS)))
def test_with_a_mention_too_every_card_is_valid_and_within_the_budget(message: Message, mention: Mention) -> None:
    style = Style(mention=mention)
    card = slack.payload(message, style)
    assert judge(card) == []
    assert len(card["text"]) <= limits.BUDGET_TEXT
    assert characters(card) <= limits.BUDGET_CHARACTERS
    assert len(slack.payload(message, style, plain=True)["text"]) <= limits.BUDGET_PLAIN
    assert judge(slack.reply(message, style)) == []
