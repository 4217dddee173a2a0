"""Does what its stdin says, and answers each line: init, error NAME, storm TIMES, flush."""

import sys
from time import perf_counter

import bongsu


def error(name):
    try:
        raise type(name, (Exception,), {})("as told")
    except Exception as problem:
        bongsu.capture_exception(problem)


def storm(times):
    for _ in range(int(times)):
        try:
            raise LookupError("again")
        except LookupError:
            bongsu.capture_exception()


ORDERS = {"init": bongsu.init, "error": error, "storm": storm, "flush": lambda: bongsu.flush(10.0)}
for line in sys.stdin:
    order, *arguments = line.split()
    began = perf_counter()
    ORDERS[order](*arguments)
    print(perf_counter() - began, flush=True)
