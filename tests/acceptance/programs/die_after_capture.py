"""Dies in the statement after `capture_exception`, in the way its first argument says."""

import ctypes
import os
import resource
import signal
import sys

import bongsu

DEATHS = {
    "SIGTERM": lambda: os.kill(os.getpid(), signal.SIGTERM),
    "SIGKILL": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "_exit": lambda: os._exit(0),
    "segfault": lambda: ctypes.string_at(0),
}

die, round_ = DEATHS[sys.argv[1]], sys.argv[2]
problem = type(f"Round{round_}", (Exception,), {})  # five types are five problems
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
bongsu.init()
try:
    raise problem("the last words")
except Exception as error:
    bongsu.capture_exception(error)
    die()
