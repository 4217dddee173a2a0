"""Forks a child that dies of a segfault, and lives on."""

import ctypes
import os
import resource
import sys

import bongsu

resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
bongsu.init()
if (child := os.fork()) == 0:
    ctypes.string_at(0)
_, status = os.waitpid(child, 0)
print("the child died of", os.WTERMSIG(status), flush=True)
sys.stdin.read()
