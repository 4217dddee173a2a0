"""At every step of a forked child's first capture a signal handler might run: `at_every_step.py capture|flush`.

The profiler's hook stands for it: it runs where handlers run, between two steps of the main thread, and at all of them.
"""

import faulthandler
import os
import sys

import bongsu

HANGS_S = 20.0
steps = 0


def interrupt(frame, event, argument):
    global steps
    if event in ("call", "c_return"):
        steps += 1
        handle()


def handle():
    if sys.argv[1] == "flush":
        bongsu.flush(0.0)
    else:
        bongsu.capture_message("from the handler", level="error")


bongsu.init()
if (child := os.fork()) == 0:
    faulthandler.dump_traceback_later(HANGS_S, exit=True)
    sys.setprofile(interrupt)
    bongsu.capture_message("of the program", level="error")
    sys.setprofile(None)
    faulthandler.cancel_dump_traceback_later()
    print(steps, flush=True)
    sys.exit(0)
print("child", os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
