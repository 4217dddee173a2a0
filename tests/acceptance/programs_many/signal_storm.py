"""A signal handler captures every half millisecond whatever the main thread is in the middle of: capturing, mostly."""

import signal

import bongsu

EVERY_S = 0.0005  # counted from the handler's end, so that a slow machine still has a main thread
ROUNDS = 40_000
KINDS = [type(f"Kind{number}", (Exception,), {}) for number in range(200)]
handled = told = 0


def check_in(login):
    raise LookupError(f"no such user {login}")


def once(number):
    try:
        check_in(number)
    except LookupError:
        bongsu.capture_exception()


def on_alarm(number, frame):
    global handled, told
    handled += 1
    once(handled)
    if handled % 10 == 0:
        told += 1
        bongsu.capture_message("from the handler", level="error")
    signal.setitimer(signal.ITIMER_REAL, EVERY_S if goes_on else 0)


goes_on = True
bongsu.init()
signal.signal(signal.SIGALRM, on_alarm)
signal.setitimer(signal.ITIMER_REAL, EVERY_S)
for number in range(ROUNDS):
    once(number)
    if number % (ROUNDS // len(KINDS)) == 0:  # a first-ever error: described, scrubbed, written
        bongsu.capture_exception(KINDS[number * len(KINDS) // ROUNDS]("new"))
goes_on = False
signal.setitimer(signal.ITIMER_REAL, 0)
print(ROUNDS + handled, told, flush=True)
