"""`multiprocessing`: what ends a Process is printed by the standard library itself, past `sys.excepthook`.

It prints by `traceback.print_exc()`; we stand there, and see who calls. So it does not matter how the process was
started, nor whether it called `bongsu.init` before its function or inside, and its output has no frame of ours.
"""

import sys
import traceback
from multiprocessing.process import current_process
from typing import Any

from bongsu.client import active, flush, report
from bongsu.client.client import FATAL_FLUSH_S
from bongsu.client.guard import guarded
from bongsu.integrations.attaching import Undo, step_in

_ENDS_THE_PROCESS = ("multiprocessing.process", "_bootstrap")
_LOSES_AN_OBJECT = ("multiprocessing.queues", "_on_queue_feeder_error")  # one that no queue can carry


def attach() -> Undo:
    """See what multiprocessing prints."""
    hosts = traceback.print_exc

    def print_exc(*args: Any, **kwargs: Any) -> None:
        caller = sys._getframe(1)
        place = (caller.f_globals.get("__name__"), caller.f_code.co_name)
        told = place in (_ENDS_THE_PROCESS, _LOSES_AN_OBJECT) and _tell(fatal=place == _ENDS_THE_PROCESS)
        hosts(*args, **kwargs)
        if told:
            flush(FATAL_FLUSH_S)  # a forked child ends without its atexit functions

    return step_in(traceback, "print_exc", print_exc)


@guarded(False)
def _tell(*, fatal: bool) -> bool:
    """Capture the exception at hand; whether the process ends of it."""
    error = sys.exc_info()[1]
    if error is None or isinstance(error, KeyboardInterrupt) or active() is None or hasattr(sys, "ps1"):
        return False
    report(error, fatal=fatal, tags={"process": current_process().name})
    return fatal
