"""RQ: what leaves a job's code is told once, when no retry is left, with the job and the request it was ordered in.

RQ has no signals, and its exception handlers belong to a worker that the host makes; so its classes are watched.
"""

import logging
import os
import signal
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from types import CodeType
from typing import Any

from rq.exceptions import DeserializationError
from rq.job import Job
from rq.queue import Queue
from rq.worker import SimpleWorker, Worker

from bongsu.capture.context import work_at_hand
from bongsu.capture.log_records import ask_first
from bongsu.client.guard import guarded
from bongsu.clock import SYSTEM
from bongsu.integrations.attaching import Undo, all_of, watch
from bongsu.integrations.work.runs import Run, code_of, ordering_id, placed

META = "bongsu_request_id"  # in the job's `meta`, the one place of the host's that travels with it

# Parts of RQ's log lines that say what is told here, in the words of each version.
SAID = ("exception raised while executing", "Work-horse terminated", "Work horse killed", "FailedJobRegistry (%s)")


class WorkHorseKilled(Exception):
    """The process that ran a job ended in the middle of it."""


class JobRun(Run):
    """One attempt at a job. What fails it is told when no retry is left."""

    __slots__ = ("has_retries",)

    has_retries: bool

    def fail(self, error: BaseException) -> str | None:
        return None if self.has_retries else super().fail(error)


def attach() -> Undo:
    """Watch the classes of RQ."""
    return all_of(
        [
            watch(Job, "create", _ordered),
            watch(Queue, "run_job", _run_at_once),
            *(watch(owner, "perform_job", _performed) for owner in _owners("perform_job")),
            *(watch(owner, "handle_exception", _failed) for owner in _owners("handle_exception")),
            *(watch(owner, "handle_work_horse_killed", _killed) for owner in _owners("handle_work_horse_killed")),
            ask_first("rq", _tells),
        ]
    )


def _owners(method: str) -> set[type]:
    """The classes that define it for RQ's workers; that changed with its versions."""
    return {next(owner for owner in worker.__mro__ if method in vars(owner)) for worker in (Worker, SimpleWorker)}


def _ordered(create: Callable[..., Job], *args: Any, **kwargs: Any) -> Job:
    job = create(*args, **kwargs)
    _hand_on(job)
    return job


@guarded(None)
def _hand_on(job: Job) -> None:
    ordered_in = ordering_id()
    if ordered_in is not None and META not in job.meta:
        job.meta = {**job.meta, META: ordered_in}  # a new one: the host may have given its own dict


def _run_at_once(run_job: Callable[..., Any], queue: Queue, job: Job) -> Any:
    """A queue with `is_async=False`."""
    with _at_work(job):
        try:
            return run_job(queue, job)
        except BaseException as error:
            _tell(job, error)
            raise


def _performed(perform_job: Callable[..., Any], worker: Worker, job: Job, *args: Any, **kwargs: Any) -> Any:
    with _at_work(job):
        return perform_job(worker, job, *args, **kwargs)


def _failed(handle_exception: Callable[..., Any], worker: Worker, job: Job, *exc_info: Any) -> Any:
    _tell(job, exc_info[1])
    return handle_exception(worker, job, *exc_info)


def _killed(handle: Callable[..., Any], worker: Worker, job: Job, retpid: Any, ret_val: Any, rusage: Any) -> Any:
    _tell_killed(job, ret_val)
    return handle(worker, job, retpid, ret_val, rusage)


@guarded(nullcontext())
def _at_work(job: Job) -> AbstractContextManager[None]:
    return _run_of(job).at_work()


@guarded(None)
def _tell(job: Job, error: BaseException | None) -> None:
    run = work_at_hand()
    if not isinstance(run, JobRun) or run.task_id != job.id:  # Bongsu came with the job's own module
        run = _run_of(job)
    if error is not None:
        run.fail(error)


@guarded(None)
def _tell_killed(job: Job, ret_val: int | None) -> None:
    run = _run_of(job, passed_s=_seconds_since(job.started_at))
    code, module = _place_of(run.name)
    run.fail(placed(WorkHorseKilled(f"{run.name}: {_how_it_ended(ret_val)}"), code, module))


def _run_of(job: Job, passed_s: float = 0.0) -> JobRun:
    retries_left = job.retries_left

    def described() -> dict[str, object]:
        known: dict[str, object] = {"queue": job.origin}
        return known if retries_left is None else {**known, "retries_left": retries_left}

    run = JobRun(_name_of(job), str(job.id), described, given=job.meta.get(META), passed_s=passed_s)
    run.has_retries = bool(retries_left and retries_left > 0)
    return run


def _name_of(job: Job) -> str:
    try:
        return str(job.func_name)
    except DeserializationError:
        return "<unreadable>"


def _place_of(name: str) -> tuple[CodeType | None, str]:
    """A job's function, where this process has it imported: the parent of the work horses need not."""
    module, _, attribute = name.rpartition(".")
    return code_of(getattr(sys.modules.get(module), attribute, None)), module


def _how_it_ended(ret_val: int | None) -> str:
    if ret_val is None:
        return "killed, as it went on long after its time"
    code = os.waitstatus_to_exitcode(ret_val)
    return f"signal {-code} ({signal.Signals(-code).name})" if code < 0 else f"exit status {code}"


def _seconds_since(moment: datetime | None) -> float:
    if moment is None:
        return 0.0
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return SYSTEM.now() - aware.timestamp()


@guarded(False)
def _tells(record: logging.LogRecord) -> bool:
    return isinstance(record.msg, str) and any(words in record.msg for words in SAID)
