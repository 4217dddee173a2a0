"""`bongsu run`: what passes through it beside a plain `cat`, how much later a command begins, what it costs idle."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median

from bench.table import Row, seconds

PASSED = 1 << 30
SPEED_MIN = 0.7
START_ADDS_MAX_S = 0.010
START_ROUNDS = 7  # for each round of the others: a start is short, and its noise is large
RESIDENT_MAX_MIB = 25.0
SETTLE_S = 5.0
IDLE_S = 20.0
BONGSU = (str(Path(sys.executable).with_name("bongsu")), "run", "--restart", "never")
WRITER = f"head -c {PASSED} /dev/zero"
STAMP = "import time; print(time.monotonic())"
PLAIN_WRAPPER = "import os, sys; os.waitpid(os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ), 0)"
NOBODY = "https://127.0.0.1:9/services/T0/B0/x"  # a webhook, so that all is loaded that a real one needs


def supervising(rounds: int) -> Iterator[Row]:
    """All of it."""
    with tempfile.TemporaryDirectory(prefix="bongsu-bench-") as folder:
        environ = {name: value for name, value in os.environ.items() if not name.startswith("BONGSU_")}
        environ |= {"BONGSU_STATE_DIR": folder, "BONGSU_TO": f"file:{folder}/alerts.jsonl"}
        yield from _passing(environ, rounds)
        yield from _starting(environ, rounds * START_ROUNDS)
        yield from _idling({**environ, "BONGSU_TO": NOBODY})


def _passing(environ: dict[str, str], rounds: int) -> Iterator[Row]:
    for what, through, reading, direct in (
        ("output", WRITER, "| cat >/dev/null", f"{WRITER} | cat >/dev/null"),
        ("errors", f"{WRITER} >&2", "2>&1 >/dev/null | cat >/dev/null", f"{WRITER} | cat | cat >/dev/null"),
    ):
        took: dict[str, list[float]] = {"bongsu": [], "cat": []}
        for number in range(rounds):
            print(f"1 GiB of {what}, round {number + 1} of {rounds}", file=sys.stderr)
            took["bongsu"].append(_took(f'"$@" sh -c "{through}" {reading}', environ))
            took["cat"].append(_took(direct, environ))
        speeds = {name: PASSED / 1e9 / median(times) for name, times in took.items()}
        share = speeds["bongsu"] / speeds["cat"]
        yield Row(
            what=f"`bongsu run`, 1 GiB of {what} passed through, its start included",
            ratio=f"{share:.2f}×",
            ours=f"{speeds['bongsu']:.2f} GB/s",
            peer=f"cat {speeds['cat']:.2f} GB/s",
            must=f"≥ {SPEED_MIN}×",
            met=share >= SPEED_MIN,
        )


def _took(line: str, environ: dict[str, str]) -> float:
    began = time.monotonic()
    subprocess.run(["sh", "-c", line, "sh", *BONGSU, "--"], env=environ, check=True)
    return time.monotonic() - began


def _starting(environ: dict[str, str], rounds: int) -> Iterator[Row]:
    command = (sys.executable, "-I", "-S", "-c", STAMP)
    ways: dict[str, Sequence[str]] = {
        "direct": command,
        "wrapper": (sys.executable, "-c", PLAIN_WRAPPER, *command),
        "bongsu": (*BONGSU, "--", *command),
    }
    took: dict[str, list[float]] = {name: [] for name in ways}
    print(f"starts, {rounds} rounds", file=sys.stderr)
    for _ in range(rounds):
        for name, words in ways.items():
            began = time.monotonic()
            done = subprocess.run(words, env=environ, capture_output=True, text=True, check=True)
            took[name].append(float(done.stdout) - began)
    at = {name: median(times) for name, times in took.items()}
    added = at["bongsu"] - at["wrapper"]
    yield Row(
        what="the command's first line of Python, later than under the smallest wrapper that Python can be",
        ours=seconds(added),
        peer=f"that wrapper itself, over a direct start: {seconds(at['wrapper'] - at['direct'])}",
        must="≤ 10 ms",
        met=added <= START_ADDS_MAX_S,
    )
    yield Row(what="the same, later than a direct start", ours=seconds(at["bongsu"] - at["direct"]))


def _idling(environ: dict[str, str]) -> Iterator[Row]:
    with subprocess.Popen([*BONGSU, "--", "sleep", "1000"], env=environ, stderr=subprocess.DEVNULL) as running:
        time.sleep(SETTLE_S)
        resident, before = _resident_mib(running.pid), _used(running.pid)
        print(f"idle for {IDLE_S:.0f} s", file=sys.stderr)
        time.sleep(IDLE_S)
        cpu_s, switches = (after - was for after, was in zip(_used(running.pid), before, strict=True))
        running.terminate()
    yield Row(
        what="memory of `bongsu run` beside an idle command, with a webhook",
        ours=f"{resident:.1f} MiB",
        must="≤ 25 MiB",
        met=resident <= RESIDENT_MAX_MIB,
    )
    yield Row(
        what="its processor's time meanwhile, and how often it wakes",
        ours=f"{100 * cpu_s / IDLE_S:.2f} %, {switches / IDLE_S:.1f} a second",
    )


def _resident_mib(pid: int) -> float:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def _used(pid: int) -> tuple[float, float]:
    """Seconds of processor's time, and voluntary switches of all threads."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    switches = 0
    for status in Path(f"/proc/{pid}/task").glob("*/status"):
        [line] = [line for line in status.read_text().splitlines() if line.startswith("voluntary_ctxt")]
        switches += int(line.split()[1])
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK"), switches
