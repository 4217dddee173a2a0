"""What a real node writes when it fails, read as the stack that it is."""

import shutil
import subprocess
from pathlib import Path

import pytest

from bongsu.watchers.output import Tail
from bongsu.watchers.report import Trace
from bongsu.watchers.traces import Assembler, heap_exhausted

PROGRAMS = Path(__file__).parent / "programs_traces" / "node"
INSTALLED = "exports.carry = function carry(work) {\n  return work();\n};\n"
NODE = shutil.which("node")
INTERNAL = "node:"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A program with an installed package."""
    folder = tmp_path_factory.mktemp("shop") / "shop"
    shutil.copytree(PROGRAMS, folder)
    package = folder / "node_modules" / "carrier"
    package.mkdir(parents=True)
    (package / "index.js").write_text(INSTALLED)
    return folder


def stderr_of(folder: Path, *arguments: str) -> bytes:
    assert NODE is not None, "these tests need node"
    return subprocess.run([NODE, *arguments], cwd=folder, capture_output=True, timeout=60, check=False).stderr


def tail_of(output: bytes) -> tuple[str, ...]:
    tail = Tail()
    tail.feed(output)
    return tail.recent()


def sketch(trace: Trace) -> list[str]:
    """An exception a line: how it came, what it says, and its calls outside of node itself."""
    return [
        f"{error.relation} {error.type}: {error.message} | "
        + " > ".join(
            f"{frame.function} {Path(frame.path).name}:{frame.line}"
            for frame in error.frames
            if not frame.path.startswith(INTERNAL) and not frame.function.startswith("Object.<anonymous>")
        )
        for error in trace.errors
    ]


UNDEFINED = "TypeError: Cannot read properties of undefined (reading 'price')"
FAILURES = [
    ("method", [f"raised {UNDEFINED} | Object.method shop.js:37 > Order.price shop.js:10"]),
    ("constructed", ["raised RangeError: no number | Object.constructed shop.js:38 > new Order shop.js:6"]),
    ("rejected", ["raised RangeError: no number | Order.find shop.js:14 > new Order shop.js:6"]),
    ("reason", ['raised UnhandledPromiseRejection: The promise rejected with the reason "boom". | ']),
    ("thrown", ["raised Uncaught: closed | <anonymous> shop.js:41"]),
    ("object", ["raised Uncaught: { a: 1 } | <anonymous> shop.js:42"]),
    (
        "cause",
        [
            "raised Error: wrapped\nin two lines | Object.wrapped shop.js:28",
            f"cause {UNDEFINED} | Object.wrapped shop.js:26 > Order.price shop.js:10",
        ],
    ),
    (
        "aggregate",
        [
            "raised AggregateError: both | Object.aggregate shop.js:44",
            "member OrderLost: one | Object.aggregate shop.js:44",
            "member TypeError: two | Object.aggregate shop.js:44",
            "cause Error: three | Object.aggregate shop.js:44",
        ],
    ),
    (
        "any",
        [
            "raised AggregateError: All promises were rejected | ",
            "member RangeError: no number | Order.find shop.js:14 > new Order shop.js:6",
        ],
    ),
    ("stackless", ["raised Error: bare | <anonymous> shop.js:46"]),
    ("subclass", ["raised OrderLost: gone | Object.subclass shop.js:47"]),
    ("logged", ["raised OrderLost: gone | Object.logged shop.js:48"]),
    ("written", ["raised Error: gone | Object.written shop.js:49"]),
    ("recursion", ["raised RangeError: Maximum call stack size exceeded | " + " > ".join(["deep shop.js:33"] * 10)]),
    (
        "evaluated",
        [f"raised {UNDEFINED} | Object.evaluated shop.js:51 > eval shop.js:51"],
    ),
    ("installed", [f"raised {UNDEFINED} | Object.installed shop.js:52 > carry index.js:2 > <anonymous> shop.js:52"]),
    ("timer", [f"raised {UNDEFINED} | Timeout.tick shop.js:53"]),
    ("syntax", ["raised SyntaxError: Unexpected token ';' | Object.syntax shop.js:54 > <syntax> broken.js:1"]),
    ("system", ["raised Error: ENOENT: no such file or directory, open '/no/such/file' | Object.system shop.js:55"]),
]


@pytest.mark.parametrize(("failure", "expected"), FAILURES, ids=[failure for failure, _ in FAILURES])
def test_how_node_fails_is_read(folder: Path, failure: str, expected: list[str]) -> None:
    assembler = Assembler(str(folder))
    output = stderr_of(folder, "shop.js", failure).decode()
    [*words, trace] = assembler.feed(output, 0.0) + assembler.flush(0.0)
    assert isinstance(trace, Trace)
    assert sketch(trace) == expected
    assert words in ([], ["failed: OrderLost: gone"])  # it was a line before its calls came


def test_the_path_of_a_module_is_a_path(folder: Path) -> None:
    assembler = Assembler(str(folder))
    [trace] = assembler.feed(stderr_of(folder, "module.mjs").decode(), 0.0) + assembler.flush(0.0)
    assert isinstance(trace, Trace)
    assert trace.errors[0].frames[-1].path == str(folder / "module.mjs")


def test_node_without_memory_says_so(folder: Path) -> None:
    endless = "const kept = []; for (;;) kept.push(new Array(1000).fill(1.5))"
    lines = tail_of(stderr_of(folder, "--max-old-space-size=20", "-e", endless))
    assert heap_exhausted(lines)
    assert not heap_exhausted(tail_of(stderr_of(folder, "shop.js", "method")))
