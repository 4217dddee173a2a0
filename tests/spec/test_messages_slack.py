"""The Slack card: always valid, always within the budget, and nothing that data says is ever live."""

import json
import re
from dataclasses import replace
from typing import Any

import pytest
from cards import (
    BACKLOG,
    BEGAN,
    CAME_BACK,
    DEPLOYED,
    ENGLISH,
    FIRST_SEEN,
    FIRST_VISITOR,
    GROWING,
    INTEGRITY_ERROR,
    KOREAN,
    QUIET,
    REMINDER,
    STORM,
    UPDATED,
    caused,
    failing,
    own,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from slackblocks import Attachment, Block
from slackblocks import Message as OtherMessage
from strategies import messages, styles

from bongsu.event import Level, Relation
from bongsu.messages import limits, slack
from bongsu.messages.characters import one_line, place
from bongsu.messages.judge import characters, judge
from bongsu.messages.message import Message, Note, State, Trouble
from bongsu.messages.style import Style


def texts(value: Any, *, literal: bool) -> list[str]:
    """Every text a reader sees: of rich_text (literal), or of everything else (escaped)."""
    found: list[str] = []

    def visit(one: Any, inside_rich_text: bool) -> None:
        if isinstance(one, dict):
            inside_rich_text = inside_rich_text or one.get("type") == "rich_text"
            if isinstance(one.get("text"), str) and inside_rich_text is literal:
                found.append(one["text"])
            for item in one.values():
                visit(item, inside_rich_text)
        elif isinstance(one, list):
            for item in one:
                visit(item, inside_rich_text)

    visit(value, False)
    return found


def blocks_of(payload: dict[str, Any]) -> list[dict[str, Any]]:
    return [*payload.get("blocks", []), *(block for one in payload.get("attachments", []) for block in one["blocks"])]


def whole_text(payload: dict[str, Any]) -> str:
    return "\n".join(texts(payload, literal=True) + texts(payload, literal=False))


def assert_fits(payload: dict[str, Any]) -> None:
    assert judge(payload) == []
    json.dumps(payload, ensure_ascii=False, allow_nan=False).encode()
    assert len(blocks_of(payload)) <= limits.BUDGET_BLOCKS
    assert characters(payload) <= limits.BUDGET_CHARACTERS


def assert_nothing_live(payload: dict[str, Any]) -> None:
    """Outside rich_text the only bare angle brackets are those of our own dates, the only ampersands our entities."""
    for text in texts(payload, literal=False):
        rest = re.sub(
            r"<!date\^\d+\^\{date_short_pretty\} \{time_secs\} \(\{ago\}\)\|[0-9: -]+(\([^<>]+\))?>", "", text
        )
        assert "<" not in rest
        assert ">" not in rest
        assert re.sub(r"&(amp|lt|gt);", "", rest).count("&") == 0


@settings(max_examples=150)
@given(messages(), styles)
def test_every_message_is_a_valid_card_within_the_budget(message: Message, style: Style) -> None:
    payload = slack.payload(message, style)

    assert_fits(payload)
    assert_nothing_live(payload)
    assert 0 < len(payload["text"]) <= limits.BUDGET_TEXT
    stacks = [
        part for block in payload["blocks"] for part in block["elements"] if part["type"] == "rich_text_preformatted"
    ]
    assert all(len(part["elements"][0]["text"]) <= limits.BUDGET_STACK for part in stacks)
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]", whole_text(payload))


@settings(max_examples=150)
@given(messages(), styles)
def test_every_message_without_layout_and_every_reply_is_one_safe_message(message: Message, style: Style) -> None:
    for payload in (slack.payload(message, style, plain=True), slack.reply(message, style)):
        assert_fits(payload)
        assert_nothing_live(payload)
        assert set(payload) == {"text", "mrkdwn", "unfurl_links", "unfurl_media"}
        assert len(payload["text"]) < limits.SINGLE_MESSAGE_TEXT


@settings(max_examples=150)
@given(messages(), styles)
def test_nothing_in_a_field_is_bold_or_struck_or_quoted_but_our_label(message: Message, style: Style) -> None:
    for payload in (slack.payload(message, style), slack.payload(message, style, brief=True)):
        fields = [one for block in blocks_of(payload) for one in block.get("fields", ())]
        for label, *values in (one["text"].split("\n") for one in fields):
            assert re.fullmatch(r"\*[^*]+\*", label)
            for value in values:
                rest = re.sub(r"<!date[^>]*>", "", value)
                assert re.fullmatch(r"`[^`]+`", rest) or not re.search(r"[*_~`]|\A\s*(&gt;|>)", rest)


_SURELY_SHOWN = 24  # of a value of ampersands alone, each of which takes five characters of FACT


def read(payload: dict[str, Any]) -> str:
    """What a person sees of a card; a backtick is shown as an apostrophe."""
    told = "\n".join(texts(payload.get("attachments", []), literal=False)) + whole_text({"blocks": payload["blocks"]})
    return unescaped(told).replace("`", "'")


def unescaped(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


@settings(max_examples=150)
@given(messages().filter(lambda message: message.event is not None), styles)
def test_every_card_tells_type_source_and_request_as_far_as_they_can_be_shown(message: Message, style: Style) -> None:
    event = message.event
    assert event is not None
    shown = read(slack.payload(message, style))
    kind = event.exceptions[0].type if event.exceptions and event.finding is None else ""
    for wanted in (kind, place(event.location, limits.FACT), event.request_id or ""):
        seen = one_line(wanted)[:_SURELY_SHOWN].strip().replace("`", "'")
        assert seen in shown or unescaped(seen) in unescaped(shown)


@settings(max_examples=150)
@given(
    st.from_regex(r"[A-Z][A-Za-z]{1,18}Error", fullmatch=True),
    st.from_regex(r"[a-z_]{1,20}/[a-z_]{1,20}\.py", fullmatch=True),
    st.from_regex(r"[0-9a-f-]{8,36}", fullmatch=True),
    st.text(max_size=2_000) | st.sampled_from(["<" * 2_000, "&" * 2_000]),
)
def test_type_source_and_request_survive_whatever_the_message_says(
    kind: str, path: str, request: str, said: str
) -> None:
    exception = replace(INTEGRITY_ERROR, type=kind, message=said, frames=(own(path, 12, "f"),))
    event = replace(FIRST_VISITOR, exceptions=(exception,), message=said, request_id=request)
    payload = slack.payload(replace(FIRST_SEEN, event=event), ENGLISH)

    for wanted in (kind, f"{path}:12", request):
        assert wanted in payload["text"]
        assert wanted in "\n".join(
            texts(payload["blocks"] + payload["attachments"], literal=True)
            + texts(payload["attachments"], literal=False)
        )


HOSTILE_EXCEPTIONS = {
    "a message of 10 000 characters": failing(replace(INTEGRITY_ERROR, message="long " * 2_000)),
    "a mention of everybody": failing(replace(INTEGRITY_ERROR, message="<!channel> <@U1> <!subteam^S1>")),
    "a link": failing(replace(INTEGRITY_ERROR, message="<https://evil.example|reset your password>")),
    "backticks": failing(replace(INTEGRITY_ERROR, message="```\n`x`\n```")),
    "colours of a terminal": failing(replace(INTEGRITY_ERROR, message="\x1b[1;31mred\x1b[0m alert")),
    "emoji": failing(replace(INTEGRITY_ERROR, message="👩‍👩‍👧‍👦🔥 :fire:")),
    "Korean": failing(replace(INTEGRITY_ERROR, message="사번이 없습니다")),
    "a lone surrogate": failing(replace(INTEGRITY_ERROR, message="half \ud83d of a pair")),
    "NUL": failing(replace(INTEGRITY_ERROR, message="before\x00after")),
    "no message at all": failing(replace(INTEGRITY_ERROR, message="")),
    "no frames": failing(replace(INTEGRITY_ERROR, frames=())),
    "a failing __str__": failing(replace(INTEGRITY_ERROR, message="<unprintable IntegrityError object>")),
    "a chain": failing(
        INTEGRITY_ERROR, caused("KeyError", "'employee_no'"), caused("ValueError", "x", Relation.CONTEXT)
    ),
    "a group": failing(
        replace(INTEGRITY_ERROR, type="ExceptionGroup", message="2 failures (2 sub-exceptions)", frames=()),
        caused("KeyError", "'a'", Relation.MEMBER),
        caused("OSError", "disk", Relation.MEMBER),
    ),
    "a hundred causes": failing(INTEGRITY_ERROR, *[caused(f"Error{n}", "deep " * 50) for n in range(100)]),
    "1 000 frames of recursion": failing(
        replace(
            INTEGRITY_ERROR, type="RecursionError", frames=(own("checkin/tree.py", 9, "walk", "walk(node)"),) * 1_000
        )
    ),
    "1 000 different frames": failing(
        replace(INTEGRITY_ERROR, frames=tuple(own(f"checkin/m{n}.py", n, f"f{n}", "call()") for n in range(1_000)))
    ),
    "a syntax error": failing(
        replace(
            INTEGRITY_ERROR,
            type="SyntaxError",
            message="invalid syntax (settings.py, line 3)\n    def f(:\n          ^",
        )
    ),
}


@pytest.mark.parametrize("style", [ENGLISH, KOREAN], ids=lambda style: style.language)
@pytest.mark.parametrize("message", HOSTILE_EXCEPTIONS.values(), ids=HOSTILE_EXCEPTIONS.keys())
def test_a_hostile_exception_is_one_valid_card(message: Message, style: Style) -> None:
    payload = slack.payload(message, style)

    assert_fits(payload)
    assert_nothing_live(payload)
    assert message.event is not None
    assert message.event.exceptions[0].type in payload["text"]
    assert "4f2c9a7be1d04c5f" in payload["text"]


@pytest.mark.parametrize("style", [ENGLISH, KOREAN], ids=lambda style: style.language)
@pytest.mark.parametrize("message", [FIRST_SEEN, GROWING, QUIET, REMINDER, CAME_BACK, STORM, BACKLOG, DEPLOYED])
def test_a_foreign_judge_finds_nothing_either(message: Message, style: Style) -> None:
    payload = slack.payload(replace(message, notes=(Note(trouble=Trouble.SHED, detail="7"),)), style)
    readable = [block for block in blocks_of(payload) if block["type"] in ("section", "context")]
    blocks = [Block.from_dict(block) for block in readable]
    attachments = [Attachment(blocks=blocks, color=one.get("color")) for one in payload["attachments"]]
    OtherMessage(channel="C1", text=payload["text"], blocks=blocks, attachments=attachments)
    assert readable


COLOURS = [
    (State.FIRING, "#a30200"),
    (State.ACKNOWLEDGED, "#daa038"),
    (State.QUIET, "#2eb886"),
    (State.SILENCED, "#dddddd"),
    (State.NEUTRAL, None),
]


@pytest.mark.parametrize(("state", "colour"), COLOURS)
def test_colour_is_state(state: State, colour: str | None) -> None:
    payload = slack.payload(replace(FIRST_SEEN, state=state), ENGLISH)
    assert payload["attachments"][0].get("color") == colour


@pytest.mark.parametrize(
    ("level", "mark"),
    [(Level.FATAL, "🔥"), (Level.ERROR, "🔴"), (Level.WARNING, "🟡"), (Level.INFO, "🔵"), (Level.DEBUG, "⚪")],
)
def test_level_and_environment_are_in_the_title(level: Level, mark: str) -> None:
    payload = slack.payload(replace(FIRST_SEEN, event=replace(FIRST_VISITOR, level=level)), ENGLISH)
    assert whole_text({"blocks": payload["blocks"][:1]}).startswith(f"{mark} [production] checkin: ")
    assert payload["text"].startswith(f"{mark} [production] checkin: IntegrityError")


def test_nothing_in_the_title_is_markup() -> None:
    message = failing(replace(INTEGRITY_ERROR, message="*not bold* `not code` <!channel>"))
    title = slack.payload(message, ENGLISH)["blocks"][0]
    assert title["type"] == "rich_text"
    assert "*not bold* `not code` <!channel>" in whole_text({"blocks": [title]})


MARKUP_IN_FIELDS = [
    ("web-1", "*HOST*\nweb-1"),
    ("*bold*", "*HOST*\n`*bold*`"),
    ("__init__", "*HOST*\n`__init__`"),
    ("tick`tock", "*HOST*\n`tick'tock`"),
    ("a&b", "*HOST*\na&amp;b"),
    ("<!channel>", "*HOST*\n`&lt;!channel&gt;`"),
    ("two\nlines", "*HOST*\ntwo lines"),
]


@pytest.mark.parametrize(("host", "field"), MARKUP_IN_FIELDS)
def test_a_value_that_holds_markup_is_shown_as_code(host: str, field: str) -> None:
    payload = slack.payload(replace(FIRST_SEEN, event=replace(FIRST_VISITOR, host=host)), ENGLISH)
    assert field in texts(payload["attachments"], literal=False)


def labels(message: Message) -> list[str]:
    found = texts(slack.payload(message, ENGLISH)["attachments"], literal=False)
    return [text.partition("\n")[0].strip("*") for text in found]


def test_unknown_facts_are_left_out() -> None:
    event = replace(FIRST_VISITOR, tags={}, request_id=None, release=None, host="")
    message = replace(FIRST_SEEN, event=event, request_ids=())
    assert labels(message) == ["APP", "ENV", "SOURCE", "COUNT", "FIRST SEEN"]


def test_known_facts_are_shown_in_reading_order() -> None:
    assert labels(GROWING) == [
        "APP",
        "ENV",
        "SOURCE",
        "STATUS",
        "ROUTE",
        "REQUEST ID",
        "RELEASE",
        "HOST",
        "COUNT",
        "USERS",
        "FIRST SEEN",
        "LAST SEEN",
    ]


def test_the_newest_requests_stand_beside_that_of_the_sample() -> None:
    payload = slack.payload(replace(GROWING, request_ids=("r1", "r2", "r3")), ENGLISH)
    assert "*REQUEST ID*\n`4f2c9a7be1d04c5f`\n`r3`\n`r2`" in texts(payload, literal=False)


def test_a_long_path_keeps_its_end_with_the_line() -> None:
    exception = replace(INTEGRITY_ERROR, frames=(own("deep/" * 100 + "auth.py", 88, "callback"),))
    payload = slack.payload(failing(exception), ENGLISH)
    assert "deep/auth.py:88" in payload["text"]
    assert "deep/auth.py:88`" in whole_text(payload)


def test_moments_are_shown_in_the_readers_zone_by_slack_and_in_ours_elsewhere() -> None:
    payload = slack.payload(FIRST_SEEN, ENGLISH)
    wanted = f"*FIRST SEEN*\n<!date^{int(BEGAN)}^{{date_short_pretty}} {{time_secs}} ({{ago}})|14:26:00>"
    assert wanted in texts(payload, literal=False)


REASONS = [
    (FIRST_SEEN, "First seen just now", "처음 발생했습니다"),
    (GROWING, "×1 240 in 12 min", "12분 동안 1,240회 발생했습니다"),
    (
        REMINDER,
        "Still firing after 4 h: ×1 240, last seen 18:25:55",
        "4시간째 계속되고 있습니다. 지금까지 1,240회 발생했고 마지막은 18:25:55입니다",
    ),
    (
        QUIET,
        "Quiet for 30 min: ×1 240 in 2 h 3 min, last seen 16:29:00",
        "30분째 조용합니다. 2시간 3분 동안 1,240회 발생했고 마지막은 16:29:00입니다",
    ),
    (
        replace(QUIET, count=1),
        "Quiet for 30 min: seen once, at 16:29:00",
        "30분째 조용합니다. 16:29:00에 한 번 발생했습니다",
    ),
    (
        CAME_BACK,
        "It is back: first seen 2021-09-07 14:26:00, ×1 241 in all",
        "다시 발생했습니다. 2021-09-07 14:26:00에 처음 발생했고 지금까지 모두 1,241회 발생했습니다",
    ),
    (UPDATED, "×1 240 in 12 min, last seen 14:38:00", "12분 동안 1,240회 발생했고 마지막은 14:38:00입니다"),
    (replace(FIRST_SEEN, reason=UPDATED.reason), "Seen once, at 14:26:00", "14:26:00에 한 번 발생했습니다"),
    (replace(GROWING, last_seen_at=BEGAN + 0.2), "×1 240 within a second", "1초 안에 1,240회 발생했습니다"),
    (replace(FIRST_SEEN, repeat=True), "First seen just now (repeat)", "처음 발생했습니다 (재전송)"),
    (replace(FIRST_SEEN, state=State.ACKNOWLEDGED), "First seen just now · Acknowledged", "처음 발생했습니다 · 확인함"),
    (replace(FIRST_SEEN, state=State.SILENCED), "First seen just now · Silenced", "처음 발생했습니다 · 알림 중지됨"),
    (DEPLOYED, "Operational record", "운영 기록"),
]


@pytest.mark.parametrize(("message", "english", "korean"), REASONS)
def test_the_reason_is_a_sentence_of_its_own(message: Message, english: str, korean: str) -> None:
    for style, sentence in ((ENGLISH, english), (KOREAN, korean)):
        reason = slack.payload(message, style)["blocks"][-1]
        assert texts(reason, literal=True) == [sentence]


DIGESTS = [
    (
        STORM,
        "5 000 different problems at once: top 5 and +4 995 more",
        "서로 다른 문제 5,000건이 한꺼번에 발생했습니다. 상위 5건만 표시하며, 그 밖에 4,995건이 더 있습니다",
    ),
    (replace(STORM, problems=5), "5 different problems at once", "서로 다른 문제 5건이 한꺼번에 발생했습니다"),
    (
        BACKLOG,
        "While Slack was unreachable for 1 h 2 min: 12 problems, ×340 in all",
        "Slack에 1시간 2분 동안 연결할 수 없었습니다. 그동안 문제 12건이 모두 340회 발생했습니다",
    ),
]


@pytest.mark.parametrize(("message", "english", "korean"), DIGESTS)
def test_a_digest_says_how_much_at_once_and_lists_the_top(message: Message, english: str, korean: str) -> None:
    for style, sentence in ((ENGLISH, english), (KOREAN, korean)):
        payload = slack.payload(message, style)
        told = whole_text(payload)
        assert f"🔴 {sentence}" in payload["text"]
        assert sentence in told
        assert all(entry.title in told and entry.location in told for entry in message.entries)


def test_a_digest_that_may_have_arrived_says_so_once() -> None:
    payload = slack.payload(replace(STORM, repeat=True), KOREAN)
    assert payload["text"].endswith("그 밖에 4,995건이 더 있습니다 · (재전송)")
    assert texts(payload["blocks"][-1], literal=True) == ["(재전송)"]


def test_a_digest_tells_how_many_it_leaves_out() -> None:
    assert "+4 995 more" in texts(slack.payload(STORM, ENGLISH)["blocks"][1], literal=True)
    assert "그 밖에 4,995건" in texts(slack.payload(STORM, KOREAN)["blocks"][1], literal=True)


@pytest.mark.parametrize("style", [ENGLISH, KOREAN], ids=lambda style: style.language)
@pytest.mark.parametrize("trouble", Trouble)
def test_what_bongsu_has_to_say_of_itself_stands_last_in_one_sentence(trouble: Trouble, style: Style) -> None:
    message = replace(FIRST_SEEN, notes=(Note(trouble=trouble, detail="4711 <here>"),))
    footer = slack.payload(message, style)["attachments"][0]["blocks"][-1]
    assert footer["type"] == "context"
    assert footer["elements"][0]["text"].startswith("⚠️ ")
    assert "4711 &lt;here&gt;" in footer["elements"][0]["text"]


def test_a_reply_is_short_and_names_the_newest_request() -> None:
    reply = slack.reply(replace(GROWING, request_ids=("old", "new")), ENGLISH)
    assert reply["text"] == "🔴 ×1 240 in 12 min · new, old\nNewest: 500 · GET /login/callback"
    assert slack.reply(QUIET, KOREAN)["text"].startswith("🟢 30분째 조용합니다.")


def test_a_follow_up_is_brief_and_still_says_what_where_and_how_often() -> None:
    payload = slack.payload(GROWING, ENGLISH, brief=True)
    assert whole_text({"blocks": payload["blocks"]}) == (
        "🔴 [production] checkin: \nIntegrityError: NOT NULL constraint failed: member.employee_no\n×1 240 in 12 min"
    )
    shown = [text.partition("\n")[0].strip("*") for text in texts(payload["attachments"], literal=False)]
    assert shown == ["SOURCE", "REQUEST ID", "COUNT", "USERS", "FIRST SEEN", "LAST SEEN"]
    assert judge(payload) == []


def test_without_layout_the_text_still_tells_everything() -> None:
    text = slack.payload(GROWING, ENGLISH, plain=True)["text"]
    for wanted in ("IntegrityError", "checkin/members.py:41", "4f2c9a7be1d04c5f", "register(profile)", "in 12 min"):
        assert wanted in text


def test_links_in_a_record_can_be_clicked_and_nothing_else_is_live() -> None:
    body = slack.payload(DEPLOYED, ENGLISH)["blocks"][1]["elements"][0]["elements"]
    assert body == [
        {"type": "text", "text": "by Mina, see "},
        {"type": "link", "url": "https://ci.example/runs/812"},
        {"type": "text", "text": " for the log"},
    ]


def raw(payload: str, **changes: Any) -> Message:
    assert DEPLOYED.event is not None
    return replace(DEPLOYED, event=replace(DEPLOYED.event, payload=payload), **changes)


def test_a_raw_payload_goes_out_as_it_is() -> None:
    own_payload = {"text": "hello <!here>", "blocks": [{"type": "divider"}], "username": "ops"}
    assert slack.payload(raw(json.dumps(own_payload)), ENGLISH) == own_payload


def test_a_raw_payload_without_text_gets_ours_for_phones() -> None:
    payload = slack.payload(raw('{"blocks": [{"type": "divider"}]}'), ENGLISH)
    assert payload["text"] == "🔵 [production] checkin: checkin 1.4.2 deployed"


def test_a_raw_payload_chooses_no_channel() -> None:
    assert slack.payload(raw('{"text": "x", "channel": "C9", "ts": "1.2"}'), ENGLISH) == {"text": "x"}


def test_a_raw_payload_without_layout_is_its_text() -> None:
    message = raw('{"text": "hello", "blocks": [{"type": "divider"}]}')
    assert slack.payload(message, ENGLISH, plain=True)["text"] == "hello"


def test_a_raw_payload_sent_again_says_so_below() -> None:
    payload = slack.payload(raw('{"text": "hello"}', repeat=True), KOREAN)
    assert payload["text"] == "hello"
    assert texts(payload["attachments"], literal=False) == ["운영 기록 (재전송)"]
    assert judge(payload) == []


@pytest.mark.parametrize(
    "payload", ["", "{", "[]", "3", '{"text": NaN', "[" * 100_000, '{"a":' * 200 + "1" + "}" * 200]
)
def test_an_unreadable_raw_payload_becomes_an_ordinary_record(payload: str) -> None:
    assert slack.payload(raw(payload), ENGLISH) == slack.payload(DEPLOYED, ENGLISH)


def test_a_raw_payload_with_half_a_character_can_still_be_sent() -> None:
    payload = slack.payload(raw('{"text": "half \\ud83d"}'), ENGLISH)
    assert payload["text"] == "half \ufffd"


@settings(max_examples=100)
@given(st.text(st.characters(), max_size=200))
def test_one_line_is_one_clean_line(text: str) -> None:
    cleaned = one_line(text)
    cleaned.encode()
    assert "\n" not in cleaned
    assert one_line(cleaned) == cleaned
