"""Breaks once when told to, in the way that Python programs do."""

import sys
import threading


def price(seat: str) -> int:
    return {}[seat]


threading.Event().wait(0.5)
sys.stderr.write("about to price\n")
price("12A")
