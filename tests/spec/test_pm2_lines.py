"""Lines and records that wait: what is told together, and when."""

from bongsu.event import Process, ProcessState
from bongsu.watchers.pm2.lines import FORGET_S, GATHER_S, OTHERS, Lines
from bongsu.watchers.pm2.records import NAMES_MAX, QUIET_S, WAIT_MAX_S, Records
from bongsu.watchers.report import Report, Turn

WORDS = ("apples", "pears", "plums", "figs")  # numbers would make them one text


def test_equal_lines_are_told_once_with_their_number() -> None:
    lines = Lines()
    for number in range(1_000):
        lines.add(f"order {number} failed", now=10.0)
    assert lines.due_at() == 10.0 + GATHER_S
    assert lines.due(10.4) == []
    assert lines.due(10.5) == [("order 0 failed", 1_000)]
    assert lines.due_at() is None


def test_of_many_texts_two_have_words_of_their_own_and_all_are_counted() -> None:
    lines = Lines()
    for second in range(60):
        for word in WORDS:
            lines.add(f"no more {word}", now=float(second))
        told = lines.due(second + GATHER_S)
        assert told == [("no more apples", 1), ("no more pears", 1), (OTHERS, 2)]


def test_a_text_gives_its_place_to_another_when_it_has_not_come_for_a_while() -> None:
    lines = Lines()
    for word in WORDS:
        lines.add(word, now=0.0)
    lines.due(1.0)
    lines.add("cherries", now=FORGET_S)
    assert lines.due(FORGET_S + 1) == [("cherries", 1)]


def test_an_empty_line_is_none() -> None:
    lines = Lines()
    lines.add(" \t", now=0.0)
    assert lines.due_at() is None


# -- records


def record(name: str, turn: Turn = Turn.RESTARTED, channel: str | None = None) -> Report:
    process = Process(name=name, watcher="pm2", state=ProcessState.RUNNING, command="node web.js")
    return Report(turn=turn, at=0.0, process=process, instance="1", channel=channel)


def test_what_is_done_to_many_apps_is_one_record_with_a_bounded_name() -> None:
    records = Records()
    for number in range(NAMES_MAX + 7):
        records.add(record(chr(ord("a") + number)), now=0.1 * number)
        records.add(record(chr(ord("a") + number)), now=0.1 * number)  # another process of its cluster
    [told] = records.due(1.1 + QUIET_S)
    assert (told.process.name, told.instance) == ("a, b, c, d, e, +7 more", "")
    assert records.due_at() is None


def test_a_record_of_one_app_is_left_as_it_is() -> None:
    records = Records()
    records.add(record("web"), now=0.0)
    assert records.due(QUIET_S) == [record("web")]


def test_records_of_other_kinds_and_channels_stay_apart() -> None:
    records = Records()
    for each in (record("web"), record("web", Turn.RELOADED), record("web", channel="shop")):
        records.add(each, now=0.0)
    assert len(records.due(QUIET_S)) == 3


def test_a_command_that_does_not_end_is_told_after_a_while() -> None:
    records, now = Records(), 0.0
    while now < WAIT_MAX_S:
        assert records.due(now) == []
        records.add(record("web"), now)
        now += 1.0
    assert len(records.due(WAIT_MAX_S)) == 1
