"""Exceptions twelve calls deep: the same one again, or each from code never seen before."""

from collections.abc import Callable, Iterator
from string import ascii_lowercase

DEPTH = 12

# The functions of one failure. A word tells failures apart, not a number: numbers are what grouping overlooks.
_CALL = """
def {word}_{step}(left):
    order = {{"id": left, "lines": [left] * 3}}
    return {word}_{next}(order["id"] - 1)
"""
_CRASH = """
def {word}_{step}(left):
    return {{"stock": left}}["article {word}"]
"""


def equal(count: int) -> Iterator[BaseException]:
    """The same defect again and again: equal code, equal lines, a new exception object each time."""
    fail = function(0)
    for _ in range(count):
        yield _caught(fail)


def distinct(count: int) -> Iterator[BaseException]:
    """Different defects: all twelve functions of each are compiled anew, under names of their own."""
    for number in range(1, count + 1):
        yield _caught(function(number))


def function(number: int) -> Callable[[int], object]:
    """A function that raises KeyError twelve calls deep, compiled anew."""
    word = word_of(number)
    calls = [_CALL.format(word=word, step=step, next=step + 1) for step in range(1, DEPTH)]
    names: dict[str, Callable[[int], object]] = {}
    # Under this file's name the frames count as the application's own.
    exec(compile("".join([*calls, _CRASH.format(word=word, step=DEPTH)]), __file__, "exec"), names)
    return names[f"{word}_1"]


def word_of(number: int) -> str:
    """The word in the names and the message of a failure: 0 → aaaa, 1 → aaab, …"""
    letters = []
    for _ in range(4):
        number, letter = divmod(number, 26)
        letters.append(ascii_lowercase[letter])
    return "".join(reversed(letters))


def _caught(fail: Callable[[int], object]) -> BaseException:
    try:
        fail(1000)
    except KeyError as error:
        return error
    raise AssertionError("it did not fail")
