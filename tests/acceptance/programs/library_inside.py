"""Tells of one error, and then ends in the way that is asked for."""

import ctypes
import sys

import bongsu

bongsu.init()
try:
    raise ValueError("early")
except ValueError:
    bongsu.capture_exception()
bongsu.flush()
match sys.argv[1]:
    case "exit":
        sys.exit(3)
    case "raise":
        raise KeyError("gone")
    case "segfault":
        ctypes.string_at(0)
