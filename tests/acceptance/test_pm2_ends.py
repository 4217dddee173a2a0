"""What happens to apps of a real pm2 is reported as what it was, within a second."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from pm2_daemon import SECRET, Daemon, Watching

from bongsu.event import Ending, Why
from bongsu.watchers.pm2.settings import DEFAULTS, Pm2Settings, Switch
from bongsu.watchers.report import Turn

CRASHES = 16  # after which pm2 gives up
LINES = 5_000
NO_RESTART = {"autorestart": False}
APPS = {
    "killed": {"script": "sleeper.js"},
    "segfault": {"script": "sleeper.js"},
    "crash": {"script": "crash.js"},
    "cluster": {"script": "crash.js", "exec_mode": "cluster", "instances": 1, **NO_RESTART},
    "reject": {"script": "reject.js"},
    "one": {"script": "exit.js", "env": {"EXIT_WITH": "1"}, **NO_RESTART},
    "zero": {"script": "exit.js", "env": {"EXIT_WITH": "0"}},
    "job": {"script": "exit.js", "env": {"EXIT_WITH": "0"}, **NO_RESTART},
    "heap": {"script": "heap.js", "node_args": "--max-old-space-size=30", **NO_RESTART},
    "traceback": {"script": "pricing.py", "interpreter": "python3", **NO_RESTART},
    "leak": {"script": "leak.js", "max_memory_restart": "100M"},
    "billing": {"script": "mixed.js", **NO_RESTART},
    "search": {"script": "mixed.js", **NO_RESTART},
    "flood": {"script": "flood.js"},
}
ENDS = (
    ("killed", Ending(signal="SIGKILL"), None),
    ("segfault", Ending(signal="SIGSEGV"), None),
    ("crash", Ending(code=1), "TypeError"),
    ("cluster", Ending(), "TypeError"),  # in cluster mode pm2 says 0 for an exception
    ("one", Ending(code=1), None),
    ("zero", Ending(), None),  # 0 or SIGINT: pm2 does not say which
    ("job", Ending(code=0), None),
    ("heap", Ending(signal="SIGABRT", why=Why.HEAP_EXHAUSTED), None),
    ("traceback", Ending(code=1), "KeyError"),
    ("leak", Ending(why=Why.MEMORY_LIMIT), None),
)


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watching]:
    """All of it at once, and all over."""
    settings = Pm2Settings(on=DEFAULTS | {Switch.ERROR})
    with Daemon() as pm2:
        pm2("ping")
        with Watching(pm2.home, tmp_path_factory.mktemp("state"), settings) as watching:
            pm2.start(**APPS)
            for name, number in (("killed", signal.SIGKILL), ("segfault", signal.SIGSEGV)):
                watching.wait(name, Turn.STARTED)
                os.kill(pm2.pid(name), number)
            watching.wait("crash", Turn.GAVE_UP)
            for name, _, _ in ENDS:
                watching.wait(name, Turn.ENDED)
            watching.wait_until(lambda: _lines(watching) >= LINES)
            yield watching


def _lines(watching: Watching) -> int:
    return sum(report.times for report in watching.of("flood", Turn.LINE))


@pytest.mark.parametrize(("name", "ending", "trace"), ENDS)
def test_an_end_has_its_true_cause(seen: Watching, name: str, ending: Ending, trace: str | None) -> None:
    first = seen.of(name, Turn.ENDED)[0]
    assert first.process.ending == ending
    assert (first.trace.errors[0].type if first.trace else None) == trace
    assert first.process.by_operator is False


def test_every_end_is_told_within_a_second(seen: Watching) -> None:
    assert max(seen.delays_s(Turn.ENDED)) < 1.0


def test_a_crash_loop_is_as_many_ends_as_it_had_and_then_pm2_gives_up(seen: Watching) -> None:
    *ends, last = [report.turn for report in seen.of("crash", Turn.ENDED, Turn.GAVE_UP)]
    assert last is Turn.GAVE_UP
    assert set(ends) == {Turn.ENDED}
    assert CRASHES <= len(ends) <= CRASHES + 2  # pm2 counts those that came within a second; a loaded machine is slow
    assert all(report.trace for report in seen.of("crash", Turn.ENDED))


def test_an_end_comes_between_two_starts(seen: Watching) -> None:
    turns = [report.turn for report in seen.of("crash", Turn.STARTED, Turn.ENDED) if not report.is_announced]
    assert turns == [Turn.STARTED, Turn.ENDED] * (len(turns) // 2)


def test_a_rejection_that_the_app_outlives_is_one_exception(seen: Watching) -> None:
    [failed] = seen.of("reject", Turn.FAILED)
    assert failed.trace is not None
    assert (failed.trace.errors[0].type, failed.trace.errors[0].message) == ("RangeError", "seat 99 is out of range")
    assert not seen.of("reject", Turn.ENDED)


def test_a_crash_is_no_exception_beside_its_end(seen: Watching) -> None:
    assert not [report for name in ("crash", "cluster", "traceback") for report in seen.of(name, Turn.FAILED)]


def test_a_traceback_that_comes_in_pieces_is_whole(seen: Watching) -> None:
    [end] = seen.of("traceback", Turn.ENDED)
    assert end.trace is not None
    assert [(frame.function, Path(frame.path).name) for frame in end.trace.errors[0].frames] == [
        ("<module>", "pricing.py"),
        ("price", "pricing.py"),
    ]
    assert end.process.output[0] == "about to price"


def test_the_limit_of_memory_is_told_before_its_end(seen: Watching) -> None:
    first = seen.of("leak", Turn.OVER_MEMORY, Turn.ENDED)[0]
    assert first.turn is Turn.OVER_MEMORY
    assert first.used_bytes > first.limit_bytes == 100 << 20


def test_two_apps_that_write_in_the_same_moment_are_never_mixed(seen: Watching) -> None:
    for name, other in (("billing", "search"), ("search", "billing")):
        [end] = seen.of(name, Turn.ENDED)
        assert end.trace is not None
        assert end.trace.errors[0].message == f"broken in {name}"
        assert [line for line in end.process.output if "says" in line] == [f"{name} says {i}" for i in range(20)]
        assert other not in repr(end)


def test_every_line_of_a_flood_is_counted_under_three_texts_at_most(seen: Watching) -> None:
    assert _lines(seen) == LINES
    assert len({report.text for report in seen.of("flood", Turn.LINE)}) <= 3


def test_nothing_of_the_environment_is_reported(seen: Watching) -> None:
    assert SECRET not in repr(seen.all())
    assert "SECRET_KEY" not in repr(seen.all())


def test_nothing_of_the_environment_is_kept(seen: Watching) -> None:
    [kept] = seen.folder.iterdir()
    assert "flood" in kept.read_text()
    assert SECRET not in kept.read_text()


def test_what_pm2_runs_is_told_with_its_interpreter(seen: Watching) -> None:
    [end] = seen.of("traceback", Turn.ENDED)
    assert end.process.command.startswith("python3 /")
    assert end.process.command.endswith("pricing.py")
