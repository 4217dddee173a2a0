"""gunicorn: a worker that hangs is told with the place where it hangs; one that is killed, by the arbiter.

A hanging worker is asked to end by SIGABRT, and what it does then tells of it. Only when it cannot any more, the
arbiter does, at its end. Both need `bongsu.init()` in gunicorn.conf.py, or in the application with `preload_app`; in
the application alone, it is the worker that tells.
"""

import contextlib
import logging
import mmap
import os
import re
import signal
import sys
from collections.abc import Callable
from functools import partial
from types import FrameType, TracebackType
from typing import Any

from gunicorn import config  # type: ignore[import-untyped]
from gunicorn.workers.base import Worker  # type: ignore[import-untyped]

from bongsu.capture.log_records import ask_first, message_of
from bongsu.client import active, report
from bongsu.client.guard import guarded
from bongsu.integrations.attaching import Undo, all_of, step_in

WORKERS_MAX = 1_024  # that may hang at one time; gunicorn advises 2 to 4 for each core
STACK_MAX = 1_000  # calls, Python's own limit

_LINE = re.compile(r"(WORKER TIMEOUT|Worker) \(pid:(\d+)\)")  # the arbiter's, of a worker that hangs or has ended
BOOT_FAILURE = "Exception in worker process"
HALT = "Shutting down: "  # an error only where "Reason: …" comes next
ASKED_TO_END = "was sent SIGTERM!"  # in some versions an error, at any orderly stop
_ABORTS = ("handle_abort", "handle_abort_signal", "_abort")


class WorkerTimeout(Exception):
    """A worker showed no sign of life for gunicorn's `timeout`."""


class _Told:
    """The pids of workers that told of themselves, in memory that arbiter and workers share."""

    def __init__(self) -> None:
        self._pids = memoryview(mmap.mmap(-1, WORKERS_MAX * 4)).cast("i")

    def add(self, pid: int) -> None:
        self._pids[pid % WORKERS_MAX] = pid

    def discard(self, pid: int) -> None:
        if pid in self:
            self._pids[pid % WORKERS_MAX] = 0

    def __contains__(self, pid: int) -> bool:
        return self._pids[pid % WORKERS_MAX] == pid


_MADE_IN = os.getpid()
_told = _Told()  # made in the arbiter, when gunicorn.conf.py is read
_hanging: set[int] = set()


def attach() -> Undo:
    """Stand before the host's hooks, whatever they are, and before gunicorn's log lines.

    With `bongsu.init(integrations=False)`, call it in gunicorn.conf.py.
    """
    _abort_reaches_gunicorn()
    return all_of(
        [
            step_in(config.WorkerAbort, "get", lambda setting: _both(_worker_abort, setting.value)),
            step_in(config.PostWorkerInit, "get", lambda setting: _both(_post_worker_init, setting.value)),
            step_in(config.ChildExit, "get", lambda setting: _both(_child_exit, setting.value)),
            ask_first("gunicorn", _is_told),
        ]
    )


@guarded(None)
def _worker_abort(worker: Any) -> None:
    """In the worker: tell where it hangs."""
    if active() is None or worker.pid in _told:
        return
    _told.add(worker.pid)
    error = WorkerTimeout(f"{_named(worker)} showed no sign of life for {worker.cfg.timeout} s and is ended")
    report(error.with_traceback(_stack(_interrupted())), fatal=True, tags={"worker": worker.pid})


@guarded(None)
def _post_worker_init(worker: Any) -> None:
    """In the worker: hear SIGABRT where its class does not, as that of uvicorn, which would die without a word.

    Where it was the worker that called `bongsu.init`, faulthandler hears it, and tells it as a crash.
    """
    if os.getpid() != _MADE_IN and signal.getsignal(signal.SIGABRT) is signal.SIG_DFL:
        signal.signal(signal.SIGABRT, partial(_abort, worker))


def _abort(worker: Any, number: int, _: FrameType | None) -> None:
    _worker_abort(worker)
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)


@guarded(None)
def _child_exit(server: Any, worker: Any) -> None:  # noqa: ARG001  # gunicorn's signature
    """In the arbiter: tell of a hanging worker that could not."""
    if worker.pid in _hanging and worker.pid not in _told:
        said = f"showed no sign of life for {worker.cfg.timeout} s, did not heed SIGABRT and was ended"
        report(WorkerTimeout(f"{_named(worker)} {said}"), fatal=True, tags={"worker": worker.pid})
    _hanging.discard(worker.pid)
    _told.discard(worker.pid)  # another worker may get its number


def _both(ours: Callable[..., None], hosts: Callable[..., Any]) -> Callable[..., Any]:
    def call(*args: Any) -> Any:
        ours(*args)
        return hosts(*args)

    return call


def _is_told(record: logging.LogRecord) -> bool:
    """Whether the record says what is told already: a worker's end that has been told, the exit out of a request."""
    error = record.exc_info[1] if isinstance(record.exc_info, tuple) else None
    if isinstance(error, SystemExit):
        return True
    text = message_of(record)
    if text.startswith(BOOT_FAILURE):
        _told.add(os.getpid())  # by this very record
    line = _LINE.match(text)  # not the template: some versions format it themselves
    if line is None:
        return text.startswith(HALT)
    if text.endswith(ASKED_TO_END):
        return True
    pid = int(line[2])
    if line[1] == "WORKER TIMEOUT":
        _hanging.add(pid)
    return pid in _hanging or pid in _told


def _named(worker: Any) -> str:
    return f"worker (pid {worker.pid}) of {worker.cfg.proc_name}"


def _interrupted() -> FrameType | None:
    """The call that the signal interrupted."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_code.co_name not in _ABORTS:
        frame = frame.f_back
    return None if frame is None else frame.f_back


def _stack(frame: FrameType | None) -> TracebackType | None:
    """The calls that led there, as if it had raised."""
    inner: TracebackType | None = None
    for _ in range(STACK_MAX):
        if frame is None:
            break
        inner, frame = TracebackType(inner, frame, frame.f_lasti, frame.f_lineno), frame.f_back
    return inner


def _abort_reaches_gunicorn() -> None:
    """In a worker, take SIGABRT back from faulthandler: it is gunicorn's question, and no crash."""
    handler = signal.getsignal(signal.SIGABRT)
    if isinstance(getattr(handler, "__self__", None), Worker):
        with contextlib.suppress(ValueError):  # only the main thread may
            signal.signal(signal.SIGABRT, handler)
