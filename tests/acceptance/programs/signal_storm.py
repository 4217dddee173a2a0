"""Captures in a loop while a signal handler captures too, some thousand times a second; prints how often it did."""

import itertools
import signal

import bongsu

LOOPS = 20_000
calls = itertools.count(1)  # a handler may be interrupted by the next signal: each call needs a number of its own


def handle(*_):
    call = next(calls)
    try:
        raise TimeoutError("in the handler")
    except TimeoutError:
        bongsu.capture_exception()
    if call % 100 == 0:
        bongsu.capture_message(f"signal {call}", level="error")
        bongsu.flush(0.0)


def work():
    for number in range(LOOPS):
        try:
            raise LookupError(number)
        except LookupError:
            with bongsu.context(request_id=str(number), user="jiwoo"):
                bongsu.capture_exception()


bongsu.init()
signal.signal(signal.SIGALRM, handle)
signal.setitimer(signal.ITIMER_REAL, 0.0005, 0.0005)
work()
signal.setitimer(signal.ITIMER_REAL, 0)
handled = next(calls) - 1
print(LOOPS, handled, handled // 100, flush=True)
