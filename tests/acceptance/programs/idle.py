"""Has no error of its own; lives until its stdin is closed."""

import sys

import bongsu

bongsu.init()
print("ready", flush=True)
sys.stdin.read()
