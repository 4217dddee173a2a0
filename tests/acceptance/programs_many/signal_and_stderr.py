"""A signal handler gives Bongsu a reason to complain on stderr while the main thread is in the middle of writing."""

import signal
import sys

import bongsu

COMPLAINTS = 150
handled = 0


def on_alarm(number, frame):
    global handled
    handled += 1
    bongsu.capture_message("a message", level=f"unknown level {handled}")
    if handled < COMPLAINTS:
        signal.setitimer(signal.ITIMER_REAL, 0.0005)


bongsu.init()
signal.signal(signal.SIGALRM, on_alarm)
signal.setitimer(signal.ITIMER_REAL, 0.0005)
while handled < COMPLAINTS:
    sys.stderr.write("x" * 100 + "\n")
print("unhurt", flush=True)
