"""Forks 50 children while another thread captures without pause; they end by sys.exit, so each delivers at its end."""

import os
import sys
import threading

import bongsu

FORKS, TIMES = 50, 20
done = threading.Event()
own = 0


def check_in(login):
    raise LookupError(f"no such user {login}")


def storm(times):
    for number in range(times):
        try:
            check_in(number)
        except LookupError:
            bongsu.capture_exception()


def busy():
    global own
    while not done.is_set():
        storm(10)
        own += 10


bongsu.init()
background = threading.Thread(target=busy)
background.start()
for _ in range(FORKS):
    if os.fork() == 0:
        storm(TIMES)
        sys.exit(7)
codes = {os.waitstatus_to_exitcode(os.wait()[1]) for _ in range(FORKS)}
done.set()
background.join()
print(codes == {7}, own + FORKS * TIMES, flush=True)
