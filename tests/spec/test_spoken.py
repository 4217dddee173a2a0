"""The words of a payload, for phones, terminals and plain re-sends: all of them, once, without markup."""

from typing import Any

import pytest
from builder_cards import cards
from hypothesis import given, settings
from hypothesis import strategies as st
from payloads import RIGHT_BLOCKS

from bongsu.messages.spoken import spoken, unmarked
from bongsu.slack import Card

MARKED = [
    ("plain", "plain"),
    ("<https://x.example|label> and <https://x.example/a>", "label and https://x.example/a"),
    ("<!here> <!subteam^S1> <@U1> <#C1|general>", "@here @S1 @U1 general"),
    ("<!date^1600000000^{date}|13 September>", "13 September"),
    ("<mailto:a@x.example|Mina>", "Mina"),
    ("&lt;!here&gt; &amp;amp;", "<!here> &amp;"),
    ("5 < 6 > 3, <class 'x'>, a <b", "5 < 6 > 3, <class 'x'>, a <b"),
]


@pytest.mark.parametrize(("mrkdwn", "read"), MARKED)
def test_markup_is_read_as_a_person_reads_it(mrkdwn: str, read: str) -> None:
    assert unmarked(mrkdwn) == read


def test_a_card_is_read_from_above_to_below() -> None:
    card = (
        Card("Login is broken", colour="danger")
        .field("APP", "checkin", short=True)
        .code("line 1\n  line 2")
        .table([("host", "load"), ("web-1", 0.7)])
        .context("a")
        .context("a")
        .button("Runbook", url="https://wiki.example")
    )
    assert spoken(card.to_payload(), 1_000).splitlines() == [
        "Login is broken",
        "*APP*",
        "checkin",
        "line 1",
        "  line 2",
        "host · load",
        "web-1 · 0.7",
        "a",
        "Runbook",
    ]


RICH = [
    ({"type": "link", "url": "https://x.example"}, "https://x.example"),
    ({"type": "link", "url": "https://x.example", "text": "see"}, "see"),
    ({"type": "user", "user_id": "U1"}, "U1"),
    ({"type": "broadcast", "range": "here"}, "@here"),
    ({"type": "emoji", "name": "fire"}, ":fire:"),
    ({"type": "text", "text": "&lt; stays"}, "&lt; stays"),
    ({"type": "unheard_of"}, ""),
    ("no object", ""),
]


@pytest.mark.parametrize(("leaf", "read"), RICH)
def test_rich_text_is_read_literally(leaf: Any, read: str) -> None:
    section = {"type": "rich_text_section", "elements": [leaf]}
    assert spoken({"blocks": [{"type": "rich_text", "elements": [section]}]}, 100) == read


def test_an_old_attachment_is_read_too() -> None:
    old = {"pretext": "first", "title": "t", "text": "x", "fields": [{"title": "a", "value": "b"}], "color": "good"}
    assert spoken({"attachments": [old]}, 100).splitlines() == ["first", "t", "x", "a", "b"]


@settings(max_examples=60)
@given(cards(), st.integers(1, 3_000))
def test_no_reading_is_longer_than_asked_for(card: Card, limit: int) -> None:
    assert len(spoken(card.to_payload(), limit)) <= limit


json_values = st.recursive(
    st.none() | st.integers() | st.text(max_size=5) | st.sampled_from(["table", "rich_text_section", "section"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["type", "text", "rows", "elements", "title", "range"]), inner, max_size=5)
    ),
    max_leaves=20,
)


@settings(max_examples=150)
@given(json_values)
def test_any_json_can_be_read(value: Any) -> None:
    assert isinstance(spoken({"blocks": value, "attachments": [value]}, 500), str)


@pytest.mark.parametrize("name", RIGHT_BLOCKS)
def test_every_kind_of_block_but_a_line_across_has_words(name: str) -> None:
    assert bool(spoken({"blocks": [RIGHT_BLOCKS[name]]}, 500)) is (name != "divider with an id")


def test_what_a_button_sends_is_not_what_it_says() -> None:
    button = {"type": "button", "text": {"type": "plain_text", "text": "Retry"}, "value": "secret", "url": "https://x"}
    assert spoken({"blocks": [{"type": "actions", "elements": [button]}]}, 500) == "Retry"
