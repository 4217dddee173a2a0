"""A traceback read from the output of a program is the same problem as the exception the library saw inside it."""

import ast
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from children import Launch

from bongsu.capture.reading import Sources, event_of
from bongsu.event import Event, Kind, Level
from bongsu.grouping import explain
from bongsu.watchers.output import Tail
from bongsu.watchers.report import Trace
from bongsu.watchers.traces import newest

PROGRAMS = Path(__file__).parent / "programs_traces"
SOURCE = Path(__file__).parents[2] / "src"


def keys(file: str, name: str) -> list[str]:
    """The names of the failures in a program, which cannot be imported: it fails."""
    tree = ast.parse((PROGRAMS / file).read_text())
    [found] = [
        node.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id == name
    ]
    assert isinstance(found, ast.Dict)
    return [key.value for key in found.keys if isinstance(key, ast.Constant)]


COMMANDS = [
    *(("script.py", name) for name in keys("script.py", "OWN")),
    *(("-m", "shop", name) for name in keys("shop/failures.py", "FAILURES")),
    ("installed/bin/serve", "shop.failures:outer"),
    ("installed/bin/serve", "shop.failures:group"),
    ("-m", "lib_of_src"),  # a package below `src`
    ("-m", "plugins.start"),  # a folder without __init__.py
    ("tools/tidy.py",),
    ("-c", "import shop.failures as failures; failures.cause()"),
]


PRINTED_DIFFERENTLY = (
    "a class method",
    "task group",
    "comprehension",
    "nested group",
    "recursion",
    "notes",
    "library",
)
COMMANDS_ELSEWHERE = [command for command in COMMANDS if any(part in command[-1] for part in PRINTED_DIFFERENTLY)]


def other_pythons() -> list[str]:
    """Interpreters of this machine that the library promises to run on, one for each other minor version."""
    beside = Path(sys.base_prefix).parent.glob("3.1[1-9].*/bin/python3.1[1-9]")
    on_path = (Path(folder) / f"python3.{minor}" for folder in os.get_exec_path() for minor in range(11, 20))
    own = f"python3.{sys.version_info.minor}"
    found = {path.name: str(path) for path in [*on_path, *beside] if path.name != own and runs(path)}
    return list(found.values())


def runs(path: Path) -> bool:
    """Whether it is an interpreter: a shim of a version that is not installed is none."""
    return path.exists() and subprocess.run([path, "-c", ""], capture_output=True, check=False).returncode == 0


def event_from(trace: Trace, cwd: Path) -> Event:
    """As a watcher's client makes it."""
    record = {
        "id": "0" * 32,
        "at": 0.0,
        "kind": Kind.EXCEPTION,
        "level": Level.FATAL,
        "message": trace.errors[0].message,
        "exceptions": [
            {
                "type": error.type,
                "module": error.module,
                "message": error.message,
                "relation": error.relation,
                "omitted": error.omitted,
                "frames": [(each.function, each.module, each.path, each.line, None) for each in error.frames],
            }
            for error in trace.errors
        ],
    }
    header = {"app": "checkin", "environment": "production", "release": None, "host": "", "pid": 0, "roots": [str(cwd)]}
    return event_of(record, header, Sources())


def read_from_output(command: Sequence[str], cwd: Path) -> Event:
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("BONGSU_", "PYTHON"))}
    environ["PYTHONPATH"] = str(PROGRAMS / "src")
    done = subprocess.run(command, cwd=cwd, env=environ, capture_output=True, timeout=60, check=False)
    tail = Tail()
    tail.feed(done.stderr)
    trace = newest(tail.recent(), str(cwd))
    assert trace is not None, done.stderr.decode()
    return event_from(trace, cwd)


def seen_inside(command: Sequence[str], cwd: Path, folder: Path) -> Event:
    launch = Launch(f"file:{folder}/alerts", folder)
    launch.folder = cwd
    path = os.pathsep.join((str(PROGRAMS / "library_on"), str(SOURCE), str(PROGRAMS / "src")))
    with launch.command(*command, PYTHONPATH=path) as child:
        child.end()
    [group] = launch.groups()
    return group.sample


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_traceback_in_the_output_is_the_problem_that_the_library_sees(
    command: tuple[str, ...], tmp_path: Path
) -> None:
    compare([sys.executable, *command], tmp_path)


@pytest.mark.parametrize("python", other_pythons(), ids=lambda path: Path(path).name)
@pytest.mark.parametrize("command", COMMANDS_ELSEWHERE, ids=" ".join)
def test_the_program_may_run_on_another_python(python: str, command: tuple[str, ...], tmp_path: Path) -> None:
    compare([python, *command], tmp_path)


def compare(command: Sequence[str], folder: Path) -> None:
    read, seen = read_from_output(command, PROGRAMS), seen_inside(command, PROGRAMS, folder)
    assert explain(read) == explain(seen)
    assert [(each.type, each.module, each.relation) for each in read.exceptions] == [
        (each.type, each.module, each.relation) for each in seen.exceptions
    ]
