"""Expects log-ins; each line of its input is one."""

import sys

import bongsu

bongsu.init()
bongsu.expect("checkin.login", at_least=1, per="10s")
print("ready", flush=True)
for _ in sys.stdin:
    bongsu.count("checkin.login")
