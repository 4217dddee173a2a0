"""Functions of every shape, and what they raise."""

import contextlib
import functools
import json
import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from shop.deep.errors import ShopError


class Order:
    def __init__(self, number):
        self.number = number

    def price(self):
        return 1 / self.number

    @classmethod
    def of(cls, text):
        return cls(int(text))

    @property
    def owner(self):
        raise ShopError("nobody")

    class Line:
        def total(self):
            raise ShopError.Lost("line")


@dataclass
class Checked:
    value: int

    def __post_init__(self):
        if self.value < 0:
            raise ValueError("negative")


def retried(times):
    def decorate(function):
        @functools.wraps(function)  # noqa: RET503
        def wrapper(*arguments):
            for attempt in range(times):
                try:
                    return function(*arguments)
                except ConnectionError:
                    if attempt == times - 1:
                        raise

        return wrapper

    return decorate


@retried(
    times=2,
)
def fetch():
    raise ConnectionError("refused")


def outer():
    def inner():
        def innermost():
            return {}["key"]

        return innermost()

    return inner()


def cause():
    try:
        outer()
    except KeyError as error:
        raise ShopError("wrapped") from error


def context():
    try:
        outer()
    except KeyError:
        Order(0).price()


def suppressed():
    try:
        outer()
    except KeyError:
        raise ShopError("alone") from None


def long_chain():
    error = None
    for number in range(14):
        try:
            raise ShopError(f"number {number}") from error
        except ShopError as caught:
            error = caught
    raise error


def bare_cause():
    raise ShopError("of something never raised") from ValueError("bare")


def raised(work):
    try:
        work()
    except Exception as error:
        return error


def group():
    raise ExceptionGroup("several", [raised(outer), raised(cause), raised(Order(0).price)])


def nested_group():
    raise ExceptionGroup("outer", [raised(group), ValueError("bare"), raised(context)]) from raised(outer)


def after_group():
    try:
        group()
    except ExceptionGroup:
        raise ShopError("after a group")  # noqa: B904


def down(depth):
    return down(depth + 1)


def ping(depth):
    return pong(depth + 1)


def pong(depth):
    return ping(depth + 1)


def counted(depth):
    if depth == 0:
        raise ShopError("deep")
    counted(depth - 1)


def notes():
    error = ShopError("first line\nsecond line\n\nafter an empty line")
    error.add_note("a note\nof two lines")
    raise error


def generator():
    def values():
        yield 1
        yield from more()

    def more():
        yield 1 / 0

    return sum(value for value in values())


def library():
    json.loads("{")


@contextlib.contextmanager
def session():
    yield
    raise ShopError("while closing")


def in_session():
    with session():
        pass


def pool():
    with ThreadPoolExecutor(1) as executor:
        executor.submit(outer).result()


def thread():
    running = threading.Thread(target=outer, name="worker: one")
    running.start()
    running.join()


def logged():
    try:
        outer()
    except KeyError:
        logging.basicConfig()
        logging.getLogger("shop").exception("the order failed\nfor good")
        logging.getLogger("shop").info("not shown")


def unreadable():
    raise ShopError("한글 “quotes” é\tand a tab")


def by_lambda():
    return (lambda order: order.Line().total())(Order)


FAILURES = {
    "method": lambda: Order(0).price(),
    "classmethod": lambda: Order.of("x"),
    "property": lambda: Order(1).owner,
    "dataclass": lambda: Checked(-1),
    "decorated": fetch,
    "nested functions": outer,
    "lambda": by_lambda,
    "comprehension": lambda: [{each: {1 / each for each in [each]} for each in [0]} for _ in [1]],
    "generator": generator,
    "cause": cause,
    "context": context,
    "suppressed": suppressed,
    "long chain": long_chain,
    "bare cause": bare_cause,
    "group": group,
    "nested group": nested_group,
    "after a group": after_group,
    "recursion": lambda: down(0),
    "mutual recursion": lambda: ping(0),
    "a deep stack": lambda: counted(300),
    "notes": notes,
    "library": library,
    "context manager": in_session,
    "pool": pool,
    "thread": thread,
    "logged": logged,
    "unicode": unreadable,
    "assertion": lambda: exec("assert False"),
}
