"""Ends while Slack hangs: `ends.py uncaught|normally`."""

import sys

import bongsu

bongsu.init()
if sys.argv[1] == "uncaught":
    raise LookupError("the end")
bongsu.capture_message("the end", level="error")
print("the end", file=sys.stderr, flush=True)
