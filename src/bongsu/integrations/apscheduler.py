"""APScheduler 3: what leaves a job's code is told with the job; a run that did not take place is a warning.

Its listeners hear of an error only after it was logged, and belong to one scheduler; so its base classes are watched.
"""

import functools
import inspect
import logging
import re
import sys
from asyncio import CancelledError
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from types import CodeType
from typing import Any

from apscheduler.events import (  # type: ignore[import-untyped]
    EVENT_JOB_ERROR,
    EVENT_JOB_MAX_INSTANCES,
    EVENT_JOB_MISSED,
)
from apscheduler.executors.base import BaseExecutor  # type: ignore[import-untyped]
from apscheduler.job import Job  # type: ignore[import-untyped]
from apscheduler.schedulers.base import BaseScheduler  # type: ignore[import-untyped]
from apscheduler.triggers.date import DateTrigger  # type: ignore[import-untyped]

from bongsu.capture.log_records import ask_first
from bongsu.client import active
from bongsu.client.guard import guarded
from bongsu.clock import SYSTEM
from bongsu.event import Kind, Level
from bongsu.ids import new_id
from bongsu.integrations.attaching import Undo, all_of, watch
from bongsu.integrations.work.runs import Run, code_of, ordering_id, placed, told_already

JOBS_MAX = 1_000  # remembered jobs; the oldest is forgotten first, and then told of by its id alone

NOT_RUN = {
    EVENT_JOB_MISSED: "A run of job {} was missed: it could not start in time",
    EVENT_JOB_MAX_INSTANCES: "A run of job {} was skipped: the one before it is still going on",
}

# Parts of APScheduler's log lines that say what is told here.
SAID = ('Run time of job "%s" was missed', 'Execution of job "%s" skipped')

_GIVEN_BY_APSCHEDULER = re.compile(r"[0-9a-f]{32}")  # the id of a job that was given none


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """What an event does not say of its job."""

    name: str
    code: CodeType | None
    module: str


_known: OrderedDict[str, _Known] = OrderedDict()  # by the job's id, as are the request ids in which jobs were ordered
_ordered_in: OrderedDict[str, str] = OrderedDict()


def attach() -> Undo:
    """Watch the base classes of APScheduler."""
    return all_of(
        [
            watch(BaseScheduler, "_real_add_job", _added),
            watch(BaseScheduler, "_dispatch_event", _dispatched),
            watch(BaseExecutor, "submit_job", _submitted),
            ask_first("apscheduler", _tells),
            _known.clear,
            _ordered_in.clear,
        ]
    )


def _added(add: Callable[..., Any], scheduler: Any, job: Job, *args: Any) -> Any:
    _remember_order(job)
    return add(scheduler, job, *args)


@guarded(None)
def _remember_order(job: Job) -> None:
    """A job that runs once belongs to the request in which it was ordered; one that comes again does not."""
    ordered_in = ordering_id()
    if ordered_in is not None and isinstance(job.trigger, DateTrigger):
        _remember(_ordered_in, job.id, ordered_in)


def _submitted(submit: Callable[..., Any], executor: Any, job: Job, run_times: Any) -> Any:
    return submit(executor, _prepared(executor, job) or job, run_times)


@guarded(None)
def _prepared(executor: Any, job: Job) -> Job | None:
    """The same job with a function that tells what leaves it; None where the job goes to another process as it is."""
    code = code_of(job.func)
    _remember(_known, job.id, _Known(name=_name(job.id, job.name), code=code, module=str(job.func.__module__)))
    if _goes_elsewhere(executor):
        return None
    twin = object.__new__(type(job))
    for slot in Job.__slots__:
        if slot != "__weakref__" and hasattr(job, slot):
            setattr(twin, slot, getattr(job, slot))
    twin.func = _telling(job.func, job.id, _ordered_in.pop(job.id, None))
    return twin


def _goes_elsewhere(executor: Any) -> bool:
    pools = sys.modules.get("apscheduler.executors.pool")
    return pools is not None and isinstance(executor, pools.ProcessPoolExecutor)


def _telling(function: Callable[..., Any], job_id: str, ordered_in: str | None) -> Callable[..., Any]:
    """The job's function, at work in a run of its own."""

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        run = _run_of(job_id, ordered_in)
        with run.at_work():
            try:
                return function(*args, **kwargs)
            except BaseException as error:
                _tell(run, error)
                raise

    @functools.wraps(function)
    async def call_async(*args: Any, **kwargs: Any) -> Any:
        run = _run_of(job_id, ordered_in)
        with run.at_work():
            try:
                return await function(*args, **kwargs)
            except BaseException as error:
                _tell(run, error)
                raise

    return call_async if _is_coroutine_function(function) else call


def _is_coroutine_function(function: Any) -> bool:
    while isinstance(function, functools.partial):
        function = function.func
    return inspect.iscoroutinefunction(function)


def _tell(run: Run, error: BaseException) -> None:
    if isinstance(error, CancelledError):  # the scheduler was shut down; APScheduler logs it as an error
        told_already(error, "")
    else:
        run.fail(error)


def _run_of(job_id: str, ordered_in: str | None) -> Run:
    """A run has an id of its own: that of its job is the same tonight and tomorrow."""
    known = _known.get(job_id)
    return Run(known.name if known else job_id, job_id, dict, given=ordered_in or new_id(SYSTEM.now()))


def _dispatched(dispatch: Callable[..., Any], scheduler: Any, event: Any) -> Any:
    _hear(event)
    return dispatch(scheduler, event)


@guarded(None)
def _hear(event: Any) -> None:
    if event.code == EVENT_JOB_ERROR:
        _tell_from_afar(event.job_id, event.exception)
    elif event.code in NOT_RUN:
        _warn(event.job_id, NOT_RUN[event.code])


def _tell_from_afar(job_id: str, error: BaseException) -> None:
    """An error of a pool's process comes without its traceback; whether it was told there, it says itself."""
    if error.__traceback__ is None and "__bongsu__" not in vars(error):
        known = _known.get(job_id)
        if known is not None:
            placed(error, known.code, known.module)
        _run_of(job_id, _ordered_in.pop(job_id, None)).fail(error)
        error.__traceback__ = None


def _warn(job_id: str, text: str) -> None:
    client, known = active(), _known.get(job_id)
    if client is None:
        return
    code = known.code if known else None
    with _run_of(job_id, _ordered_in.pop(job_id, None)).at_work():
        client.recorder.text(
            Kind.MESSAGE,
            text.format(known.name if known else job_id),
            level=Level.WARNING,
            source=f"{code.co_filename}:{code.co_firstlineno}" if code else None,
        )


def _name(job_id: str, name: str) -> str:
    return name if _GIVEN_BY_APSCHEDULER.fullmatch(job_id) else job_id


def _remember(memory: OrderedDict[str, Any], job_id: str, value: object) -> None:
    memory[job_id] = value
    while len(memory) > JOBS_MAX:
        memory.popitem(last=False)


@guarded(False)
def _tells(record: logging.LogRecord) -> bool:
    return isinstance(record.msg, str) and record.msg.startswith(SAID)
