"""Tracebacks in somebody's output: what is part of one, and what is not."""

import pytest
from traces_texts import CHAIN, GROUP, PYTHON, REMOTE, SEGFAULT

from bongsu.capture.faults import fault_record
from bongsu.watchers.report import Trace
from bongsu.watchers.traces import Assembler, Found, newest
from bongsu.watchers.traces.assembler import AFTERWARDS_MAX, ALIENS_MAX
from bongsu.watchers.traces.block import CHAIN_MAX, FRAMES_HALF, MESSAGE_LENGTH_MAX, NAME_LENGTH_MAX
from bongsu.watchers.traces.names import module_and_type

HEADER = "Traceback (most recent call last):\n"
FRAME = '  File "/srv/shop/main.py", line 4, in pay\n    raise ValueError("no")\n'
REMOTE_MESSAGE = REMOTE.partition("\n\n")[0].partition(": ")[2]
SIMPLE = f"{HEADER}{FRAME}ValueError: no\n"


def found_in(text: str) -> list[Found]:
    assembler = Assembler("")
    return [*assembler.feed(text, 0.0), *assembler.flush(0.0)]


def trace_in(text: str) -> Trace:
    [trace] = [each for each in found_in(text) if isinstance(each, Trace)]
    return trace


def sketch(trace: Trace) -> list[str]:
    """An exception a line: how it came, its name and message, and where."""
    return [
        f"{error.relation} {error.module}:{error.type} {error.message!r} "
        + " > ".join(f"{frame.function}:{frame.line}" for frame in error.frames)
        for error in trace.errors
    ]


READ = [
    ("marks below the source are no frames", PYTHON, ["raised builtins:ValueError 'no' <module>:9 > pay:4"]),
    (
        "of a chain the last one was captured",
        CHAIN,
        [
            "raised __main__:Lost '' <module>:11 > tell:5",
            "context sqlalchemy.exc:IntegrityError 'duplicate\\n[SQL: insert into orders]' <module>:9",
            "cause builtins:KeyError \"'key'\" read:3",
        ],
    ),
    (
        "of a group the members follow, then what they grew out of",
        GROUP,
        [
            "raised builtins:ExceptionGroup 'several (2 sub-exceptions)' <module>:9",
            "member builtins:ValueError 'a\\nsecond line' one:5",
            "member builtins:ExceptionGroup 'inner (1 sub-exception)' two:7",
            "context builtins:ZeroDivisionError 'division by zero' one:3",
            "member builtins:OSError 'gone' ",
        ],
    ),
    (
        "of a death below Python the stack of the thread that died, turned round",
        SEGFAULT,
        ["raised :Fatal Python error 'Segmentation fault' <module>:7 > crash:4"],
    ),
    (
        "the traceback of another process is a message",
        REMOTE,
        [
            "raised builtins:ZeroDivisionError 'division by zero' <module>:9",
            f"cause concurrent.futures.process:_RemoteTraceback {REMOTE_MESSAGE!r} ",
        ],
    ),
    (
        "a syntax error tells its place",
        HEADER + '  File "/srv/a.py", line 1, in <module>\n    import b\n'
        '  File "/srv/b.py", line 3\n    def f(:\n          ^\nSyntaxError: invalid syntax\n',
        ["raised builtins:SyntaxError 'invalid syntax (b.py, line 3)' <module>:1 > <syntax>:3"],
    ),
    (
        "a syntax error of the program itself has no traceback",
        '  File "/srv/b.py", line 3\n    def f(:\n          ^\nSyntaxError: invalid syntax\n',
        ["raised builtins:SyntaxError 'invalid syntax (b.py, line 3)' <syntax>:3"],
    ),
    (
        "empty lines between pieces do not matter",
        SIMPLE.replace("\n", "\n\n"),
        ["raised builtins:ValueError 'no' pay:4"],
    ),
    (
        "what stands before every line does not matter",
        "".join(f"web.1  | {line}\n" for line in SIMPLE.splitlines()),
        ["raised builtins:ValueError 'no' pay:4"],
    ),
    (
        "a cause that was never raised is a line",
        f"KeyError: 'a'\n\nThe above exception was the direct cause of the following exception:\n\n{SIMPLE}",
        ["raised builtins:ValueError 'no' pay:4", "cause builtins:KeyError \"'a'\" "],
    ),
]


@pytest.mark.parametrize(("rule", "text", "expected"), READ, ids=[rule for rule, _, _ in READ])
def test_a_traceback_is_read(rule: str, text: str, expected: list[str]) -> None:
    assert sketch(trace_in(text)) == expected


OTHERS = [
    ("a log record before it", f"ERROR:shop:lost\n{SIMPLE}", ["ERROR:shop:lost", "ValueError"]),
    ("a log record behind it", f"{SIMPLE}2026-11-28 10:00:00 INFO on we go\n", ["2026-11-28 10:00:00 INFO on we go"]),
    ("an exception may be called Error", HEADER + FRAME + "Error: no\n", ["Error"]),
    ("a level is no exception", HEADER + FRAME + "INFO: started\nValueError: no\n", ["INFO: started", "ValueError"]),
    ("two of them", SIMPLE + SIMPLE, ["ValueError", "ValueError"]),
    ("the thread that had it", f"Exception in thread Thread-1 (work):\n{SIMPLE}", ["ValueError"]),
    (
        "a thread's announcement alone",
        "Exception in thread Thread-1 (work):\n",
        ["Exception in thread Thread-1 (work):"],
    ),
    ("one that does not end", HEADER + FRAME, (HEADER + FRAME).splitlines()),
    ("one that is written anew", HEADER + SIMPLE, [HEADER.strip(), "ValueError"]),
    ("words that look like one", "Traceback: none\nsee File x\nError\n", ["Traceback: none", "see File x", "Error"]),
]


@pytest.mark.parametrize(("what", "text", "expected"), OTHERS, ids=[what for what, _, _ in OTHERS])
def test_what_is_no_part_of_a_traceback_is_a_line(what: str, text: str, expected: list[str]) -> None:
    names = [each if isinstance(each, str) else each.errors[0].type for each in found_in(text)]
    assert [name for name in names if name in expected] == [name for name in expected if name in names]
    assert sorted(names) == sorted(expected + ["ValueError"] * (len(names) - len(expected)))


def test_a_death_below_python_is_read_as_the_library_reads_it_at_the_next_start() -> None:
    [told] = fault_record(SEGFAULT, "0" * 32, 0.0)["exceptions"]
    [error] = trace_in(SEGFAULT).errors
    assert (error.type, error.module, error.message) == (told["type"], told["module"], told["message"])
    assert [(each.function, each.module, each.path, each.line) for each in error.frames] == [
        frame[:4] for frame in told["frames"]
    ]


def test_a_stack_after_which_the_process_lived_on_is_not_its_end() -> None:
    line = "2026-11-28 INFO ok"
    assert newest([*SIMPLE.splitlines(), *[line] * AFTERWARDS_MAX], "") is not None
    assert newest([*SIMPLE.splitlines(), *[line] * (AFTERWARDS_MAX + ALIENS_MAX + 1)], "") is None


def test_others_may_write_in_between_but_not_without_end() -> None:
    noise = [f"noise {number}!\n" for number in range(ALIENS_MAX)]
    assert sketch(trace_in(HEADER + "".join(noise) + FRAME + "ValueError: no\n"))
    assert newest((HEADER + "".join(noise) + "more!\n" + FRAME).splitlines(), "") is None


def test_a_recursion_counts_its_frames() -> None:
    text = HEADER + FRAME + "  [Previous line repeated 996 more times]\n" + FRAME + "RecursionError: too deep\n"
    [error] = trace_in(text).errors
    assert (len(error.frames), error.omitted) == (2 * FRAMES_HALF, 998 - 2 * FRAMES_HALF)


def test_the_limits_hold() -> None:
    name, message = "x" * 5_000, "y\n" * 5_000
    link = "\nDuring handling of the above exception, another exception occurred:\n\n"
    text = link.join([SIMPLE] * 50) + link + HEADER + f'  File "/a", line 1, in {name}\n{name}: {message}'
    errors = trace_in(text).errors
    assert len(errors) == CHAIN_MAX
    assert len(errors[0].type) <= NAME_LENGTH_MAX
    assert len(errors[0].message) <= MESSAGE_LENGTH_MAX
    assert len(errors[0].frames[0].function) <= NAME_LENGTH_MAX


TYPES = [
    ("ValueError", "builtins", "ValueError"),
    ("Refused", "__main__", "Refused"),
    ("f.<locals>.Refused", "__main__", "f.<locals>.Refused"),
    ("shop.errors.Refused", "shop.errors", "Refused"),
    ("shop.models.Order.DoesNotExist", "shop.models", "Order.DoesNotExist"),
    ("shop.views.f.<locals>.Refused", "shop.views", "f.<locals>.Refused"),
    ("xml.etree.ElementTree.ParseError", "xml.etree.ElementTree", "ParseError"),
    ("PIL.UnidentifiedImageError", "PIL", "UnidentifiedImageError"),
]


@pytest.mark.parametrize(("printed", "module", "name"), TYPES)
def test_a_printed_name_is_a_module_and_a_type(printed: str, module: str, name: str) -> None:
    assert module_and_type(printed) == (module, name)
