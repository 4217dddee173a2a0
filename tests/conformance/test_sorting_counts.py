"""Ignored events and groups by the user's word: in any history each occurrence is counted once, where it belongs.

told + ignored = captured (what silences hold back is part of a group's count: test_store_silences.py).
"""

import contextlib
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from program import Program

from bongsu.capture.context import context
from bongsu.capture.recorder import DETAIL_EVERY_S, Recorder
from bongsu.capture.sorting import APART_FOR_S, APART_MAX, Sorter
from bongsu.event import Kind, Level
from bongsu.grouping import templates
from bongsu.routing.sorting import Ignored, Regrouped, Sorting
from bongsu.store.book import IGNORED_MAX, IGNORED_OTHERS
from bongsu.testing import FakeClock

BROKEN_PIPE = Ignored(when={"exception": ("BrokenPipeError",)})
NOISY = Ignored(when={"logger": ("noisy.*",)})
TENANT = Regrouped(group=templates.parsed("{default} {tag.tenant}"))


def follow(program: Program, sorting: Sorting) -> None:
    """The program goes on by these rules."""
    program.policy = replace(program.policy, sorting=sorting)
    program.recorder.sorter = Sorter(sorting, app="shop", environment="production", release="1")


def fail(
    recorder: Recorder,
    error: type[Exception] = KeyError,
    message: str = "a",
    *,
    logger: str | None = None,
    **tags: object,
) -> None:
    with context(**tags):
        try:
            raise error(message)
        except error as caught:
            recorder.exception(caught, logger=logger)


def ignored(program: Program) -> dict[str, int]:
    with program.books.store.reading() as book:
        return book.ignored()


def totals(program: Program) -> dict[str, int]:
    """How often each problem has been, by the tag of its sample."""
    with program.books.store.reading() as book:
        found: Counter[str] = Counter()
        for group in book.all_groups():
            found[group.sample.tags.get("tenant", group.sample.title)] += group.total
        return dict(found)


def test_what_is_ignored_makes_no_group_and_no_message_and_is_counted(program: Program) -> None:
    follow(program, Sorting((BROKEN_PIPE,)))
    for _ in range(1_240):
        fail(program.recorder, BrokenPipeError)
    fail(program.recorder)
    program.take_in()
    assert ignored(program) == {"exception=BrokenPipeError": 1_240}
    assert totals(program) == {"KeyError: 'a'": 1}
    assert len(program.told()) == 1


def test_the_counts_of_several_processes_and_of_dead_ones_add_up(program: Program, sibling: Program) -> None:
    for each in (program, sibling):
        follow(each, Sorting((BROKEN_PIPE,)))
        for _ in range(50):
            fail(each.recorder, BrokenPipeError)
    program.take_in()
    sibling.die()
    program.adopt()
    assert ignored(program) == {"exception=BrokenPipeError": 100}


def test_an_occasion_that_is_only_repeated_is_counted_for_its_rule_after_a_minute_too(program: Program) -> None:
    follow(program, Sorting((BROKEN_PIPE,)))
    for _ in range(4):
        fail(program.recorder, BrokenPipeError)
        program.take_in()
        program.clock.advance(DETAIL_EVERY_S / 2)
    assert ignored(program) == {"exception=BrokenPipeError": 4}


def test_a_record_is_ignored_by_a_rule_that_names_its_kind(program: Program) -> None:
    follow(program, Sorting((Ignored(when={"kind": ("record",), "level": ("info",)}),)))
    for level in (Level.INFO, Level.WARNING):
        program.recorder.record("restarted", level=level, channel="devops")
    program.take_in()
    assert ignored(program) == {"kind=record level=info": 1}
    assert program.told() == [("record", "record")]


def test_one_place_may_be_ignored_at_one_logger_and_told_at_another(program: Program) -> None:
    follow(program, Sorting((NOISY,)))
    for _ in range(20):
        fail(program.recorder, logger="noisy.pool")
        fail(program.recorder, logger="billing")
    program.take_in()
    assert ignored(program) == {"logger=noisy.*": 20}
    assert totals(program) == {"KeyError: 'a'": 20}


def test_a_split_counts_each_tenant_exactly_though_one_place_fails(program: Program) -> None:
    follow(program, Sorting((), (TENANT,)))
    for tenant, times in (("acme", 30), ("beta", 5), ("acme", 3)):
        for _ in range(times):
            fail(program.recorder, tenant=tenant)
    program.take_in()
    assert totals(program) == {"acme": 33, "beta": 5}


def test_a_split_by_message_counts_each_message(program: Program) -> None:
    rule = Regrouped(group=templates.parsed("{default} {message}"), when={"exception": ("ValueError",)})
    follow(program, Sorting((), (rule,)))
    for message in ("door", "key", "door", "door 7", "door 8"):
        fail(program.recorder, ValueError, message)
        fail(program.recorder, KeyError, message)
    for number in range(3):
        program.recorder.text(Kind.LOG, f"{number} of x", level=Level.ERROR, template="%s of %s", logger="l")
    program.take_in()
    with program.books.store.reading() as book:
        found = sorted(group.total for group in book.all_groups())
    assert found == [1, 2, 2, 3, 5]  # key, door, door N; the three of the log; all KeyErrors


def test_a_merge_is_one_problem_of_many_places(program: Program) -> None:
    follow(program, Sorting((), (Regrouped(group=templates.parsed("everything")),)))
    for _ in range(10):
        fail(program.recorder)
        program.recorder.text(Kind.MESSAGE, "no room", level=Level.ERROR)
    program.take_in()
    with program.books.store.reading() as book:
        (group,) = book.all_groups()
    assert group.total == 20
    assert group.fingerprint.startswith("r1:")


def test_beyond_its_limit_a_split_is_one_group_of_the_rest(program: Program) -> None:
    follow(program, Sorting((), (TENANT,)))
    for _ in range(2):
        for number in range(APART_MAX + 40):
            fail(program.recorder, tenant=f"t{number}")
    program.take_in()
    with program.books.store.reading() as book:
        found = Counter(group.total for group in book.all_groups())
    assert found == {2: APART_MAX, 80: 1}


def test_an_hour_later_there_is_room_again_and_a_new_spool_makes_none(program: Program) -> None:
    follow(program, Sorting((), (TENANT,)))
    rounds = (("a", 0.0, APART_MAX + 1), ("b", 60.0, APART_MAX + 1), ("c", APART_FOR_S, 2 * APART_MAX + 1))
    for letter, wait_s, problems in rounds:
        program.clock.advance(wait_s)
        for number in range(APART_MAX + 10):
            fail(program.recorder, tenant=f"{letter}{number}")
        program.take_in()
        program.recorder.let_go()
        program.adopt()
        assert len(by_group(program)) == problems
    assert sum(totals(program).values()) == 3 * (APART_MAX + 10)


class Unprintable:
    def __str__(self) -> str:
        raise RuntimeError("no")


@pytest.mark.parametrize("value", [None, 7, "", "\ud800", "x" * 10**6, "\x00", Unprintable(), ["acme"], "hunter2"])
def test_any_value_of_a_tag_is_one_that_counts(program: Program, value: object) -> None:
    hostile = Regrouped(group=templates.parsed("{default} {tag.tenant} {tag.password}"))
    follow(program, Sorting((Ignored(when={"tag.tenant": ("acme",)}),), (hostile,)))
    for _ in range(3):
        fail(program.recorder, tenant=value, password=value)
    program.take_in()
    assert list(by_group(program).values()) == [3]


def test_an_exception_whose_text_captures_it_again_is_one_event(program: Program) -> None:
    class Chatty(Exception):
        def __str__(self) -> str:
            program.recorder.exception(self)
            return "no"

    follow(program, Sorting((), (Regrouped(group=templates.parsed("{message}")),)))
    fail(program.recorder, Chatty)
    program.take_in()
    assert sum(totals(program).values()) == 1


def test_rules_that_change_hold_for_what_comes_after(program: Program) -> None:
    for rules, times in ((Sorting(), 5), (Sorting((BROKEN_PIPE,)), 7), (Sorting(), 2), (Sorting((BROKEN_PIPE,)), 1)):
        follow(program, rules)
        for _ in range(times):
            fail(program.recorder, BrokenPipeError)
        program.take_in()
    assert ignored(program) == {"exception=BrokenPipeError": 8}
    assert sum(totals(program).values()) == 7


def test_the_counts_of_file_and_memory_add_up(program: Program) -> None:
    follow(program, Sorting((BROKEN_PIPE,)))
    fail(program.recorder, BrokenPipeError)
    program.take_in()
    program.books.fall_back("the disk is full", [spool.name for spool in program.recorder.spools])
    for _ in range(3):
        fail(program.recorder, BrokenPipeError)
    program.take_in()
    assert ignored(program) == {"exception=BrokenPipeError": 3}
    program.clock.advance(60)
    program.books.look_after([spool.name for spool in program.recorder.spools])
    assert ignored(program) == {"exception=BrokenPipeError": 4}


def test_the_number_of_rules_that_are_counted_apart_has_a_limit(program: Program) -> None:
    with program.books.store.transaction() as book:
        for number in range(IGNORED_MAX + 2):
            book.add_ignored(f"rule {number}", 1)
        book.add_ignored("rule 0", 5)
        found = book.ignored()
    assert (found["rule 0"], found[IGNORED_OTHERS]) == (6, 2)
    assert len(found) == IGNORED_MAX + 1


@pytest.mark.parametrize("every_s", [1.0, DETAIL_EVERY_S, 86_400.0])
def test_how_often_a_problem_is_described_changes_no_count(program: Program, every_s: float) -> None:
    program.recorder.detail_every_s = every_s
    for _ in range(50):
        fail(program.recorder)
        program.clock.advance(7)
        program.take_in()
    assert totals(program) == {"KeyError: 'a'": 50}


# -- any history

ERRORS = {"KeyError": KeyError, "ValueError": ValueError, "BrokenPipeError": BrokenPipeError}
TENANTS = st.sampled_from(["acme", "beta", "7", ""])
LOGGERS = st.sampled_from(["noisy.pool", "billing"])
PATTERNS = st.lists(st.sampled_from(["acme", "b*", "*", "KeyError", "*Error", "noisy.*", "billing"]), min_size=1)
WHENS = st.dictionaries(
    st.sampled_from(["exception", "tag.tenant", "logger"]), PATTERNS.map(tuple), min_size=1, max_size=2
)
TEXTS = st.sampled_from(["one", "{default} {tag.tenant}", "{exception}", "{logger} {message}", "{default}"])
IGNORING = st.builds(Ignored, when=WHENS)
REGROUPING = st.builds(Regrouped, when=WHENS, group=TEXTS.map(templates.parsed))
SORTINGS = st.builds(Sorting, st.lists(IGNORING, max_size=2), st.lists(REGROUPING, max_size=3))
CAPTURES = st.tuples(st.sampled_from(sorted(ERRORS)), TENANTS, LOGGERS, st.integers(1, 3))
STEPS = st.one_of(CAPTURES, st.sampled_from(["take in", "a minute", "no disk", "disk", "killed"]), SORTINGS)


@contextlib.contextmanager
def fresh_program() -> Iterator[Program]:
    with tempfile.TemporaryDirectory() as folder:
        program = Program(Path(folder), FakeClock())
        yield program
        program.die()


@given(SORTINGS, st.lists(STEPS, max_size=25))
def test_what_is_told_and_what_is_ignored_is_all_there_was(first: Sorting, steps: list[object]) -> None:
    with fresh_program() as program:
        follow(program, first)
        captured = sum(take_step(program, step) for step in steps)
        take_step(program, "disk")
        program.take_in()
        assert sum(totals(program).values()) + sum(ignored(program).values()) == captured


@given(SORTINGS, st.lists(CAPTURES, max_size=15))
def test_each_occurrence_counts_where_its_own_rules_say(
    sorting: Sorting, captures: list[tuple[str, str, str, int]]
) -> None:
    """The counters and each event judged for itself agree."""
    with fresh_program() as counted, fresh_program() as described:
        described.recorder.detail_every_s = 0.0
        for program in (counted, described):
            follow(program, sorting)
            for capture in captures:
                take_step(program, capture)
            program.take_in()
        assert by_group(counted) == by_group(described)
        assert ignored(counted) == ignored(described)


def by_group(program: Program) -> Mapping[str, int]:
    with program.books.store.reading() as book:
        return {group.fingerprint: group.total for group in book.all_groups()}


def take_step(program: Program, step: object) -> int:
    """Take one step of a history; how many events that captured."""
    names = [spool.name for spool in program.recorder.spools]
    match step:
        case (str(error), str(tenant), str(logger), int(times)):
            for _ in range(times):
                fail(program.recorder, ERRORS[error], tenant=tenant, logger=logger)
            return times
        case Sorting():
            program.take_in()
            follow(program, step)
        case "take in":
            program.take_in()
        case "killed" if not program.books.in_memory:
            program.recorder.let_go()
            program.adopt()
        case "a minute":
            program.clock.advance(DETAIL_EVERY_S)
        case "no disk":
            program.take_in()
            program.books.fall_back("the disk is full", names)
        case "disk":
            program.take_in()
            program.clock.advance(10.0)
            program.books.look_after(names)
    return 0


def test_the_tag_of_a_call_is_the_one_that_counts(program: Program) -> None:
    follow(program, Sorting(regrouped=(TENANT,)))
    for tenant in ("b", "c", "b"):
        with context(tenant="a"):
            try:
                raise KeyError("a")
            except KeyError as caught:
                program.recorder.exception(caught, tags={"tenant": tenant})
    program.take_in()
    assert totals(program) == {"b": 2, "c": 1}


def test_answers_of_one_place_are_ignored_by_their_status(program: Program) -> None:
    follow(program, Sorting((Ignored(when={"http_status": ("404",)}),)))
    for status in (404, 500, 404, 500, 500):
        fail(program.recorder, status=status)
    program.take_in()
    assert ignored(program) == {"http_status=404": 2}
    assert totals(program) == {"KeyError: 'a'": 3}
