"""Outcomes taken in: counts are exact, signs of life survive their process, and each finding is told once."""

import math
import os
import socket
from dataclasses import replace
from pathlib import Path

import pytest
from program import HEADER, POLICY, Program

from bongsu.alerting.decision import Reason
from bongsu.capture.recorder import OTHERS, TALLY_NAMES_MAX
from bongsu.capture.spool import SLOTS, Spool
from bongsu.client.books import RECOVER_EVERY_S
from bongsu.client.intake import TALLY_EVERY_S
from bongsu.client.leader import born
from bongsu.client.outcomes import BEAT_EVERY_S, BEATING_MAX, Outcomes
from bongsu.client.outcomes.declarations import Declared, record_of
from bongsu.client.outlook import is_taken
from bongsu.event import Kind, Problem
from bongsu.outcomes.durations import DAY_S, Hours
from bongsu.outcomes.expectations import KEPT_S, Expectation
from bongsu.outcomes.heartbeats import Beat, Heartbeat
from bongsu.store.watches import WATCHES_MAX, Watch
from bongsu.testing import FakeClock

HOUR = 3_600.0
NIGHTLY = Heartbeat(
    name="nightly",
    every_s=float(DAY_S),
    grace_s=HOUR,
    at_most_s=HOUR,
    source="/srv/jobs.py:3",
    declared_at=0.0,
    since=0.0,
)
LOGINS = Expectation(
    name="login",
    at_least=2,
    per_s=600.0,
    hours=Hours(),
    source="/srv/auth.py:12",
    declared_at=0.0,
    observed_since=0.0,
    looked_at=0.0,
)


# -- tallies


def test_counts_are_exact(program: Program) -> None:
    for times in (1, 1, 5, 0):
        program.outcomes.count("login", times)
    program.take_in()
    program.outcomes.count("login", 3)
    program.outcomes.count("order", 1)
    program.take_in(hurry=True)
    assert program.tallies() == {("count", "login"): 10, ("count", "order"): 1}


def test_a_count_that_is_no_number_counts_nothing(program: Program) -> None:
    for wrong in (-1, 1.5, "3", None, True, 10**12):
        program.outcomes.count("login", wrong)
    program.take_in()
    assert program.tallies() == {}


def test_only_the_first_count_of_a_name_wakes_the_worker(program: Program) -> None:
    for _ in range(100):
        program.outcomes.count("login", 1)
    assert program.wakes == 1


def test_tallies_alone_are_taken_in_every_five_seconds_and_at_once_in_a_hurry(program: Program) -> None:
    program.outcomes.count("login", 1)
    program.take_in()
    seen = []
    for _ in range(7):
        program.outcomes.count("login", 1)
        program.clock.advance(1.0)
        program.take_in()
        seen.append(program.tallies()["count", "login"])
    assert seen == [1, 1, 1, 1, 6, 6, 6]
    assert TALLY_EVERY_S == 5.0
    program.take_in(hurry=True)
    assert program.tallies()["count", "login"] == 8


def test_a_spool_is_taken_when_its_tallies_are_but_a_flush_does_not_wait_for_what_goes_on(program: Program) -> None:
    program.outcomes.count("login", 1)
    program.take_in()
    program.outcomes.count("login", 1)
    spool = program.recorder.spool
    with program.books.store.reading() as book:
        assert not is_taken(spool, book, tallies=True)
        assert is_taken(spool, book, tallies=False)
    program.take_in(hurry=True)
    with program.books.store.reading() as book:
        assert is_taken(spool, book, tallies=True)


def test_what_a_dead_process_counted_is_taken_in_once(program: Program, sibling: Program) -> None:
    program.outcomes.count("login", 5)
    program.take_in()
    program.outcomes.count("login", 7)
    program.die()
    sibling.adopt()
    sibling.adopt()
    assert sibling.tallies() == {("count", "login"): 12}


def test_names_are_bounded_and_scrubbed(program: Program) -> None:
    program.outcomes.count("kim@example.org", 1)
    for number in range(TALLY_NAMES_MAX * 2):
        program.outcomes.count(f"name {number}", 1)
    program.outcomes.count("x" * 10_000_000, 1)
    program.take_in()
    tallies = program.tallies()
    assert len(tallies) == TALLY_NAMES_MAX + 1
    assert tallies["count", OTHERS] == TALLY_NAMES_MAX + 2
    assert sum(tallies.values()) == TALLY_NAMES_MAX * 2 + 2
    assert not any("example.org" in name for _, name in tallies)


def test_a_name_that_is_expected_is_told_apart_however_many_there_are(program: Program) -> None:
    for number in range(TALLY_NAMES_MAX + 10):
        program.outcomes.count(f"name {number}", 1)
    program.outcomes.count("login", 1)
    program.outcomes.declare(LOGINS)
    program.outcomes.count("login", 4)
    program.take_in()
    assert program.tallies()["count", "login"] == 4
    assert program.tallies()["count", OTHERS] == 11


def test_without_a_counter_left_the_record_counts(program: Program) -> None:
    for _ in range(SLOTS):
        program.recorder.spool.claim_slot()
    program.outcomes.count("login", 2)
    program.outcomes.count("login", 3)
    program.take_in()
    assert program.tallies() == {("count", "login"): 5}


def test_a_new_spool_counts_on(program: Program) -> None:
    program.outcomes.count("login", 2)
    program.recorder.spool.slots_used = SLOTS
    [old] = program.recorder.rotate(heal=False)
    program.outcomes.count("login", 3)
    program.intake.own(program.books.store, old, HEADER, program.clock.now(), POLICY)
    program.take_in()
    assert program.tallies() == {("count", "login"): 5}


def test_a_count_that_met_another_thread_counts_too(program: Program) -> None:
    program.outcomes.count("login", 1)
    spool = program.recorder.spool
    spool._lock.acquire()
    program.outcomes.count("login", 4)
    spool._lock.release()
    program.take_in()
    assert program.tallies() == {("count", "login"): 5}


def test_the_counts_of_memory_and_file_add_up(program: Program) -> None:
    program.outcomes.count("login", 1)
    program.take_in()
    program.books.fall_back("the disk is full", [program.recorder.spool.name])
    program.outcomes.count("login", 2)
    program.take_in(hurry=True)
    program.clock.advance(RECOVER_EVERY_S)
    program.books.look_after([program.recorder.spool.name])
    program.outcomes.count("login", 4)
    program.take_in(hurry=True)
    assert program.tallies() == {("count", "login"): 7}


# -- expectations


def test_too_few_are_told_by_whoever_looks_and_over_when_there_are_enough(program: Program, sibling: Program) -> None:
    declare(program, LOGINS)
    program.take_in()
    sibling.live(700)
    assert sibling.told() == [("unmet", Reason.FIRST_SEEN)]
    [event] = sibling.events()
    assert (event.kind, event.message) == (Kind.EXPECTATION, "login: 0 in 10 min, at least 2 expected")
    assert (event.source, event.app, event.request_id) == ("auth.py:12", "shop", None)
    for _ in range(11):
        program.outcomes.count("login", 1)
        program.take_in()
        sibling.live(60)
    assert sibling.told() == [("unmet", Reason.RESOLVED)]


def test_enough_in_two_processes_together_are_enough(program: Program, sibling: Program) -> None:
    declare(program, LOGINS)
    for _ in range(60):
        program.outcomes.count("login", 1)
        sibling.outcomes.count("login", 1)
        program.live(300)
        sibling.take_in()
    assert program.told() == []


def test_in_memory_nobody_says_what_others_have_not_counted(program: Program) -> None:
    declare(program, LOGINS)
    declare(program, NIGHTLY)
    program.take_in()
    program.books.fall_back("the disk is full", [program.recorder.spool.name])
    program.live(3 * DAY_S, 600)
    assert program.told() == []
    program.books.look_after([program.recorder.spool.name])
    assert not program.books.in_memory
    program.live(300)
    assert program.told() == []
    program.live(400)
    assert program.told() == [("unmet", Reason.FIRST_SEEN)]


# -- heartbeats


def declare(program: Program, what: Declared) -> None:
    program.outcomes.declare(what)


def test_a_job_whose_process_is_gone_is_missed_by_a_sibling_once_for_each_beat(
    program: Program, sibling: Program
) -> None:
    declare(program, NIGHTLY)
    program.outcomes.ended("nightly", Beat.OK, None)
    program.die()
    sibling.live(DAY_S + HOUR)
    assert sibling.told() == [("missed", Reason.FIRST_SEEN)]
    sibling.live(2 * DAY_S)
    [group] = groups_of(sibling)
    assert group == 3
    [event] = sibling.events()
    assert (event.kind, event.source) == (Kind.HEARTBEAT, "jobs.py:3")


def test_and_heard_again_it_is_over(program: Program, sibling: Program) -> None:
    declare(program, NIGHTLY)
    program.take_in()
    sibling.live(DAY_S + 2 * HOUR)
    program.outcomes.ended("nightly", Beat.OK, None)
    program.take_in()
    sibling.live(DAY_S)
    assert sibling.told() == [("missed", Reason.RESOLVED)]


def test_a_run_that_fails_is_one_event_with_its_exception(program: Program) -> None:
    run = program.outcomes.started("nightly", is_bound=True)
    error = ValueError("disk full")
    program.outcomes.failed("nightly", run, error, "")
    program.recorder.exception(error)
    program.take_in()
    assert program.told() == [("failed", Reason.FIRST_SEEN)]
    [event] = program.events()
    assert (event.kind, event.exceptions[0].type, event.message) == (Kind.HEARTBEAT, "ValueError", "disk full")


def test_an_exception_that_was_told_already_makes_no_second_event(program: Program) -> None:
    error = ValueError("disk full")
    program.recorder.exception(error)
    program.outcomes.failed("nightly", None, error, "")
    program.take_in()
    assert program.told() == [("exception", Reason.FIRST_SEEN)]
    [state] = states(program)
    assert state["failing"]


def test_each_failed_run_counts_and_ends_its_run(program: Program) -> None:
    for number in range(3):
        run = program.outcomes.started("nightly", is_bound=True)
        program.outcomes.failed("nightly", run, f"attempt {number}", "/srv/jobs.py:9")
        program.clock.advance(2.0)
    program.take_in()
    assert groups_of(program) == [3]
    [state] = states(program)
    assert state["runs"] == []
    program.outcomes.ended("nightly", Beat.OK, None)
    program.take_in()
    assert states(program)[0]["failing"] is False


def test_failures_in_a_loop_are_counted_and_recorded_once_a_second(program: Program) -> None:
    for _ in range(1_000):
        program.outcomes.failed("nightly", None, "disk full", "")
        program.clock.advance(0.01)
    program.take_in()
    assert groups_of(program) == [1_000]
    assert program.recorder.spool.bytes_written < 20_000


def test_signs_of_life_in_a_loop_are_recorded_once_a_second(program: Program) -> None:
    for _ in range(1_000):
        run = program.outcomes.started("poll", is_bound=True)
        program.outcomes.ended("poll", Beat.OK, run or "")
        program.outcomes.ended("tick", Beat.OK, None)
        program.clock.advance(0.01)
    assert program.recorder.spool.bytes_written < 10 * BEAT_EVERY_S * 1_000
    program.take_in()
    assert [state["runs"] for state in states(program)] == [[], []]


def test_a_change_is_recorded_however_fast_it_comes(program: Program) -> None:
    program.outcomes.ended("nightly", Beat.OK, None)
    program.outcomes.failed("nightly", None, "disk full", "")
    program.take_in()
    assert states(program)[0]["failing"] is True
    program.outcomes.ended("nightly", Beat.OK, None)
    program.take_in()
    assert states(program)[0]["failing"] is False
    assert program.told() == [("failed", Reason.RESOLVED)]


def test_runs_in_two_processes_overlap(program: Program, sibling: Program) -> None:
    for each in (program, sibling):
        assert each.outcomes.started("nightly", is_bound=True)
        each.take_in()
        program.clock.advance(1.0)
    assert sibling.told() == [("overlapping", Reason.FIRST_SEEN)]


def test_runs_that_begin_together_overlap_and_are_recorded_no_more_than_twice_a_second(program: Program) -> None:
    runs = [program.outcomes.started("nightly", is_bound=True) for _ in range(5)]
    assert [run is not None for run in runs] == [True, True, False, False, False]
    for run in runs:
        program.outcomes.ended("nightly", Beat.OK, run or "")
    assert not program.outcomes.has_runs
    program.take_in()
    assert program.told() == [("overlapping", Reason.FIRST_SEEN)]


def test_a_run_whose_process_is_gone_was_killed(program: Program, sibling: Program) -> None:
    program.outcomes.started("nightly", is_bound=True)
    program.die()
    sibling.adopt()
    assert sibling.told() == [("killed", Reason.FIRST_SEEN)]


def test_a_process_that_lives_on_after_giving_its_spool_away_was_not(
    tmp_path: Path, clock: FakeClock, sibling: Program
) -> None:
    spool = Spool(str(tmp_path), "three", {**HEADER, "host": socket.gethostname(), "pid": os.getpid()})
    spool.append({"beat": {"name": "nightly", "beat": "started", "at": clock.now(), "run": "r", "bound": True}})
    spool.release()
    sibling.adopt()
    assert sibling.told() == []


def test_a_process_that_began_later_with_the_same_id_is_another_one(
    tmp_path: Path, clock: FakeClock, program: Program
) -> None:
    here = {**HEADER, "host": socket.gethostname(), "pid": os.getpid()}
    before = Spool(str(tmp_path), "three", {**here, "born": "another time"})
    beat = {"name": "nightly", "beat": Beat.STARTED, "at": clock.now(), "bound": True}
    before.append({"beat": {**beat, "run": "r1"}})
    before.release()
    now = Spool(str(tmp_path), "two", {**here, "born": born(os.getpid())})
    now.append({"beat": {**beat, "run": "r2"}})
    now.release()
    program.adopt()
    assert ("killed", Reason.FIRST_SEEN) in program.told()
    with program.books.store.reading() as book:
        watch = book.watch(Kind.HEARTBEAT, "nightly")
    assert watch is not None
    assert [run["id"] for run in watch.data["runs"]] == ["r2"]


def test_what_is_watched_survives_the_disk(program: Program) -> None:
    declare(program, NIGHTLY)
    program.outcomes.started("nightly", is_bound=True)
    program.take_in()
    program.books.fall_back("the disk is full", [program.recorder.spool.name])
    program.outcomes.failed("nightly", None, "disk full", "")
    program.take_in()
    program.clock.advance(RECOVER_EVERY_S)
    program.books.look_after([program.recorder.spool.name])
    [state] = states(program)
    assert (state["every_s"], state["failing"]) == (DAY_S, True)


# -- declarations


def test_what_is_declared_is_told_to_the_store_once_and_again_each_day_and_with_each_new_spool(
    program: Program,
) -> None:
    spool = program.recorder.spool
    sizes = []
    for wait_s in (0.0, 1.0, float(DAY_S)):
        program.clock.advance(wait_s)
        declare(program, NIGHTLY)
        sizes.append(spool.bytes_written)
    assert sizes[0] == sizes[1] < sizes[2]
    spool.slots_used = SLOTS
    program.recorder.rotate(heal=False)
    declare(program, NIGHTLY)
    assert program.recorder.spool.bytes_written > 0


def test_what_nobody_declares_any_more_is_forgotten_and_over(program: Program) -> None:
    declare(program, replace(NIGHTLY, every_s=float(DAY_S)))
    declare(program, LOGINS)
    program.live(2 * DAY_S, 600)
    assert sorted(program.watched()) == ["login", "nightly"]
    program.live(KEPT_S, 600)
    assert program.watched() == []
    with program.books.store.reading() as book:
        assert {group.phase.value for group in book.all_groups()} == {"quiet"}


def test_what_is_forgotten_by_hand_is_over(program: Program) -> None:
    declare(program, NIGHTLY)
    program.live(DAY_S + 2 * HOUR)
    assert program.intake.unwatch(program.books.store, "nightly", program.clock.now(), POLICY, HEADER)
    assert not program.intake.unwatch(program.books.store, "nightly", program.clock.now(), POLICY, HEADER)
    assert program.watched() == []
    assert program.told() == [("missed", Reason.RESOLVED)]


# -- answers


def answer(program: Program, status: int, times: int, route: str | None = "/orders", told: bool = False) -> None:
    for _ in range(times):
        program.outcomes.answered("GET", route, status, told=told)


def test_a_5xx_without_an_exception_is_an_event_by_method_route_and_status(program: Program) -> None:
    answer(program, 503, 2)
    answer(program, 502, 1)
    answer(program, 500, 1, told=True)
    answer(program, 404, 1)
    program.take_in()
    assert [event.message for event in program.events()] == ["503 GET /orders", "502 GET /orders"]
    assert groups_of(program) == [2, 1]
    event = program.events()[0]
    assert event.tags == {"method": "GET", "status": "503", "route": "/orders"}
    assert event.finding is not None
    assert event.finding.problem is Problem.ANSWER


def test_nor_is_one_where_that_is_turned_off(program: Program) -> None:
    program.outcomes = Outcomes(program.recorder, program.clock, tells_answers=False)
    answer(program, 503, 2)
    program.take_in()
    assert program.events() == []
    assert program.tallies() == {("5xx", "GET /orders"): 2}


def test_bad_answers_of_two_processes_are_one_burst_and_over_after_it(program: Program, sibling: Program) -> None:
    for each in (program, sibling):
        answer(each, 503, 3)
        answer(each, 200, 5)
        each.take_in()
    program.live(20, 1)
    burst = next(event for event in program.events() if event.finding and event.finding.problem is Problem.BURST)
    assert burst.message == "5xx: 6 of 16 answers in 5 min\n6 × GET /orders"
    for _ in range(120):
        answer(program, 200, 20)
        program.live(10, 5)
    assert ("burst", Reason.RESOLVED) in program.told()


def test_scanners_make_no_burst_and_no_names(program: Program) -> None:
    answer(program, 404, 50, route=None)
    program.outcomes.answered("PROPFIND\n" * 1_000, "/orders", 404, told=False)
    program.live(60, 1)
    assert program.told() == []
    assert program.tallies() == {("4xx", "(unmatched)"): 50, ("4xx", "(other) /orders"): 1}


# -- odd inputs

TORN = [
    {"tally": 3, "slot": 0},
    {"tally": {"kind": "count"}, "slot": 0},
    {"tally": {"kind": "count", "name": "x"}, "times": "many"},
    {"declared": {"kind": "heartbeat"}},
    {"declared": {"kind": "nonsense", "name": "x", "source": ""}},
    {"declared": []},
    {"beat": {"name": "x", "beat": "danced", "at": 1.0, "run": None, "bound": False}},
    {"beat": {"name": "x", "beat": "ok", "at": "noon", "run": None, "bound": False}},
    {"beat": 7},
]


@pytest.mark.parametrize("record", TORN, ids=str)
def test_what_another_version_wrote_is_left_out(program: Program, record: dict[str, object]) -> None:
    program.recorder.spool.append(record)
    program.outcomes.count("login", 1)
    program.take_in()
    assert program.tallies() == {("count", "login"): 1}


BEAT = {"name": "nightly", "beat": "started", "at": 1.0, "run": "r", "bound": True}
FIELDS = [
    *(("declared", each) for each in (record_of(NIGHTLY, 1.0)["declared"], record_of(LOGINS, 1.0)["declared"])),
    ("beat", BEAT),
    ("tally", {"kind": "count", "name": "order"}),
]


@pytest.mark.parametrize("wrong", [math.nan, math.inf, -math.inf, 10**30, None, "\ud800", [], {}, True])
def test_no_field_of_another_type_stops_the_worker(program: Program, wrong: object) -> None:
    for what, fields in FIELDS:
        for name in fields:
            program.recorder.spool.append({what: {**fields, name: wrong}})
    for name in ("times", "at", "slot"):
        program.recorder.spool.append({"tally": {"kind": "count", "name": "order"}, "times": 1, "at": 1.0, name: wrong})
    program.outcomes.count("login", 1)
    program.live(DAY_S, HOUR)
    with program.books.store.reading() as book:
        assert book.slots(program.recorder.spool.name) != {}


def test_a_watch_that_another_version_wrote_is_forgotten(program: Program) -> None:
    declare(program, NIGHTLY)
    program.take_in()
    with program.books.store.transaction() as book:
        [watch] = book.all_watches()
        book.save_watch(replace(watch, data={"from": "the future"}, due_at=0.0))
    program.live(60)
    assert program.watched() == []


def test_more_watches_than_are_kept_are_said(program: Program, capsys: pytest.CaptureFixture[str]) -> None:
    with program.books.store.transaction() as book:
        for number in range(WATCHES_MAX):
            book.save_watch(Watch(kind="heartbeat", name=f"{number}", due_at=None, saved_at=0.0, keep_s=0.0, data={}))
    program.outcomes.declare(NIGHTLY)
    program.take_in()
    assert "heartbeat 'nightly' is not watched: 1,000 others are already" in capsys.readouterr().err


def test_one_process_has_so_many_heartbeats_and_no_more(program: Program) -> None:
    for number in range(BEATING_MAX * 2):
        program.outcomes.ended(f"job {number}", Beat.OK, None)
    program.take_in()
    assert len(program.watched()) == BEATING_MAX


def groups_of(program: Program) -> list[int]:
    with program.books.store.reading() as book:
        return [group.total for group in book.all_groups()]


def states(program: Program) -> list[dict[str, object]]:
    with program.books.store.reading() as book:
        return [dict(watch.data) for watch in book.all_watches() if watch.kind == Kind.HEARTBEAT]
