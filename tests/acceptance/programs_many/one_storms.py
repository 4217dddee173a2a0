"""One error storms; in the middle of it a first-ever error of another kind is met."""

import sys

import bongsu

STORM = 100_000


def check_in(login):
    raise LookupError(f"no such user {login}")


bongsu.init()
for number in range(STORM):
    try:
        check_in(number)
    except LookupError:
        bongsu.capture_exception()
    if number == STORM // 2:
        bongsu.capture_exception(RuntimeError("out of tea"))
        print("met another", flush=True)
print("over", flush=True)
sys.stdin.read()
