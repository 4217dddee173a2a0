"""Whatever grew out of whatever: a printed chain or group reads as the exceptions that capture sees."""

import io
import sys
import traceback

from hypothesis import given
from hypothesis import strategies as st

from bongsu.capture.exceptions import describe
from bongsu.watchers.report import Trace
from bongsu.watchers.traces import newest


class ShopError(Exception):
    """With a module of its own."""

    class Lost(Exception):
        """Inside another class."""


MESSAGES = ("", "one line", "first\nsecond", "with: colon", "# 한글", "  indented\n    deeper", "a\n\nb")


def kinds() -> st.SearchStrategy[type[Exception]]:
    return st.sampled_from([ValueError, KeyError, ShopError, ShopError.Lost, OSError])


def raised(error: Exception) -> Exception:
    try:
        raise error
    except Exception as caught:
        return caught


@st.composite
def errors(draw: st.DrawFn, depth: int = 3) -> Exception:
    """An exception, perhaps a group, perhaps with causes; each of them was raised or was not."""
    error: Exception
    is_raised = draw(st.booleans())
    messages = MESSAGES if is_raised else MESSAGES[:2]
    if depth > 1 and draw(st.booleans()):
        members = draw(st.lists(errors(depth=depth - 1), min_size=1, max_size=3))
        error = ExceptionGroup(draw(st.sampled_from(["several", "of\nmany"][: 1 + is_raised])), members)
    else:
        error = draw(kinds())(draw(st.sampled_from(messages)))
    if depth > 1 and draw(st.booleans()):
        before = draw(errors(depth=depth - 1))
        if draw(st.booleans()):
            error.__cause__ = before
        else:
            error.__context__ = before
            error.__suppress_context__ = draw(st.booleans())
    return raised(error) if is_raised else error


def seen(error: Exception) -> list[tuple[object, ...]]:
    described, _ = describe(error, with_locals=False)
    return [(each["type"], each["module"], str(each["relation"]), len(each["frames"])) for each in described]


def read(trace: Trace | None) -> list[tuple[object, ...]]:
    assert trace is not None
    return [(each.type, each.module, str(each.relation), len(each.frames)) for each in trace.errors]


def display(error: Exception) -> str:
    """As the interpreter prints it, which is not always as `traceback` does."""
    before, sys.stderr = sys.stderr, io.StringIO()
    try:
        sys.__excepthook__(type(error), error, error.__traceback__)
        return sys.stderr.getvalue()
    finally:
        sys.stderr = before


@given(errors().map(raised))
def test_a_printed_chain_is_the_chain(error: Exception) -> None:
    printed = "".join(traceback.format_exception(error))
    assert read(newest(printed.splitlines(), "")) == seen(error), printed


@given(errors().map(raised))
def test_what_the_interpreter_prints_is_the_chain(error: Exception) -> None:
    printed = display(error)
    assert read(newest(printed.splitlines(), "")) == seen(error), printed
