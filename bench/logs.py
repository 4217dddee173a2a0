"""Searching logs, beside grep on the same file; and what one line costs, beside logging's and python-json-logger's."""

import json
import logging
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from statistics import median

from bench.table import Row, seconds, times

FILE_MB = 256
REQUESTS = 20_000
SEARCH_MIN_MB_PER_S = 200
LINES_TIMED = 20_000
ABSENT = "0199c0ffee0070008a3f0d8a1b2c3d4e"

SEARCHES = {
    "one request": (["--request", ABSENT], ABSENT),
    "level error": (["--level", "error"], '"level":"error"'),
}


def searching(rounds: int) -> Iterator[Row]:
    """Nothing matches; the file is in the page cache. Of one core: the time of a fresh process, its start included."""
    with tempfile.TemporaryDirectory(prefix="bongsu-bench-") as folder:
        path = Path(folder) / "app.log"
        write_lines(path, FILE_MB * 1_000_000)
        size = path.stat().st_size
        for what, (options, needle) in SEARCHES.items():
            ours, grep = [], []
            for number in range(rounds):
                print(f"logs, {what}, round {number + 1} of {rounds}", file=sys.stderr)
                ours.append(_took([sys.executable, "-m", "bongsu", "logs", *options, str(path)]))
                grep.append(_took(["grep", "-F", needle, str(path)]))
            speed = size / 1e6 / median(ours)
            yield Row(
                what=f"`bongsu logs` through {FILE_MB} MB for {what}, nothing matches",
                ratio=times(median(ours), median(grep)),
                ours=f"{speed:.0f} MB/s",
                peer=f"grep -F {size / 1e6 / median(grep):.0f} MB/s",
                must=f"≥ {SEARCH_MIN_MB_PER_S} MB/s of one core",
                met=speed >= SEARCH_MIN_MB_PER_S,
            )


def formatting(rounds: int) -> Iterator[Row]:
    """One record → one line of JSON, and the same with an exception twelve calls deep."""
    runs = [_in_child(number, rounds) for number in range(rounds)]
    for what in ("plain", "failed"):
        figures = {name: median(run[f"{name} {what}"] for run in runs) for name in ("bongsu", "logging", "json")}
        yield Row(
            what="one log line" if what == "plain" else "one log line with an exception, 12 frames deep",
            ratio=times(figures["bongsu"], figures["json"]),
            ours=seconds(figures["bongsu"]),
            peer=f"python-json-logger {seconds(figures['json'])}, logging {seconds(figures['logging'])}",
        )


def writing_and_searching(rounds: int) -> Iterator[Row]:
    """Both."""
    yield from searching(rounds)
    yield from formatting(rounds)


def write_lines(path: Path, size: int) -> None:
    """Lines of a service's requests until the file is that large; none is an error."""
    import bongsu
    from bongsu.ids import new_id
    from bongsu.logs import Formatter

    formatter, lines = Formatter(app="checkin", release="2021.09.07"), []
    for number in range(REQUESTS):
        at = 1_631_000_000.0 + number / 100
        with bongsu.context(request_id=new_id(at)):
            record = _record(msg="order %s is stored for %s", args=(number, f"visitor{number % 97}"), created=at)
            lines.append(formatter.format(record) + "\n")
    block = "".join(lines).encode()
    with path.open("wb") as file:
        while file.tell() < size:
            file.write(block)


def _record(**values: object) -> logging.LogRecord:
    made = {"name": "checkin.orders", "levelno": logging.INFO, "levelname": "INFO", "pathname": "/app/orders.py"}
    return logging.makeLogRecord({**made, "lineno": 48, **values})


def _took(command: Sequence[str]) -> float:
    """The processor's time for a search that finds nothing, in seconds."""
    before = os.times()
    status = subprocess.run(command, capture_output=True, check=False).returncode
    assert status == 1, f"{command[0]} ended with {status}"
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


def _in_child(number: int, rounds: int) -> dict[str, float]:
    print(f"log lines, round {number + 1} of {rounds}", file=sys.stderr)
    done = subprocess.run([sys.executable, "-m", "bench.logs"], capture_output=True, text=True, check=True)
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


def _format_times() -> dict[str, float]:
    """Seconds for one line, of each formatter and kind of record."""
    from pythonjsonlogger.json import JsonFormatter

    import bongsu
    from bench import failures
    from bongsu.logs import Formatter

    fields = "%(asctime)s %(levelname)s %(name)s %(pathname)s %(lineno)d %(message)s"
    formatters = {"bongsu": Formatter(), "logging": logging.Formatter(fields), "json": JsonFormatter(fields)}
    plain = _record(msg="order %s is stored for %s", args=(3, "kim"), total="12.50")
    error = next(failures.equal(1))
    failed = _record(msg="order failed", exc_info=(type(error), error, error.__traceback__))
    with bongsu.context(request_id=ABSENT):
        return {
            f"{name} {what}": _time_one(formatter.format, record)
            for name, formatter in formatters.items()
            for what, record in (("plain", plain), ("failed", failed))
        }


def _time_one(write: Callable[[logging.LogRecord], str], record: logging.LogRecord) -> float:
    took = []
    for _ in range(LINES_TIMED):
        record.exc_text = None  # where logging keeps a traceback that another handler has written
        began = time.perf_counter()
        write(record)
        took.append(time.perf_counter() - began)
    return median(took)


if __name__ == "__main__":
    print(json.dumps(_format_times()))
