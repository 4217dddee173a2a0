"""Log lines of a request and tags of an event: the last ones in the thread's file, the way to all on the card."""

import json
from dataclasses import replace

import pytest
from cards import ENGLISH, FIRST_SEEN, FIRST_VISITOR, KOREAN, WITH_A_TRAIL

from bongsu.messages import limits, sentences, slack, text
from bongsu.messages.judge import judge
from bongsu.messages.message import Message
from bongsu.messages.style import Style

TRACED = replace(FIRST_SEEN, event=WITH_A_TRAIL)
COMMAND = "bongsu logs --request 4f2c9a7be1d04c5f"


def _with_id(request_id: str | None) -> Message:
    return replace(FIRST_SEEN, event=replace(WITH_A_TRAIL, request_id=request_id))


@pytest.mark.parametrize("style", [ENGLISH, KOREAN])
def test_the_card_offers_the_command_that_shows_all_log_lines(style: Style) -> None:
    payload = slack.payload(TRACED, style)
    assert judge(payload) == []
    assert COMMAND in json.dumps(payload)
    assert COMMAND in text.card(TRACED, style)


def test_a_follow_up_does_not_repeat_the_command() -> None:
    assert COMMAND not in json.dumps(slack.payload(TRACED, ENGLISH, brief=True))
    assert COMMAND not in text.card(TRACED, ENGLISH, brief=True)


@pytest.mark.parametrize("request_id", [None, "", "-rf", "a b", "a;rm", "a`b`", "$(x)", "a\nb", "아이디", "x" * 101])
def test_nothing_is_offered_that_a_shell_would_not_take_as_it_is(request_id: str | None) -> None:
    assert sentences.trail_command(_with_id(request_id)) == ""


def test_nothing_is_offered_where_the_request_wrote_no_log_line() -> None:
    assert sentences.trail_command(FIRST_SEEN) == ""


def test_the_file_in_the_thread_ends_with_tags_and_log_lines() -> None:
    assert text.full_stack(TRACED).partition("\n\nTags:\n")[2].splitlines() == [
        "  status = 500",
        "  method = GET",
        "  route = /login/callback",
        "  handler = login.callback",
        "  plan = *free*",
        "",
        "Log lines of the request before it:",
        "  2021-09-07 05:25:59.800Z INFO    checkin.auth: back from the intranet",
        "  2021-09-07 05:25:59.900Z WARNING checkin.members: no employee number: <none>",
    ]


def test_a_stack_without_end_leaves_room_for_the_log_lines() -> None:
    endless = replace(WITH_A_TRAIL, exceptions=(), message="x" * limits.FULL_STACK)
    told = text.full_stack(replace(FIRST_SEEN, event=endless))
    assert len(told) <= limits.FULL_STACK
    assert told.endswith("no employee number: <none>")


def test_the_route_is_told_with_its_method_and_other_tags_by_their_names() -> None:
    facts = {fact.label: fact.values for fact in sentences.facts(TRACED, ENGLISH)}
    assert facts["ROUTE"] == ("GET /login/callback",)
    assert facts["TAGS"] == ("handler=login.callback", "plan=*free*")
    assert "TAGS" not in {fact.label for fact in sentences.facts(FIRST_SEEN, ENGLISH)}


def test_of_many_tags_the_first_are_on_the_card_and_all_in_the_file() -> None:
    event = replace(FIRST_VISITOR, tags={f"tag{number}": "x" for number in range(30)})
    many = replace(FIRST_SEEN, event=event)
    [tags] = [fact.values for fact in sentences.facts(many, ENGLISH) if fact.label == "TAGS"]
    assert len(tags) == limits.TAGS
    assert "  tag29 = x" in text.full_stack(many)
