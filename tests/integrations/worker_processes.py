"""A real Redis, and real worker processes that tell one Slack. Nothing waits by sleeping."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from socket import create_server

PATIENCE_S = 60.0  # nothing here takes so long, on however slow a machine
PROGRAMS = Path(__file__).parent / "programs"


@contextmanager
def redis_server(folder: Path) -> Iterator[str]:
    """The URL of a Redis of its own, which keeps nothing."""
    program = shutil.which("redis-server")
    assert program is not None, "these tests need a Redis: apt-get install redis-server"
    with create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        said = iter(process.stdout.readline, "")
        assert any("Ready to accept connections" in line for line in said), "redis-server does not start"
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        process.terminate()
        process.communicate(timeout=PATIENCE_S)


@contextmanager
def running(command: list[str], environ: Mapping[str, str], log: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """A process beside the programs of these tests; at the end it is asked to stop, and all its children are gone."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("BONGSU_", "PYTHON"))}
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, *command],
            env={**kept, **environ},
            cwd=PROGRAMS,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield process
        process.terminate()
        process.wait(PATIENCE_S)
    finally:
        _kill_group(process)


def _kill_group(process: "subprocess.Popen[bytes]") -> None:
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    process.wait(PATIENCE_S)


def place(program: str, statement: str) -> str:
    """`file:line` of the one line of a program that contains the statement."""
    lines = (PROGRAMS / program).read_text().splitlines()
    [number] = [number for number, line in enumerate(lines, 1) if statement in line]
    return f"{program}:{number}"
