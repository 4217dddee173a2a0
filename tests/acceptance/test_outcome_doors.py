"""`heartbeat`, `count` and `expect` in a program: what they leave as it is, what they tell, what they refuse."""

import asyncio
import inspect
import logging
import traceback
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import bongsu
from bongsu import client
from bongsu.client.outcomes import declarations
from bongsu.event import Kind, Problem
from bongsu.scrubbing import MARK
from bongsu.testing import CapturedEvents, capture_events


@pytest.fixture(autouse=True)
def _nothing_declared() -> Iterator[None]:
    declarations._declared.clear()
    yield
    declarations._declared.clear()


@pytest.fixture
def captured() -> Iterator[CapturedEvents]:
    with capture_events() as events:
        yield events


def found(captured: CapturedEvents) -> list[tuple[str, str]]:
    return [(event.finding.problem, event.finding.name) for event in captured.events if event.finding]


def standing(name: str) -> dict[str, Any]:
    active = client.active()
    assert active is not None
    active.flush(10)
    with active.worker.books.store.reading() as book:
        watch = book.watch(Kind.HEARTBEAT, name)
    assert watch is not None
    return dict(watch.data)


# -- the decorator


def test_a_decorated_function_stays_what_it_was(captured: CapturedEvents) -> None:
    @bongsu.heartbeat("report", every="1h")
    def report(day: str, *, pages: int = 3) -> str:
        """Write it."""
        return f"{day}: {pages}"

    assert report("monday", pages=4) == "monday: 4"
    assert (report.__name__, report.__doc__) == ("report", "Write it.")
    assert str(inspect.signature(report)) == "(day: str, *, pages: int = 3) -> str"
    assert standing("report")["runs"] == []
    assert standing("report")["heard_at"]
    assert found(captured) == []


def test_a_decorated_coroutine_function_is_one_still(captured: CapturedEvents) -> None:
    @bongsu.heartbeat("report")
    async def report(fails: bool) -> int:
        await asyncio.sleep(0)
        if fails:
            raise OSError("disk full")
        return 7

    assert inspect.iscoroutinefunction(report)
    assert asyncio.run(report(False)) == 7
    with pytest.raises(OSError, match="disk full"):
        asyncio.run(report(True))
    assert found(captured) == [("failed", "report")]


def test_a_decorated_method_stays_what_it_was(captured: CapturedEvents) -> None:
    class Jobs:
        @bongsu.heartbeat("of the class")
        @classmethod
        def of_the_class(cls, more: int) -> tuple[type, int]:
            return cls, more

        @bongsu.heartbeat("of none")
        @staticmethod
        def of_none(more: int) -> int:
            return more

    assert Jobs.of_the_class(1) == Jobs().of_the_class(1) == (Jobs, 1)
    assert Jobs.of_none(2) == Jobs().of_none(2) == 2
    assert standing("of the class")["heard_at"]
    assert standing("of none")["heard_at"]


def test_what_a_job_raises_reaches_its_caller_and_is_one_event_whoever_sees_it(captured: CapturedEvents) -> None:
    @bongsu.heartbeat("report")
    def report() -> None:
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full") as raised:
        report()
    logging.getLogger("jobs").error("it broke", exc_info=raised.value)
    bongsu.capture_exception(raised.value)
    client.report(raised.value)
    [event] = captured.events
    assert (event.kind, event.title) == (Kind.HEARTBEAT, "OSError: disk full")
    assert event.culprit is not None
    assert event.culprit.function.endswith("report")


def test_what_was_logged_inside_is_told_there_and_not_again(captured: CapturedEvents) -> None:
    @bongsu.heartbeat("report")
    def report() -> None:
        try:
            raise OSError("disk full")
        except OSError:
            logging.getLogger("jobs").exception("it broke")
            raise

    with pytest.raises(OSError, match="disk full"):
        report()
    [event] = captured.events
    assert event.kind is Kind.EXCEPTION
    assert standing("report")["failing"] is True


ENDS: list[tuple[BaseException, bool]] = [
    (SystemExit(), False),
    (SystemExit(0), False),
    (SystemExit(3), True),
    (SystemExit("no disk"), True),
    (KeyboardInterrupt(), False),
    (asyncio.CancelledError(), False),
    (GeneratorExit(), False),
    (ExceptionGroup("many", [OSError()]), True),
]


@pytest.mark.parametrize(("end", "is_failure"), ENDS, ids=repr)
def test_a_clean_exit_and_a_cancellation_are_no_failures(
    captured: CapturedEvents, end: BaseException, is_failure: bool
) -> None:
    @bongsu.heartbeat("report")
    def report() -> None:
        raise end

    with pytest.raises(type(end)):
        report()
    assert found(captured) == [("failed", "report")] * is_failure
    assert standing("report")["runs"] == []


# -- context manager, and one by one


def test_a_block_is_a_run_also_an_async_one(captured: CapturedEvents) -> None:
    async def write() -> None:
        async with bongsu.heartbeat("async report"):
            assert standing("async report")["runs"]

    with bongsu.heartbeat("report") as job:
        assert isinstance(job, bongsu.heartbeat)
        assert standing("report")["runs"]
    asyncio.run(write())
    assert standing("report")["runs"] == standing("async report")["runs"] == []
    with pytest.raises(KeyError), bongsu.heartbeat("broken"):
        raise KeyError("pear")
    assert found(captured) == [("failed", "broken")]


def test_one_object_serves_runs_inside_each_other_and_in_many_tasks(captured: CapturedEvents) -> None:
    job = bongsu.heartbeat("report")

    async def run(number: int) -> None:
        async with job:
            await asyncio.sleep(0.01 * number)

    async def all_of_them() -> None:
        await asyncio.gather(*(run(number) for number in range(5)))

    asyncio.run(all_of_them())
    with job, job:
        pass
    assert standing("report")["runs"] == []


def test_begin_and_end_may_be_told_one_by_one(captured: CapturedEvents) -> None:
    bongsu.heartbeat("report").start()
    [run] = standing("report")["runs"]
    assert run["by"] is None
    bongsu.heartbeat("report").ok()
    assert standing("report")["runs"] == []


FAILURES: list[tuple[object, str]] = [
    (None, ""),
    ("disk full", "disk full"),
    (7, "7"),
    ("token=hunter2secret", f"token={MARK}"),
]


@pytest.mark.parametrize(("why", "message"), FAILURES)
def test_a_failure_may_be_told_with_a_text(captured: CapturedEvents, why: object, message: str) -> None:
    bongsu.heartbeat("report").fail(why)
    [event] = captured.events
    assert event.finding is not None
    assert event.finding.problem is Problem.FAILED
    assert event.message == message
    assert "test_outcome_doors.py:" in event.location


def test_or_with_an_exception(captured: CapturedEvents) -> None:
    bongsu.heartbeat("report").fail(OSError("disk full"))
    [event] = captured.events
    assert (event.kind, event.title) == (Kind.HEARTBEAT, "OSError: disk full")


def test_the_request_that_had_it_is_named(captured: CapturedEvents) -> None:
    with bongsu.context(request_id="r-1"):
        bongsu.heartbeat("report").fail("disk full")
    assert [event.request_id for event in captured.events] == ["r-1"]


# -- answers


def answer(status: int, *, told: bool = False) -> None:
    active = client.active()
    assert active is not None
    active.answered("GET", "/orders", status, told=told)


def test_a_bad_answer_has_its_request_and_what_was_logged_in_it(captured: CapturedEvents) -> None:
    with bongsu.context(request_id="r-1"):
        logging.getLogger("shop").warning("no stock")
        answer(503)
    answer(500, told=True)
    answer(404)
    [event] = captured.events
    assert (event.kind, event.title, event.request_id) == (Kind.HTTP, "503 GET /orders", "r-1")
    assert [line.message for line in event.trail] == ["no stock"]


ODD_ANSWERS: list[tuple[Any, Any, Any]] = [
    (None, None, 200),
    ("GET", b"/x", 503),
    (7, 7, 503),
    ("GET", "/" + "x" * 10_000_000, 503),
    ("GET", "/\ud800", 503),
]


@pytest.mark.parametrize(("method", "route", "status"), ODD_ANSWERS, ids=lambda part: str(part)[:10])
def test_odd_answers_hurt_nobody(captured: CapturedEvents, method: Any, route: Any, status: Any) -> None:
    active = client.active()
    assert active is not None
    active.answered(method, route, status, told=False)
    assert len(captured.events) == (status == 503)


# -- off, before and after


def test_without_a_client_nothing_happens_and_jobs_run() -> None:
    @bongsu.heartbeat("report", every="1h")
    def report() -> int:
        return 7

    assert report() == 7
    bongsu.count("login")
    bongsu.expect("login")
    bongsu.heartbeat("report").start()
    bongsu.heartbeat("report").ok()
    bongsu.heartbeat("report").fail("no")


def test_what_was_declared_before_the_client_began_is_watched_by_each_one() -> None:
    bongsu.heartbeat("report", every="1h", grace="5m")
    for _ in range(2):
        with capture_events():
            assert (standing("report")["every_s"], standing("report")["at_most_s"]) == (3_600, 300)


def test_a_name_without_a_period_takes_nothing_from_what_was_declared(captured: CapturedEvents) -> None:
    bongsu.heartbeat("report", every="1h")
    bongsu.heartbeat("report").ok()
    assert standing("report")["every_s"] == 3_600


def test_there_are_so_many_and_the_rest_is_said_and_not_raised(
    captured: CapturedEvents, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(declarations.DECLARED_MAX + 5):
        bongsu.expect(f"tenant {number}")
    assert len(declarations.declared()) == declarations.DECLARED_MAX
    assert "is not watched" in capsys.readouterr().err


# -- what is refused


def _generator() -> Iterator[int]:
    yield 7


expect, heartbeat = bongsu.expect, bongsu.heartbeat
REFUSED: dict[str, tuple[Callable[[], object], str]] = {
    "a name that is none": (lambda: heartbeat(""), "heartbeat: name: a name is a text of 1 to 200"),
    "a name of another type": (lambda: expect(7), "expect: name: a name is a text"),  # type: ignore[arg-type]
    "an endless name": (lambda: expect("x" * 201), "expect: name"),
    "no duration": (lambda: heartbeat("x", every="daily"), "every: 'daily' is no duration; write one such as '30s'"),
    "a number": (lambda: heartbeat("x", every=60), "every: 60 is no duration"),  # type: ignore[arg-type]
    "too short a period": (lambda: heartbeat("x", every="5s"), "every: '5s' must be from 10s to 366d"),
    "a grace without a period": (lambda: heartbeat("x", grace="5m"), "grace needs every"),
    "too long a window": (lambda: expect("x", per="2d"), "per: '2d' must be from 10s to 1d"),
    "no hours": (lambda: expect("x", between="9 to 5"), "between: '9 to 5' are no hours"),
    "no days": (lambda: expect("x", days="weekdays"), "days: 'weekdays' are no days"),
    "a window longer than its hours": (lambda: expect("x", per="2h", between="09:00-10:00"), "shorten it"),
    "a generator": (lambda: heartbeat("x")(_generator), "decorate a function that runs the job to its end"),
    "no function": (lambda: heartbeat("x")(7), "decorate a function"),  # type: ignore[type-var]
    "nothing at least": (lambda: expect("x", at_least=0), "at_least must be a whole number"),
    "a truth": (lambda: expect("x", at_least=True), "at_least must be a whole number"),
    "everything at once": (
        lambda: expect("", per="x", at_least=-1, between="x", days="x"),
        "expect: days",
    ),
}


@pytest.mark.parametrize(("call", "words"), REFUSED.values(), ids=REFUSED)
def test_what_is_wrong_is_raised_at_the_callers_line_with_its_remedy(call: Callable[[], object], words: str) -> None:
    with pytest.raises(bongsu.ConfigError) as raised:
        call()
    assert words in str(raised.value)
    frames = traceback.extract_tb(raised.value.__traceback__)
    assert [frame.filename == __file__ for frame in frames] == [True, True, False]
    assert declarations.declared() == []
