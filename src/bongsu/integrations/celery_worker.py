"""The parent of Celery's worker processes: it alone can tell of a task whose process died, or was killed for its time.

Celery has no signal for each of these ends in every version, and none names the request; so its `Request` is watched.
"""

import logging
from collections import deque
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any
from weakref import WeakKeyDictionary

from billiard.pool import Pool  # type: ignore[import-untyped]
from celery.exceptions import TimeLimitExceeded, WorkerLostError  # type: ignore[import-untyped]
from celery.worker import state  # type: ignore[import-untyped]
from celery.worker.request import Request  # type: ignore[import-untyped]

from bongsu.capture.context import work_at_hand
from bongsu.capture.log_records import ask_first, level_of, message_of
from bongsu.client import active
from bongsu.client.guard import guarded
from bongsu.clock import SYSTEM
from bongsu.event import Kind
from bongsu.integrations.attaching import Undo, all_of, watch
from bongsu.integrations.celery import run_of
from bongsu.integrations.work.runs import Run, code_of, placed

LOST_MAX = 100  # dead processes of which the pool has yet to log the end

# Log lines of Celery and its pool that say what is told here.
RAISED = "Task handler raised error: %r"
TIME_LIMIT = "Hard time limit (%ss) exceeded for %s[%s]"
EXITED = "Process %r pid:%r exited with %r"


def attach() -> Undo:
    """Watch the requests of this worker."""
    return all_of(
        [
            watch(Request, "on_failure", _ending),
            watch(Request, "on_timeout", _ending),
            watch(Request, "terminate", _stopped),
            watch(Request, "cancel", _stopped),
            watch(Pool, "_join_exited_workers", _joined),
            ask_first("celery", _tells),
            ask_first("multiprocessing", _pool_tells),
            _exits.clear,
        ]
    )


class Lost(Run):
    """A run that ended without a traceback. It is told once, at the place where its task begins."""

    __slots__ = ("pid", "task")

    pid: int | None
    task: Any

    def fail(self, error: BaseException) -> str | None:
        """Capture it, once."""
        if self.told is None and isinstance(error, WorkerLostError | TimeLimitExceeded):
            _expect_end_of(self.pid)
            place = code_of(self.task.run), type(self.task).__module__
            return super().fail(placed(type(error)(*error.args), *place))
        return self.told or super().fail(error)


_lost: deque[int] = deque(maxlen=LOST_MAX)  # ids of processes whose end is told, or was asked for
_exits: dict[int, logging.LogRecord] = {}  # of processes that had a task
_runs: WeakKeyDictionary[Request, Lost] = WeakKeyDictionary()


def _ending(handle: Callable[..., Any], request: Request, *args: Any, **kwargs: Any) -> Any:
    """Let a handler of the request's end work in the run's context."""
    with _at_work(request):
        return handle(request, *args, **kwargs)


@guarded(nullcontext())
def _at_work(request: Request) -> AbstractContextManager[None]:
    run = _runs.get(request)
    if run is None:
        passed_s = SYSTEM.now() - request.time_start if request.time_start else 0.0
        run = _runs[request] = run_of(Lost, request.task, request.request_dict, passed_s)
        run.pid, run.task = request.worker_pid, request.task
    return run.at_work()


@guarded(False)
def _tells(record: logging.LogRecord) -> bool:
    """What Celery logs of such an end. A lost task that goes back to its queue has no other sign than this line."""
    run = work_at_hand()
    match record.args:
        case (BaseException() as error,) if record.msg == RAISED and isinstance(run, Lost):
            run.fail(error)
            return True
    return record.msg == TIME_LIMIT and isinstance(run, Lost)


@guarded(False)
def _pool_tells(record: logging.LogRecord) -> bool:
    """A process that ended. It may have had a task, but also have finished it: that is known when it is joined."""
    match record.args:
        case (_, int() as pid, _) if record.msg == EXITED:
            if _is_expected(pid):
                return True
            if _has_task(pid) and len(_exits) < LOST_MAX:
                _exits[pid] = record
            return pid in _exits
    return False


def _joined(join: Callable[..., Any], pool: Pool, *args: Any, **kwargs: Any) -> Any:
    ended = join(pool, *args, **kwargs)
    if _exits:
        _tell_exits()
    return ended


@guarded(None)
def _tell_exits() -> None:
    for pid, record in list(_exits.items()):
        if _is_expected(pid):
            del _exits[pid]
        elif not _has_task(pid):
            del _exits[pid]
            _tell_exit(record)


def _tell_exit(record: logging.LogRecord) -> None:
    """The log record, as if it were written now."""
    client = active()
    if client is not None:
        client.recorder.text(
            Kind.LOG,
            message_of(record),
            level=level_of(record.levelno),
            template=EXITED,
            logger=record.name,
            source=f"{record.pathname}:{record.lineno}",
        )


def _expect_end_of(pid: int | None) -> None:
    if pid is not None:
        _lost.append(pid)


def _is_expected(pid: int) -> bool:
    """Asked once for each end: the system gives the number to another process later."""
    if pid not in _lost:
        return False
    _lost.remove(pid)
    return True


def _has_task(pid: int) -> bool:
    return any(request.worker_pid == pid for request in state.requests.copy().values())


def _stopped(stop: Callable[..., Any], request: Request, *args: Any, **kwargs: Any) -> Any:
    """Somebody asked for the end of its task, and so of its process."""
    _expect_end_of(request.worker_pid)
    return stop(request, *args, **kwargs)
