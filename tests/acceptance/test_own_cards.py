"""Messages of one's own: cards, raw payloads and files of them, from `bongsu.notify` and `bongsu send` to Slack."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from shell import APP, Shell

import bongsu
from bongsu.cli.refusals import opinion
from bongsu.slack import Card
from bongsu.store import Refusal
from bongsu.testing import ScriptedSlack, capture_events

SECTION = {"type": "section", "text": {"type": "mrkdwn", "text": "*Deployed* <https://ci.example|shop 1.4>"}}
TOO_LONG = {"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3_214}}
DIVIDER = {"type": "divider"}
WRONG = "blocks[2].text.text: 3 214 characters, Slack allows 3 000"


# -- bongsu.notify

SOUND: list[tuple[str, Any, str]] = [
    ("a card", Card("Deployed", colour="good").section("shop <1.4>"), "Deployed\nshop <1.4>"),
    ("an object", {"text": "shop &lt;1.4&gt;", "blocks": [SECTION]}, "shop <1.4>\n*Deployed* shop 1.4"),
    ("a text alone", {"text": "<https://ci.example|shop 1.4>"}, "shop 1.4"),
    ("an object without text", {"blocks": [SECTION]}, "*Deployed* shop 1.4"),
    ("a list of blocks", [SECTION, DIVIDER], "*Deployed* shop 1.4"),
]


@pytest.mark.parametrize(("what", "text"), [row[1:] for row in SOUND], ids=[row[0] for row in SOUND])
def test_a_sound_payload_is_kept_as_it_is_with_its_words(what: Any, text: str) -> None:
    with capture_events() as captured:
        assert bongsu.notify(what)
    [event] = captured.events
    assert (event.message, event.problem) == (text, None)
    assert event.payload


def test_a_file_is_read_where_it_is_named_as_a_path(tmp_path: Path) -> None:
    (tmp_path / "card.json").write_text(json.dumps([SECTION]))
    with capture_events() as captured:
        bongsu.notify(tmp_path / "card.json")
    assert json.loads(captured.events[0].payload or "") == {"blocks": [SECTION]}


UNSOUND: list[tuple[str, Any, str]] = [
    ("too long a text", [DIVIDER, DIVIDER, TOO_LONG], WRONG),
    ("nothing", {}, "payload: neither text nor blocks nor attachments"),
    ("a number", 7, "payload: a text, a dict or something with to_payload() is needed, not int"),
    ("no file", Path("/nowhere/card.json"), "/nowhere/card.json: No such file or directory"),
]


@pytest.mark.parametrize(("what", "problem"), [row[1:] for row in UNSOUND], ids=[row[0] for row in UNSOUND])
def test_an_unsound_payload_raises_when_strict_and_else_becomes_text(what: Any, problem: str) -> None:
    with capture_events(strict=True), pytest.raises(bongsu.PayloadError) as raised:
        bongsu.notify(what)
    assert str(raised.value) == problem
    with capture_events(strict=False) as captured:
        bongsu.notify(what)
    [event] = captured.events
    assert (event.payload, event.problem) == (None, problem)


def test_secrets_in_a_payload_stay_home() -> None:
    with capture_events() as captured:
        bongsu.notify(
            {"text": "x", "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "password=hunter2"}}]}
        )
    assert "hunter2" not in repr(captured.events)


# -- bongsu send --file


@pytest.fixture
def to(slack: ScriptedSlack) -> dict[str, str]:
    return {"BONGSU_TO": slack.webhook_url("devops"), "BONGSU_APP": APP}


def test_a_file_of_block_kit_builder_is_sent(bongsu: Shell, slack: ScriptedSlack, to: dict[str, str]) -> None:
    (bongsu.folder / "card.json").write_text("\ufeff" + json.dumps({"blocks": [SECTION]}), encoding="utf-8")
    done = bongsu("send", "--file", "card.json", "--channel", "devops", **to)
    assert (done.returncode, done.stderr) == (0, "")
    assert slack.posts[0].payload["blocks"] == [SECTION]
    assert "Deployed" in slack.posts[0].payload["text"]


def test_a_payload_comes_from_standard_input_too(bongsu: Shell, slack: ScriptedSlack, to: dict[str, str]) -> None:
    assert bongsu("send", "--file", "-", text=json.dumps([DIVIDER]), **to).returncode == 0
    assert slack.posts[0].payload["blocks"] == [DIVIDER]


REFUSED: list[tuple[str, str, str]] = [
    ("too long a text", json.dumps([DIVIDER, DIVIDER, TOO_LONG]), f"card.json: {WRONG}\n"),
    ("no JSON", '{"blocks": [\n  {"type": }]}', "card.json: line 2, column 12: Expecting value\n"),
    ("a word", '"hello"', "card.json: neither a JSON object nor a list of blocks\n"),
    ("deep", "[" * 100_000, "card.json: nested too deeply\n"),
    ("huge", "[" + " " * (1 << 20), "card.json: longer than 1,048,576 bytes, which no message of Slack is\n"),
]


@pytest.mark.parametrize(("text", "told"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_what_slack_would_refuse_is_not_sent_and_its_place_is_named(
    bongsu: Shell, slack: ScriptedSlack, to: dict[str, str], text: str, told: str
) -> None:
    (bongsu.folder / "card.json").write_text(text)
    done = bongsu("send", "--file", "card.json", **to)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", told)
    assert slack.messages == []


def test_bytes_that_are_no_text_and_a_missing_file_are_told(bongsu: Shell, to: dict[str, str]) -> None:
    (bongsu.folder / "card.json").write_bytes(b'{"text": "\xff"}')
    assert bongsu("send", "--file", "card.json", **to).stderr == "card.json: not UTF-8 at byte 10\n"
    assert bongsu("send", "--file", "none.json", **to).stderr == "none.json: No such file or directory\n"


def test_a_text_and_a_file_are_too_much(bongsu: Shell, to: dict[str, str]) -> None:
    done = bongsu("send", "hi", "--file", "card.json", **to)
    assert done.returncode == 2
    assert "give a text or --file, not both" in done.stderr


# -- what Slack refuses all the same


@pytest.fixture
def refused(bongsu: Shell, slack: ScriptedSlack, to: dict[str, str]) -> Shell:
    """Slack did not take the layout of a card; the card was sent as plain text."""
    slack.script(word="invalid_blocks")
    (bongsu.folder / "card.json").write_text(json.dumps({"text": "Deployed", "blocks": [SECTION]}))
    assert bongsu("send", "--file", "card.json", **to).returncode == 0
    return bongsu


def test_a_refused_layout_is_sent_once_more_as_all_its_words(refused: Shell, slack: ScriptedSlack) -> None:
    first, second = slack.messages
    assert (first.answered, second.answered) == ("invalid_blocks", "ok")
    assert second.payload["text"] == "Deployed\n*Deployed* shop 1.4"
    assert "blocks" not in second.payload


def test_the_doctor_tells_of_it_with_slacks_word_and_our_opinion(refused: Shell, to: dict[str, str]) -> None:
    done = refused("doctor", "--no-send", **to)
    assert done.returncode == 1
    assert re.search(r"✗ devops: \d+ s ago a layout was refused: invalid_blocks; the message is sent as", done.stdout)
    assert "  → Bongsu finds nothing wrong with it: please report it, with the payload." in done.stdout
    assert "`bongsu doctor --refused --app shop` prints it" in done.stdout


def test_the_doctor_prints_the_payload_for_other_programs(refused: Shell, to: dict[str, str]) -> None:
    done = refused("doctor", "--refused", **to)
    assert done.returncode == 0
    assert json.loads(done.stdout)["blocks"] == [SECTION]
    assert done.stderr.startswith("shop, devops, ")
    assert "invalid_blocks" in done.stderr


OPINIONS = [
    ({"blocks": [DIVIDER, DIVIDER, TOO_LONG]}, WRONG),
    ({"text": " "}, "payload: neither text nor blocks nor attachments"),
    ({}, "It was too long to be kept"),
]


@pytest.mark.parametrize(("layout", "told"), OPINIONS)
def test_our_opinion_points_at_the_element(layout: dict[str, Any], told: str) -> None:
    assert opinion(Refusal(at=0.0, channel="devops", word="invalid_blocks", layout=layout)) == told


def test_a_refusal_is_kept_of_a_bot_too(bongsu: Shell, slack: ScriptedSlack) -> None:
    bot = {"BONGSU_TO": "slack://#ops", "BONGSU_SLACK_TOKEN": slack.token, "BONGSU_SLACK_API": slack.api_url}
    slack.script(word="msg_blocks_too_long")
    assert bongsu("send", "hi", "--app", APP, **bot).returncode == 0
    printed = bongsu("doctor", "--refused", "--app", APP, **bot)
    assert "hi" in json.loads(printed.stdout)["text"]
    assert "msg_blocks_too_long" in printed.stderr
    assert slack.token not in printed.stdout + printed.stderr


def test_where_nothing_was_refused_nothing_is_printed(bongsu: Shell, to: dict[str, str]) -> None:
    done = bongsu("doctor", "--refused", **to)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_terminal_shows_all_that_a_card_says(bongsu: Shell) -> None:
    card = "Card('Import failed', colour='danger').field('ROWS', 12).code('line 1\\nline 2')"
    code = f"import bongsu\nfrom bongsu.slack import Card\nbongsu.init('console:', app='shop')\nbongsu.notify({card})"
    shown = bongsu.python("-c", code).stderr
    assert [word for word in ("Import failed", "ROWS", "12", "line 1", "line 2") if word not in shown] == []
