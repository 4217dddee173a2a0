"""Forks four children that count and leave without a goodbye; the parent counts too, and waits for a line."""

import os
import sys

import bongsu

CHILDREN, TIMES = 4, 2_500
bongsu.init()
bongsu.count("checkin.login")
for _ in range(CHILDREN):
    if os.fork() == 0:
        for _ in range(TIMES):
            bongsu.count("checkin.login")
        os._exit(9)
for _ in range(CHILDREN):
    os.wait()
print(CHILDREN * TIMES + 1, flush=True)
sys.stdin.readline()
assert bongsu.flush(20)
