"""One scenario with one adapter, in an interpreter of its own: `python -m bench.child ADAPTER SCENARIO JSON`.

Prints its figures as one JSON object. Times are in seconds, sizes in MiB.
"""

import json
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from statistics import median, quantiles

from bench import failures
from bench.adapters import ADAPTERS, Adapter

Figures = dict[str, float]


def repeated(adapter: Adapter, warm_up: int, timed: int) -> Figures:
    """The same error again: only the call is timed, raising is not."""
    _time_each(adapter, failures.equal(warm_up))
    return _spread(_time_each(adapter, failures.equal(timed)))


def new(adapter: Adapter, warm_up: int, timed: int, pause_s: float) -> Figures:
    """Errors never seen before, spaced so that the work behind them does not pile up."""
    return _spread(_time_each(adapter, _spaced(failures.distinct(warm_up + timed), pause_s))[warm_up:])


def storm(adapter: Adapter, count: int, settle_s: float) -> Figures:
    """One error in a tight loop, over the same loop without a capture."""
    fail = failures.function(0)
    bare_s = _loop(fail, count, lambda _: None)
    before = _resident()
    loop_s = _loop(fail, count, adapter.capture)
    after = _resident("VmHWM")
    time.sleep(settle_s)
    return {"count": count, "added_s": loop_s - bare_s, "bare_s": bare_s, "added_mib": after - before}


def memory(adapter: Adapter, settle_s: float) -> Figures:
    """A program that has told one error and rests."""
    for error in failures.equal(1):
        adapter.capture(error)
    time.sleep(settle_s)
    return {"resident_mib": _resident()}


def latency(adapter: Adapter, errors: int, pause_s: float) -> Figures:
    """A few distinct errors, spaced; tells when each was raised, on the wall clock that Slack uses too."""
    raised = {}
    for number, error in enumerate(_spaced(failures.distinct(errors), pause_s), start=1):
        raised[failures.word_of(number)] = time.time()
        adapter.capture(error)
    time.sleep(pause_s)
    return raised


SCENARIOS: dict[str, Callable[..., Figures]] = {
    scenario.__name__: scenario for scenario in (repeated, new, storm, memory, latency)
}


def _spaced(errors: Iterable[BaseException], pause_s: float) -> Iterable[BaseException]:
    for error in errors:
        time.sleep(pause_s)
        yield error


def _time_each(adapter: Adapter, errors: Iterable[BaseException]) -> list[float]:
    return [_time_one(adapter, error) for error in errors]


def _time_one(adapter: Adapter, error: BaseException) -> float:
    """The timed call sits in a frame of its own: what the loop holds is not what a peer walks."""
    began = time.perf_counter()
    adapter.capture(error)
    return time.perf_counter() - began


def _loop(fail: Callable[[int], object], count: int, handle: Callable[[BaseException], object]) -> float:
    began = time.perf_counter()
    for _ in range(count):
        try:
            fail(1000)
        except KeyError as error:
            handle(error)
    return time.perf_counter() - began


def _spread(seconds: list[float]) -> Figures:
    return {"p50_s": median(seconds), "p99_s": quantiles(seconds, n=100)[98]}


def _resident(field: str = "VmRSS") -> float:
    """Resident memory in MiB now, or at its highest (VmHWM). Linux only, like the committed figures."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(field))


def main() -> None:
    """Measure and print."""
    name, scenario, options = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
    adapter = ADAPTERS[name]()
    adapter.start(options.pop("to"))
    figures = SCENARIOS[scenario](adapter, **options)
    adapter.finish()
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
