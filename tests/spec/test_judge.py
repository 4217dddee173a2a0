"""The judge says what Slack would refuse, where, and with which word; it never raises and never talks for long."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from payloads import (
    DIVIDER,
    LEAF,
    PLAIN,
    RIGHT_BLOCKS,
    RIGHT_MESSAGES,
    WRONG_BLOCKS,
    WRONG_MESSAGES,
    mrkdwn,
    plain,
    rich,
    rich_section,
    section,
)
from slackblocks import Block

from bongsu.messages import limits
from bongsu.messages.judge import characters, judge


@pytest.mark.parametrize("block", RIGHT_BLOCKS.values(), ids=RIGHT_BLOCKS.keys())
def test_what_slack_takes_passes_above_and_in_an_attachment(block: dict[str, Any]) -> None:
    assert judge({"blocks": [block]}) == []
    assert judge({"text": "x", "attachments": [{"color": "#a30200", "blocks": [block]}]}) == []


@pytest.mark.parametrize("payload", RIGHT_MESSAGES.values(), ids=RIGHT_MESSAGES.keys())
def test_a_message_that_slack_takes_passes(payload: dict[str, Any]) -> None:
    assert judge(payload) == []


@pytest.mark.parametrize(("block", "path"), [row[1:] for row in WRONG_BLOCKS], ids=[row[0] for row in WRONG_BLOCKS])
def test_a_wrong_block_is_named_with_its_place(block: Any, path: str) -> None:
    for payload, where in (
        ({"text": "x", "blocks": [block]}, path),
        ({"text": "x", "blocks": [DIVIDER], "attachments": [{"blocks": [block]}]}, f"attachments[0].{path}"),
    ):
        problem = judge(payload)[0]
        assert (problem.word, problem.path) == ("invalid_blocks", where)
        assert problem.text


@pytest.mark.parametrize(
    ("payload", "word", "path"), [row[1:] for row in WRONG_MESSAGES], ids=[row[0] for row in WRONG_MESSAGES]
)
def test_a_wrong_message_gets_the_word_of_slack(payload: Any, word: str, path: str) -> None:
    problem = judge(payload)[0]
    assert (problem.word, problem.path) == (word, path)


def test_a_problem_tells_how_much_and_how_much_is_allowed() -> None:
    assert judge({"blocks": [section(mrkdwn(3_214))]})[0].text == "3 214 characters, Slack allows 3 000"


REMEDIES = [
    ({"type": "sectoin"}, "'sectoin' is not allowed here; Slack knows section"),
    ({"typ": "divider"}, "missing"),
    ({**DIVIDER, "colour": "red"}, "a key that Slack does not know here; Slack knows type, block_id"),
    ({**DIVIDER, "blockid": "a"}, "a key that Slack does not know here; Slack knows block_id"),
]


@pytest.mark.parametrize(("block", "told"), REMEDIES, ids=[told for _, told in REMEDIES])
def test_a_wrong_name_comes_with_the_right_one(block: Any, told: str) -> None:
    assert judge({"text": "x", "blocks": [block]})[0].text == told


def test_the_judge_stops_when_a_person_has_read_enough() -> None:
    assert len(judge({"blocks": [{"type": "nonsense"}] * 50})) == limits.JUDGED_PROBLEMS
    assert len(judge({"blocks": [{"n": float("nan")}] * 50})) == limits.JUDGED_PROBLEMS


def test_characters_counts_every_text_in_blocks_and_none_outside() -> None:
    payload = {
        "text": "not counted",
        "blocks": [section(plain(5)), rich(rich_section(LEAF, LEAF))],
        "attachments": [{"blocks": [{"type": "context", "elements": [mrkdwn(3)]}]}],
    }
    assert characters(payload) == 5 + 2 + 3


keys = st.sampled_from(["type", "text", "blocks", "elements", "fields", "attachments", "style", "rows", "options", "x"])
words = st.sampled_from(["section", "rich_text", "rich_text_list", "mrkdwn", "plain_text", "text", "table", "actions"])
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=5) | words,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys | st.text(max_size=3), inner, max_size=5),
    max_leaves=30,
)


@settings(max_examples=120)
@given(json_values)
def test_the_judge_never_raises_and_what_it_passes_is_json(payload: Any) -> None:
    if judge(payload) == []:
        json.dumps(payload, ensure_ascii=False, allow_nan=False).encode()


@settings(max_examples=120)
@given(st.sampled_from(list(RIGHT_BLOCKS.values())), keys, json_values)
def test_the_judge_never_raises_for_a_block_with_one_foreign_value(block: Any, key: str, value: Any) -> None:
    assert len(judge({"text": "x", "blocks": [{**block, key: value}]})) <= limits.JUDGED_PROBLEMS


@pytest.mark.parametrize("levels", [50, 900])
def test_the_judge_survives_any_depth(levels: int) -> None:
    nested: Any = []
    for _ in range(levels):
        nested = [nested]
    assert judge({"text": "x", "more": nested}) == []
    assert judge({"blocks": nested})[0].word == "invalid_blocks"


FOREIGN_LIMITS = [
    section(mrkdwn(3_000)),
    section(mrkdwn(3_001)),
    section(mrkdwn(0)),
    {"type": "section", "fields": [mrkdwn(2_000)]},
    {"type": "section", "fields": [mrkdwn(2_001)]},
    {"type": "section", "fields": [PLAIN] * 10},
    {"type": "section", "fields": [PLAIN] * 11},
    {"type": "header", "text": plain(150)},
    {"type": "header", "text": plain(151)},
    {"type": "context", "elements": [PLAIN] * 10},
    {"type": "context", "elements": [PLAIN] * 11},
    {**DIVIDER, "block_id": "b" * 255},
    {**DIVIDER, "block_id": "b" * 256},
    {"type": "markdown", "text": "x" * 12_000},
    {"type": "markdown", "text": "x" * 12_001},
    {"type": "nonsense"},
]


@pytest.mark.parametrize("block", FOREIGN_LIMITS)
def test_a_foreign_judge_draws_the_same_lines(block: dict[str, Any]) -> None:
    def foreign_verdict() -> bool:
        try:
            Block.from_dict(block)
        except Exception:
            return False
        return True

    assert (judge({"blocks": [block]}) == []) is foreign_verdict()
