"""Five thousand problems, each another one."""

import sys

import bongsu

PROBLEMS = 5_000

bongsu.init()
for number in range(PROBLEMS):
    try:
        raise type(f"Problem{number}", (Exception,), {})("is new")
    except Exception:
        bongsu.capture_exception()
print("over", flush=True)
sys.stdin.read()
