"""Stacks of JavaScript in somebody's output, and what Node writes around them."""

import pytest
from traces_texts import AGGREGATE, NODE, REJECTION, THROWN

from bongsu.watchers.report import Trace
from bongsu.watchers.traces import Assembler, Found, heap_exhausted, newest, of_stack

CALLS = "    at pay (/srv/shop/app.js:12:11)\n    at main (/srv/shop/app.js:20:1)\n"


def found_in(text: str) -> list[Found]:
    assembler = Assembler("")
    return [*assembler.feed(text, 0.0), *assembler.flush(0.0)]


def sketch(trace: Trace | None) -> list[str]:
    assert trace is not None
    return [
        f"{error.relation} {error.type} {error.message!r} "
        + " > ".join(f"{frame.function}@{frame.path}:{frame.line}" for frame in error.frames)
        + f" +{error.omitted}" * bool(error.omitted)
        for error in trace.errors
    ]


INTERNAL = "<anonymous>@node:internal/main/run_main_module:28"
RUN = "<anonymous>@/srv/shop/my main.mjs:3 > Object.pay@/srv/shop/app.js:12"
PAY = "main@/srv/shop/app.js:20 > pay@/srv/shop/app.js:12"
READ = [
    (
        "what node prints when it dies",
        NODE,
        [
            f"raised TypeError 'no order\\nof yesterday' {INTERNAL} > {RUN} > new Order@/srv/shop/order.js:4",
            "cause Error 'lost' pay@/srv/shop/app.js:12 > find@/srv/shop/node_modules/lib/find.js:7 +2",
        ],
    ),
    (
        "an aggregate has members",
        AGGREGATE,
        [
            "raised AggregateError 'All promises were rejected' ",
            "member Error 'first' a@/srv/shop/app.js:1",
            "member RangeError 'second' b@/srv/shop/app.js:2",
            "cause Error 'third' c@/srv/shop/app.js:3",
        ],
    ),
    ("what is thrown may be no error", THROWN, ["raised Uncaught 'closed' <anonymous>@/srv/shop/app.js:8"]),
    (
        "a rejection's reason is what counts",
        REJECTION,
        ["raised UnhandledPromiseRejection 'The promise rejected with the reason \"boom\".' "],
    ),
    ("a logged error", f"TypeError: no\n{CALLS}", [f"raised TypeError 'no' {PAY}"]),
    ("an error without a message", f"Error\n{CALLS}", [f"raised Error '' {PAY}"]),
    ("an error behind words", f"failed: Order [OrderError]: no\n{CALLS}", [f"raised Order 'no' {PAY}"]),
    ("an error that is not named like one", f"Refused: no\n{CALLS}", [f"raised Refused 'no' {PAY}"]),
    ("an error with a code", f"Error [ERR_X]: no\n{CALLS}", [f"raised Error 'no' {PAY}"]),
    ("an error in a browser's words", f"Uncaught TypeError: no\n{CALLS}", [f"raised TypeError 'no' {PAY}"]),
    (
        "code that eval runs stands where eval does",
        "Error: no\n    at eval (eval at run (/srv/a.js:18:17), <anonymous>:1:6)\n",
        ["raised Error 'no' eval@/srv/a.js:18"],
    ),
    (
        "a path may have spaces and brackets",
        "Error: no\n    at f (/srv/a (b)/x.js:1:2)\n    at /srv/c (d)/y.js:3:4\n",
        ["raised Error 'no' <anonymous>@/srv/c (d)/y.js:3 > f@/srv/a (b)/x.js:1"],
    ),
    (
        "a module that cannot be parsed tells its place",
        "/srv/bad.js:1\nlet x = ;\n        ^\n\nSyntaxError: Unexpected token\n    at wrap (node:internal/x:1:1)\n",
        ["raised SyntaxError 'Unexpected token' wrap@node:internal/x:1 > <syntax>@/srv/bad.js:1"],
    ),
    (
        "an error that lost its stack",
        "/srv/app.js:10\nthrow e;\n^\n\n[Error: no [stack] here] { code: 7 }\n\nNode.js v20\n",
        ["raised Error 'no [stack] here' <anonymous>@/srv/app.js:10"],
    ),
]


@pytest.mark.parametrize(("rule", "text", "expected"), READ, ids=[rule for rule, _, _ in READ])
def test_a_stack_is_read_and_nothing_else_is_left(rule: str, text: str, expected: list[str]) -> None:
    [*words, trace] = found_in(text)
    assert isinstance(trace, Trace)
    assert sketch(trace) == expected
    assert words in ([], ["Refused: no"])


OTHERS = [
    "TypeError: no stack follows",
    "ValueError: no\nValueError: no",
    "server.js:12\nnothing",
    "see you at (noon:1:2",
    "    at noon",
    "Error",
    "Node.js v20.20.2",
]


@pytest.mark.parametrize("text", OTHERS)
def test_what_only_looks_like_a_stack_is_lines(text: str) -> None:
    assert found_in(text) == [line for line in text.split("\n") if line]


def test_the_lines_around_a_stack_stay_lines() -> None:
    first, trace, last = found_in(f"listening on 3000\nTypeError: no\n{CALLS}GET / 200\n")
    assert (first, last) == ("listening on 3000", "GET / 200")
    assert isinstance(trace, Trace)


def test_the_last_of_several_stacks_is_the_newest() -> None:
    trace = newest(f"RangeError: one\n{CALLS}TypeError: two\n{CALLS}bye\n".split("\n"), "")
    assert trace is not None
    assert trace.errors[0].type == "TypeError"


STACKS = [
    (f"TypeError: no\n{CALLS}", [f"raised TypeError 'no' {PAY}"]),
    (f"Refused: no\n  and no\n{CALLS.rstrip()}", [f"raised Refused 'no\\n  and no' {PAY}"]),
    ("Error: no stack", ["raised Error 'no stack' "]),
    ("what is this?", ["raised Error 'what is this?' "]),
]


@pytest.mark.parametrize(("text", "expected"), STACKS)
def test_the_stack_of_an_error_is_read(text: str, expected: list[str]) -> None:
    assert sketch(of_stack(text)) == expected


@pytest.mark.parametrize("text", ["", "\n", "  \n"])
def test_no_stack_is_none(text: str) -> None:
    assert of_stack(text) is None


HEAP = [
    ("FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory", True),
    ("FATAL ERROR: Ineffective mark-compacts near heap limit Allocation failed - JavaScript heap out of memory", True),
    ("FATAL ERROR: Zone Allocation failed - process out of memory", True),
    ("FATAL ERROR: v8::ToLocalChecked Empty MaybeLocal", False),
    ("the heap is out of memory", False),
]


@pytest.mark.parametrize(("line", "expected"), HEAP)
def test_v8_says_when_its_heap_is_full(line: str, expected: bool) -> None:
    assert heap_exhausted(["<--- JS stacktrace --->", "", line]) is expected
