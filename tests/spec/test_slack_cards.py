"""A card of one's own: what it says, what it leaves out, and that Slack takes it whatever the data is."""

import dataclasses
import json
import pickle
import re
from collections.abc import Iterator
from typing import Any

import pytest
from builder_cards import cards, inert_values
from hypothesis import given, settings

from bongsu.client.payloads import payload_of, problems_of
from bongsu.messages import limits
from bongsu.messages.judge import characters
from bongsu.slack import Card, Markup, escape, judge


def blocks(card: Card) -> list[dict[str, Any]]:
    """All blocks, those above first."""
    payload = card.to_payload()
    assert judge(payload) == []
    return [*payload.get("blocks", []), *(block for one in payload.get("attachments", []) for block in one["blocks"])]


def only(card: Card) -> dict[str, Any]:
    [block] = blocks(card)
    return block


def mrkdwn(text: str) -> dict[str, Any]:
    return {"type": "mrkdwn", "text": text, "verbatim": True}


# -- what Slack gets


def test_the_card_of_the_story_has_its_title_above_and_all_else_beside_its_colour() -> None:
    payload = Card("Login is broken", colour="danger").field("APP_NAME", "checkin", short=True).to_payload()
    assert payload == {
        "text": "Login is broken · APP_NAME checkin",
        "unfurl_links": False,
        "unfurl_media": False,
        "blocks": [{"type": "header", "text": {"type": "plain_text", "text": "Login is broken"}}],
        "attachments": [
            {"color": "#a30200", "blocks": [{"type": "section", "fields": [mrkdwn("*APP_NAME*\ncheckin")]}]}
        ],
    }


def test_without_a_colour_there_is_no_attachment_and_a_title_alone_carries_its_colour() -> None:
    assert "attachments" not in Card("x").section("y").to_payload()
    payload = Card("x", colour="quiet").to_payload()
    assert payload["attachments"][0]["blocks"][0]["type"] == "header"
    assert "blocks" not in payload


COLOURS = [("danger", "#a30200"), ("good", "#2eb886"), ("silenced", "#dddddd"), ("#0a0B0c", "#0a0B0c")]


@pytest.mark.parametrize(("colour", "shown"), COLOURS)
def test_a_colour_is_a_name_or_a_number(colour: str, shown: str) -> None:
    assert Card("x", colour=colour).to_payload()["attachments"][0]["color"] == shown


PARTS: list[tuple[str, Card, dict[str, Any]]] = [
    ("a short field", Card().field("N", 3, short=True), {"type": "section", "fields": [mrkdwn("*N*\n3")]}),
    ("a wide field", Card().field("N", "v"), {"type": "section", "text": mrkdwn("*N*\nv")}),
    ("a field without a value", Card().field("N", None), {"type": "section", "text": mrkdwn("*N*\nNone")}),
    ("a field with an empty value", Card().field("N", ""), {"type": "section", "text": mrkdwn("*N*\n–")}),
    ("a section", Card().section("*up* again"), {"type": "section", "text": mrkdwn("*up* again")}),
    ("small lines", Card().context("a", "b"), {"type": "context", "elements": [mrkdwn("a"), mrkdwn("b")]}),
    ("a line across", Card().divider(), {"type": "divider"}),
    (
        "code",
        Card().code("a <b>\n", language="python"),
        {
            "type": "rich_text",
            "elements": [
                {
                    "type": "rich_text_preformatted",
                    "elements": [{"type": "text", "text": "a <b>"}],
                    "language": "python",
                }
            ],
        },
    ),
    (
        "a button",
        Card().button("Run & see", url="https://x.example/a", style="primary"),
        {
            "type": "actions",
            "elements": [
                {
                    "type": "button",
                    "text": {"type": "plain_text", "text": "Run &amp; see"},
                    "url": "https://x.example/a",
                    "style": "primary",
                }
            ],
        },
    ),
    (
        "a picture",
        Card().image("https://x.example/i.png", alt="load of web-1", title="Load"),
        {
            "type": "image",
            "image_url": "https://x.example/i.png",
            "alt_text": "load of web-1",
            "title": {"type": "plain_text", "text": "Load"},
        },
    ),
]


@pytest.mark.parametrize(("card", "block"), [row[1:] for row in PARTS], ids=[row[0] for row in PARTS])
def test_each_part_is_one_block(card: Card, block: dict[str, Any]) -> None:
    assert only(card) == block


def test_a_table_has_its_numbers_on_the_right() -> None:
    block = only(Card().table([("host", "load"), ("web-1", 0.7), ("web-2", 12)]))
    cells = [[cell["elements"][0]["elements"][0]["text"] for cell in row] for row in block["rows"]]
    assert cells == [["host", "load"], ["web-1", "0.7"], ["web-2", "12"]]
    assert block["column_settings"] == [{"align": "left"}, {"align": "right"}]


NOTHING = [Card().section(" \n"), Card().code("\n"), Card().context("", " "), Card().table([]), Card().table([[]])]


@pytest.mark.parametrize("card", NOTHING)
def test_empty_data_makes_no_part_and_never_fails(card: Card) -> None:
    assert blocks(card) == []
    assert card.to_payload()["text"]


LINES = [
    (Card("a\nb").field("N", 1).section("*c*").context("d").code("not this"), "a b · N 1 · *c* · d"),
    (Card(Markup("<https://x.example|label>")).section(Markup("<!here> e")), "label · @here e"),
    (Card().code("only\nthis"), "only this"),
    (Card().table([("host", "load")]), "host · load"),
    (Card("x" * 500), "x" * 299 + "…"),
]


@pytest.mark.parametrize(("card", "line"), LINES)
def test_phones_and_screen_readers_get_one_line(card: Card, line: str) -> None:
    assert card.to_payload()["text"] == line


# -- it cannot be changed


def test_each_step_is_a_new_card_and_the_old_one_stays() -> None:
    base = Card("Deploy")
    assert blocks(base.section("a")) != blocks(base.section("b"))
    assert [block["type"] for block in blocks(base)] == ["header"]
    with pytest.raises(dataclasses.FrozenInstanceError):
        base.title = "x"  # type: ignore[misc]


def test_a_payload_that_was_changed_does_not_change_the_card() -> None:
    card = Card("x").field("a", "b", short=True)
    card.to_payload()["blocks"].clear()
    card.to_payload()["blocks"][1]["fields"].clear()
    assert len(blocks(card)[1]["fields"]) == 1


def test_equal_cards_are_equal_and_a_card_can_be_sent_to_another_process() -> None:
    card = Card("x", colour="good").section("y")
    assert card == Card("x", colour="good").section("y") == pickle.loads(pickle.dumps(card))
    assert hash(card) == hash(Card("x", colour="good").section("y"))


# -- what is live


INERT: list[tuple[str, Card, str]] = [
    ("a mention", Card().section("<!channel> *x*"), "&lt;!channel&gt; *x*"),
    ("a link in disguise", Card().section("<https://evil.example|mail>"), "&lt;<https://evil.example>|mail&gt;"),
    ("an address", Card().section("see https://x.example/a?b=1&c=2."), "see <https://x.example/a?b=1&amp;c=2>."),
    ("a bold address", Card().section("*https://x.example/a*"), "*<https://x.example/a>*"),
    ("a value with signs", Card().field("N", "*a* `b`\nc"), "*N*\n`*a* 'b'`\nc"),
    ("a quote", Card().field("N", "a > b\n > c"), "*N*\na &gt; b\n` &gt; c`"),
    ("a name with signs", Card().field("*N*", "v"), "`*N*`\nv"),
    ("marked markup", Card().section(Markup("<!here> <https://x.example|see>")), "<!here> <https://x.example|see>"),
    ("a marked value", Card().field("N", Markup("<https://x.example|see>")), "*N*\n<https://x.example|see>"),
    ("markup that was added to", Card().section(Markup("<!here>") + " x"), "&lt;!here&gt; x"),
    ("data in markup", Card().section(Markup(f"*{escape('<a&b>')}*")), "*&lt;a&amp;b&gt;*"),
]


@pytest.mark.parametrize(("card", "text"), [row[1:] for row in INERT], ids=[row[0] for row in INERT])
def test_only_markup_can_mention_or_disguise(card: Card, text: str) -> None:
    assert only(card)["text"]["text"] == text


def test_secrets_are_masked_everywhere() -> None:
    secret = "password=hunter2hunter2"
    card = Card(secret).field("N", secret).section(secret).code(secret).context(secret).table([[secret]])
    card = card.section(Markup(secret)).button(secret, url="https://x.example")
    assert "hunter2" not in json.dumps(card.to_payload())


# -- what is too much


def test_a_long_text_is_cut_where_people_see_it_and_markup_never_inside_a_link() -> None:
    assert only(Card().section("&" * 5_000))["text"]["text"].endswith("&amp;…")
    cut = only(Card().section(Markup("x" * 2_880 + "<https://x.example/page|label>" * 3)))["text"]["text"]
    assert "<" not in cut[2_880:].removesuffix("…").replace("<https://x.example/page|label>", "")


def test_a_long_stack_keeps_its_two_ends() -> None:
    stack = "\n".join(["Traceback", *(f"  frame {number}" for number in range(1_000)), "KeyError: 'x'"])
    text = only(Card().code(stack))["elements"][0]["elements"][0]["text"]
    assert len(text) <= limits.OWN_CODE
    assert text.startswith("Traceback\n")
    assert "\n…\n" in text
    assert text.endswith("KeyError: 'x'")


def test_a_stack_of_any_length_keeps_its_two_ends_without_the_secrets_in_them() -> None:
    stack = "\n".join(["Traceback", *(f"  password=hunter{number}" for number in range(20_000)), "KeyError: 'x'"])
    text = only(Card().code(stack))["elements"][0]["elements"][0]["text"]
    assert (text.startswith("Traceback\n"), text.endswith("KeyError: 'x'"), "hunter" in text) == (True, True, False)


def test_the_eleventh_field_begins_a_new_section() -> None:
    card = Card()
    for number in range(23):
        card = card.field(f"F{number}", number, short=True)
    assert [len(block["fields"]) for block in blocks(card)] == [10, 10, 3]


def test_long_fields_share_a_section_as_far_as_it_is_not_too_large() -> None:
    card = Card()
    for number in range(10):
        card = card.field(f"F{number}", "x" * 500, short=True)
    assert [len(block["fields"]) for block in blocks(card)] == [7, 3]


def test_addresses_are_links_as_long_as_the_section_holds_them() -> None:
    assert only(Card().section("https://x.example " * 9))["text"]["text"].count("<https") == 9
    assert only(Card().section("https://x.example " * 300))["text"]["text"].count("<https") == 0


def test_what_one_message_does_not_hold_is_counted_at_its_end() -> None:
    card = Card("x")
    for _ in range(100):
        card = card.divider()
    found = blocks(card)
    assert len(found) == limits.MESSAGE_BLOCKS
    assert found[-1]["elements"][0]["text"] == "… 52 more parts: one message of Slack holds no more."
    long = Card().code("x" * 3_000).code("y" * 3_000).code("z" * 3_000)
    assert blocks(long)[-1]["elements"][0]["text"] == "… 1 more part: one message of Slack holds no more."


def test_rows_and_columns_that_do_not_fit_are_counted() -> None:
    rows = only(Card().table([["h"] * 30, *([str(n)] * 30 for n in range(500))]))["rows"]
    last = [cell["elements"][0]["elements"][0]["text"] for cell in rows[-1]]
    assert len(rows) <= limits.TABLE_ROWS
    assert {len(row) for row in rows} == {limits.TABLE_CELLS}
    assert last[0] == f"… {501 - len(rows) + 1} more"
    rows = only(Card().table([["x" * 200]] * 50))["rows"]
    assert len(rows) == limits.OWN_TABLE_TEXT // 200 + 1


def test_the_widest_table_beside_the_fullest_fields_is_still_a_payload_that_can_be_kept() -> None:
    card = Card("\U0001f525" * 500).table([["\U0001f525" * 7] * 20] * 500)
    for _ in range(500):
        card = card.field("\U0001f525", "\U0001f525" * 7, short=True)
    assert blocks(card)[1]["type"] == "table"
    assert problems_of(payload_of(card)) == []


def test_a_second_table_is_aligned_text() -> None:
    _, second = blocks(Card().table([("a", "b")]).table([("host", "n"), ("web-1", 7)]))
    assert second["elements"][0]["elements"][0]["text"] == "host   n\nweb-1  7"


# -- mistakes of the caller

MISTAKES = [
    (lambda: Card("x", colour="crimson"), "colour 'crimson' is not known; write #a30200"),
    (lambda: Card("x").button("Runbook", url="wiki.example/page"), "button: url 'wiki.example/page' is no web address"),
    (lambda: Card("x").button("Runbook", url="javascript:alert(1)"), "is no web address"),
    (lambda: Card("x").button("Runbook", url="https://x.example/" + "a" * 3_000), "Slack allows 3000"),
    (lambda: Card("x").button(" ", url="https://x.example"), "button: the label is empty"),
    (lambda: Card("x").button("Go", url="https://x.example", style="green"), "write 'primary' or 'danger'"),
    (lambda: Card("x").image("i.png", alt="x"), "image: url 'i.png' is no web address"),
    (lambda: Card("x").image("https://x.example/i.png", alt=""), "image: alt is empty"),
    (lambda: Card("x").field("", "v"), "field: the name is empty"),
    (lambda: Card("x").table(["a", "b"]), "each row is a list of cells"),
    (lambda: Card("x").table([1]), "each row is a list of cells"),  # type: ignore[list-item]
    (lambda: Card("x").table([{"host": "web-1", "load": 0.7}]), "each row is a list of cells"),
    (lambda: Card("x").table([{"web-1", "web-2"}]), "each row is a list of cells"),
]


@pytest.mark.parametrize(("make", "told"), MISTAKES, ids=[told for _, told in MISTAKES])
def test_a_mistake_is_raised_where_it_is_made_with_what_to_write(make: Any, told: str) -> None:
    with pytest.raises(ValueError, match=re.escape(told)):
        make()


# -- any card


@settings(max_examples=200)
@given(cards())
def test_slack_takes_any_card_also_after_it_is_scrubbed_once_more(card: Card) -> None:
    payload = card.to_payload()
    assert judge(payload) == []
    assert problems_of(payload_of(card)) == []
    assert 0 < len(payload["text"]) <= limits.BUDGET_TEXT
    assert characters(payload) <= limits.OWN_CHARACTERS + limits.OWN_SECTION


def marked_texts(value: Any) -> Iterator[str]:
    """Every text in which Slack looks for markup."""
    if isinstance(value, dict):
        if value.get("type") in ("mrkdwn", "plain_text"):
            yield value["text"]
        for inner in value.values():
            yield from marked_texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from marked_texts(inner)


@settings(max_examples=150)
@given(cards(inert_values))
def test_nothing_that_data_says_is_live_but_an_address_that_shows_itself(card: Card) -> None:
    payload = card.to_payload()
    for text in [payload["text"], *marked_texts(payload.get("blocks")), *marked_texts(payload.get("attachments"))]:
        rest = re.sub(r"<https?://[^<>|\s]+>", "", text)
        assert "<" not in rest
        assert ">" not in rest
        assert "&" not in re.sub(r"&(amp|lt|gt);", "", rest)
