"""Has its error in one of the last moments of the interpreter: `at_the_end.py WHEN`."""

import atexit
import logging
import sys
import threading

import bongsu


def capture(when):
    try:
        raise LookupError(f"lost {when}")
    except LookupError:
        bongsu.capture_exception()


class Late:
    """Deleted when the interpreter clears this module; what it needs then it holds itself."""

    def __init__(self):
        self.capture = bongsu.capture_exception

    def __del__(self):
        try:
            raise LookupError("lost in __del__")
        except LookupError as error:
            self.capture(error)


def endless():
    logger = logging.getLogger("daemon")
    while True:
        logger.error("still here")
        capture("in a daemon thread")
        started.set()  # now: what has returned is promised, what the end cut off is not


started = threading.Event()
when = sys.argv[1]
if when == "in an atexit function from before init":
    atexit.register(capture, when)
bongsu.init()
logging.disable() if when != "in a daemon thread" else logging.getLogger("daemon").addHandler(logging.NullHandler())
if when == "in an atexit function":
    atexit.register(capture, when)
if when == "in __del__":
    late = Late()
if when == "in a daemon thread":
    threading.Thread(target=endless, daemon=True).start()
    started.wait()
