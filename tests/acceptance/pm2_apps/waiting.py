"""Waits; an interruption writes a traceback."""

import threading

while True:
    threading.Event().wait(1)
