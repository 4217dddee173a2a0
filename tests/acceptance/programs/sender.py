"""Tells of one problem, then of another for each line of its stdin."""

import sys

import bongsu

bongsu.init()
print("ready", flush=True)
for line in sys.stdin:
    bongsu.capture_message(line.strip(), level="error")
    print("captured", flush=True)
