"""The message as plain text: the line of a phone, the card of a terminal, the stack as people read it."""

import re
from dataclasses import replace

import pytest
from cards import (
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
    STORM,
    caused,
    failing,
    own,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import events, messages, styles

from bongsu.event import Frame, Kind, Relation
from bongsu.messages import limits, stack, text
from bongsu.messages import message as message_module
from bongsu.messages.characters import clip, escape
from bongsu.messages.gallery.scene import library
from bongsu.messages.locales import WORDS, clock_time, counted, duration, number
from bongsu.messages.message import Message
from bongsu.messages.style import LANGUAGES, Style

EN, KO = WORDS["en"], WORDS["ko"]

WHERE = "checkin/members.py:41 · 4f2c9a7be1d04c5f"
WHAT = f"[production] checkin: IntegrityError: NOT NULL constraint failed: member.employee_no · {WHERE}"
LINES = [
    (
        FIRST_SEEN,
        f"🔴 {WHAT}",
    ),
    (
        GROWING,
        f"🔴 {WHAT} · ×1 240 in 12 min",
    ),
    (
        QUIET,
        f"🟢 {WHAT} · Quiet for 30 min: ×1 240 in 2 h 3 min, last seen 16:29:00",
    ),
    (
        replace(FIRST_SEEN, count=12, repeat=True),
        f"🔴 {WHAT} · ×12 · (repeat)",
    ),
    (STORM, "🔴 5 000 different problems at once: top 5 and +4 995 more"),
    (DEPLOYED, "🔵 [production] checkin: checkin 1.4.2 deployed"),
]


@pytest.mark.parametrize(("message", "line"), LINES)
def test_one_line_says_what_where_which_request_and_how_often(message: Message, line: str) -> None:
    assert text.line(message, ENGLISH) == line


@settings(max_examples=120)
@given(messages(), styles)
def test_a_line_is_one_line_of_bounded_length(message: Message, style: Style) -> None:
    line = text.line(message, style)
    assert 0 < len(line) <= limits.BUDGET_TEXT
    assert line.splitlines() == [line]
    line.encode()


CARD = """\
🔴 [production] checkin: IntegrityError: NOT NULL constraint failed: member.employee_no
│
│ … 3 library frames
│ checkin/auth.py:88 in callback
│     member = register(profile)
│ checkin/members.py:41 in register
│     db.execute("INSERT INTO member (name, email) VALUES (?, ?)", row)
│
│ First seen just now
│ APP checkin · ENV production · SOURCE checkin/members.py:41 · STATUS 500
│ ROUTE GET /login/callback · REQUEST ID 4f2c9a7be1d04c5f · RELEASE checkin@1.4.2 · HOST web-1
│ COUNT ×1 · FIRST SEEN 14:26:00"""


def test_the_card_of_a_terminal_is_exactly_this() -> None:
    assert text.card(FIRST_SEEN, ENGLISH) == CARD


def test_colour_is_for_terminals_that_ask_for_it() -> None:
    coloured = text.card(FIRST_SEEN, ENGLISH, colour=True)
    assert "\x1b[31m│\x1b[0m" in coloured
    assert re.sub(r"\x1b\[\d+m", "", coloured) == CARD


@settings(max_examples=150)
@given(messages(), styles)
def test_data_cannot_move_the_cursor_of_a_terminal(message: Message, style: Style) -> None:
    card = text.card(message, style)
    card.encode()
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", card)


def test_facts_flow_within_the_width_of_the_terminal() -> None:
    rows = text.card(FIRST_SEEN, KOREAN, width=60, brief=True).split("\n│ ")
    facts = [row for row in rows if " · " in row]
    assert len(facts) == 2
    assert all(text.columns(row) <= 58 for row in facts)


STACKS = [
    (
        "library frames are folded, own ones shown, the crash always",
        (
            library("a.py", 1, "f"),
            library("a.py", 2, "g"),
            own("x.py", 3, "h", "z()"),
            library("b.py", 4, "i", "raise"),
        ),
        ["… 2 library frames", "x.py:3 in h", "    z()", "b.py:4 in i", "    raise"],
    ),
    (
        "one is not many",
        (library("a.py", 1, "f"), own("x.py", 3, "h")),
        ["… 1 library frame", "x.py:3 in h"],
    ),
    (
        "nothing but library",
        (library("a.py", 1, "f"), library("b.py", 2, "g", "boom()")),
        ["… 1 library frame", "b.py:2 in g", "    boom()"],
    ),
    (
        "a recursion is shown once",
        (own("x.py", 1, "start"), *[own("x.py", 2, "walk", "walk(n)")] * 986, own("x.py", 3, "stop")),
        ["x.py:1 in start", "x.py:2 in walk", "    walk(n)", "… repeated 985 times", "x.py:3 in stop"],
    ),
    (
        "a recursion of two functions is shown once",
        (*[own("x.py", 1, "ping"), own("x.py", 2, "pong")] * 500, own("x.py", 3, "stop")),
        ["x.py:1 in ping", "x.py:2 in pong", "… repeated 499 times", "x.py:3 in stop"],
    ),
    (
        "twice is no recursion",
        (own("x.py", 1, "f"), own("x.py", 1, "f"), own("x.py", 3, "g")),
        ["x.py:1 in f", "x.py:1 in f", "x.py:3 in g"],
    ),
    ("no frames", (), []),
]


@pytest.mark.parametrize(("frames", "lines"), [row[1:] for row in STACKS], ids=[row[0] for row in STACKS])
def test_a_stack_shows_what_a_developer_needs(frames: tuple[Frame, ...], lines: list[str]) -> None:
    message = failing(replace(INTEGRITY_ERROR, frames=frames))
    assert message.event is not None
    assert stack.excerpt(message.event, EN) == "\n".join(lines)


def test_frames_that_capture_left_out_are_counted_in_the_middle() -> None:
    exception = replace(INTEGRITY_ERROR, frames=(own("x.py", 1, "f"), own("x.py", 2, "g")), frames_omitted=900)
    assert text.detail(failing(exception), ENGLISH) == "x.py:1 in f\n… 900 frames left out\nx.py:2 in g"


CHAINS = [
    (Relation.CAUSE, "caused by KeyError: 'employee_no'", "원인: KeyError: 'employee_no'"),
    (Relation.CONTEXT, "while handling KeyError: 'employee_no'", "처리 중이던 예외: KeyError: 'employee_no'"),
    (Relation.MEMBER, "member KeyError: 'employee_no'", "그룹 내 예외: KeyError: 'employee_no'"),
]


@pytest.mark.parametrize(("relation", "english", "korean"), CHAINS)
def test_a_chain_is_told_after_the_captured_exception(relation: Relation, english: str, korean: str) -> None:
    message = failing(INTEGRITY_ERROR, caused("KeyError", "'employee_no'", relation))
    for style, sentence in ((ENGLISH, english), (KOREAN, korean)):
        assert f"row)\n\n{sentence}\ncheckin/oauth.py:7 in load" in text.detail(message, style)


def test_a_message_of_several_lines_is_told_in_whole() -> None:
    message = failing(replace(INTEGRITY_ERROR, message="first\n[SQL: INSERT]"))
    assert text.detail(message, ENGLISH).endswith("\nIntegrityError: first\n[SQL: INSERT]")
    event = replace(FIRST_VISITOR, kind=Kind.LOG, exceptions=(), message="first\nsecond\nthird")
    assert text.detail(replace(FIRST_SEEN, event=event), ENGLISH) == "second\nthird"


def test_a_stack_too_long_keeps_the_crash_and_the_own_frame_nearest_to_it() -> None:
    frames = (
        *(own(f"checkin/outer{n}.py", n, "outer", "call(" + "x" * 60 + ")") for n in range(80)),
        own("checkin/culprit.py", 41, "register", "session.commit()"),
        *(own(f"site-packages/deep{n}.py", n, "deep", "call(" + "y" * 60 + ")") for n in range(80)),
    )
    frames = tuple(replace(frame, in_app="checkin" in frame.path) for frame in frames)
    excerpt = text.detail(failing(replace(INTEGRITY_ERROR, frames=frames)), ENGLISH)
    assert len(excerpt) <= limits.BUDGET_STACK
    assert excerpt.startswith("… ")
    assert "frames left out\n" in excerpt
    assert "checkin/culprit.py:41 in register" in excerpt
    assert "site-packages/deep79.py:79 in deep" in excerpt.splitlines()[-2]


def test_a_long_chain_names_how_many_are_not_shown() -> None:
    message = failing(INTEGRITY_ERROR, *[caused("KeyError", str(n)) for n in range(9)])
    assert text.detail(message, ENGLISH).endswith("\n… 5 more exceptions")


@settings(max_examples=120)
@given(events(), st.sampled_from(LANGUAGES), st.integers(100, 3_000))
def test_an_excerpt_never_exceeds_its_room(event: object, language: object, limit: int) -> None:
    assert len(stack.excerpt(event, WORDS[language], limit)) <= limit  # type: ignore[arg-type, index]


def test_the_file_holds_every_frame_and_its_locals() -> None:
    frame = replace(own("x.py", 3, "h", "z()"), locals={"profile": "{'name': 'Mina'}"})
    message = failing(
        replace(INTEGRITY_ERROR, frames=(library("a.py", 1, "f"),) * 50 + (frame,)), caused("KeyError", "'a'")
    )
    told = text.full_stack(message)
    assert told.startswith("sqlite3.IntegrityError: NOT NULL")
    assert told.count("a.py:1 in f (library)") == 50
    assert "  x.py:3 in h (checkin)\n    z()\n      profile = {'name': 'Mina'}\n" in told
    assert "caused by KeyError: 'a'" in told
    assert text.full_stack(STORM) == ""


@settings(max_examples=100)
@given(messages())
def test_the_file_is_bounded_and_fit_for_utf_8(message: Message) -> None:
    assert len(text.full_stack(message).encode()) <= 4 * limits.FULL_STACK


DURATIONS = [
    (-5, "0 s", "0초"),
    (0.9, "0 s", "0초"),
    (45, "45 s", "45초"),
    (60, "1 min", "1분"),
    (725, "12 min", "12분"),
    (3_600, "1 h", "1시간"),
    (7_380, "2 h 3 min", "2시간 3분"),
    (86_400, "1 d", "1일"),
    (3 * 86_400 + 4 * 3_600 + 59, "3 d 4 h", "3일 4시간"),
    (1_500 * 86_400, "1 500 d", "1,500일"),
]


@pytest.mark.parametrize(("seconds", "english", "korean"), DURATIONS)
def test_a_duration_names_its_two_largest_units(seconds: float, english: str, korean: str) -> None:
    assert (duration(seconds, EN), duration(seconds, KO)) == (english, korean)


@pytest.mark.parametrize("at", [float("inf"), float("-inf"), float("nan"), 1e30, -1e30])
def test_any_float_is_a_time_and_a_duration(at: float) -> None:
    assert clock_time(at, 0, today=0.0)
    assert duration(at, EN)


def test_a_time_of_another_day_has_its_date() -> None:
    assert clock_time(BEGAN, 9 * 3_600, today=BEGAN + 60) == "14:26:00"
    assert clock_time(BEGAN, 0, today=BEGAN + 60) == "05:26:00"
    assert clock_time(BEGAN, 9 * 3_600, today=BEGAN + 86_400) == "2021-09-07 14:26:00"


NUMBERS = [(0, "0", "0"), (999, "999", "999"), (1_240, "1 240", "1,240"), (1_234_567, "1 234 567", "1,234,567")]


@pytest.mark.parametrize(("value", "english", "korean"), NUMBERS)
def test_numbers_are_grouped_as_each_language_does(value: int, english: str, korean: str) -> None:
    assert (number(value, EN), number(value, KO)) == (english, korean)


@pytest.mark.parametrize(("value", "said"), [(0, "0 eggs"), (1, "1 egg"), (2, "2 eggs")])
def test_one_is_singular(value: int, said: str) -> None:
    assert counted(value, ("{} egg", "{} eggs"), EN) == said


@settings(max_examples=150)
@given(st.text("&<>;ampltg x", max_size=60), st.integers(1, 60))
def test_a_cut_never_leaves_half_an_entity(said: str, limit: int) -> None:
    cut = clip(escape(said), limit)
    assert len(cut) <= limit
    assert re.sub(r"&(amp|lt|gt);", "", cut).count("&") == 0


@settings(max_examples=100)
@given(messages())
def test_a_message_survives_the_outbox(message: Message) -> None:
    assert message_module.from_json(message_module.to_json(message)) == message


def test_a_come_back_is_told_on_the_phone() -> None:
    assert "It is back: first seen 2021-09-07 14:26:00, ×1 241 in all" in text.line(CAME_BACK, ENGLISH)
