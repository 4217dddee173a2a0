"""`uvicorn --workers`: a worker that hangs or dies is told by the parent, where that called `bongsu.init`.

uvicorn has no hook for it. The place is where the parent asks each worker whether it is alive: a "no" comes once.
"""

import signal
from collections.abc import Callable
from typing import Any

from uvicorn.supervisors.multiprocess import Process

from bongsu.client import active, capture_message
from bongsu.client.guard import guarded
from bongsu.integrations.attaching import Undo, watch

STARTUP_FAILURE = 3  # uvicorn logs that itself, at ERROR
_ASKED_FOR = (0, STARTUP_FAILURE, -signal.SIGTERM, -signal.SIGINT)


def attach() -> Undo:
    """Listen to the answers."""
    return watch(Process, "is_alive", _is_alive)


def _is_alive(hosts: Callable[..., Any], worker: Any, *args: Any, **kwargs: Any) -> Any:
    alive = hosts(worker, *args, **kwargs)
    if not alive:
        _tell(worker)
    return alive


@guarded(None)
def _tell(worker: Any) -> None:
    code = worker.process.exitcode
    if active() is not None and code not in _ASKED_FOR:
        capture_message(f"uvicorn worker (pid {worker.process.pid}) {_end(code)}", level="error")


def _end(code: int | None) -> str:
    if code is None:
        return "did not answer the health check and is killed"
    if code == -signal.SIGKILL:
        return "was killed by SIGKILL. Perhaps out of memory?"
    return f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with exit status {code}"
