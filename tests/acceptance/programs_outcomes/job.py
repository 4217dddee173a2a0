"""A nightly job with a short night: says that it runs, then does what its argument says."""

import logging
import os
import signal
import sys

import bongsu


@bongsu.heartbeat("nightly-backup", every="10s", grace="1s", at_most="1h")
def backup(how):
    print("running", os.getpid(), flush=True)
    match how:
        case "fails":
            raise OSError("disk full")
        case "is killed":
            os.kill(os.getpid(), signal.SIGKILL)
        case "goes on":
            sys.stdin.readline()


bongsu.init()  # after the decorator, as in most programs
try:
    backup(sys.argv[1])
except OSError:
    logging.exception("the backup did not work")
    raise
