"""Celery: what leaves a task's code is told once, with the task and the request it was ordered in.

Everything goes by Celery's signals, in whatever pool the task runs. What the parent of the worker processes knows of
their ends is in `celery_worker`.
"""

import logging
import sys
from collections.abc import Callable
from typing import Any, TypeVar

from celery import signals  # type: ignore[import-untyped]
from celery.exceptions import (  # type: ignore[import-untyped]
    ChordError,
    Ignore,
    Reject,
    Retry,
)
from celery.exceptions import TimeoutError as WaitedTooLong

from bongsu.capture.context import request_id, work_at_hand
from bongsu.capture.log_records import ask_first
from bongsu.client.guard import guarded
from bongsu.integrations.attaching import Undo, all_of
from bongsu.integrations.work.runs import Run, ordering_id, told_already

HEADER = "bongsu_request_id"  # of a task's message; an identifier, since Celery makes an attribute of it
NOT_ERRORS = (Ignore, Reject, Retry)  # a task's ways to say what is to become of it
CHORD_FAILED = "Chord %r raised: %r"  # logged by Celery's result backends
UID = "bongsu"

R = TypeVar("R", bound=Run)


def attach() -> Undo:
    """Listen to Celery's signals."""
    return all_of(
        [
            _connect(signals.before_task_publish, _hand_on),
            _connect(signals.task_prerun, _begin),
            _connect(signals.task_failure, _tell),
            _connect(signals.task_internal_error, _tell_internal),
            _connect(signals.task_postrun, _end),
            ask_first("celery", _tells),
        ]
    )


def _connect(signal: Any, receiver: Callable[..., None]) -> Undo:
    signal.connect(receiver, weak=False, dispatch_uid=UID)

    def undo() -> None:
        signal.disconnect(dispatch_uid=UID)

    return undo


def run_of(kind: type[R], task: Any, request: Any, passed_s: float = 0.0) -> R:
    """The run of a task; `request` is Celery's word for it."""
    get = request.get
    retries, delivery = get("retries") or 0, get("delivery_info")
    queue = delivery.get("routing_key") if isinstance(delivery, dict) else None

    def described() -> dict[str, object]:
        return {"retries": retries} if queue is None else {"retries": retries, "queue": queue}

    given = request_id() if get("is_eager") else get(HEADER)
    return kind(task.name, str(get("id")), described, given=given, passed_s=passed_s)


@guarded(None)
def _hand_on(headers: Any = None, **_: object) -> None:
    ordered_in = ordering_id()
    if ordered_in is not None and isinstance(headers, dict):
        headers.setdefault(HEADER, ordered_in)


@guarded(None)
def _begin(sender: Any, **_: object) -> None:
    run_of(Run, sender, sender.request).begin()


@guarded(None)
def _end(task_id: str, **_: object) -> None:
    run = work_at_hand()
    if isinstance(run, Run) and run.task_id == task_id:
        run.end()


@guarded(None)
def _tell(sender: Any, task_id: str, exception: BaseException, einfo: Any = None, **_: object) -> None:
    run = work_at_hand()
    if not isinstance(run, Run) or run.task_id != task_id:  # Bongsu came while the task ran
        run = run_of(Run, sender, sender.request)
    error = _original(exception)
    if not _is_expected(sender, error):
        _fail(run, error, exception, getattr(einfo, "exception", None))


@guarded(None)
def _tell_internal(
    sender: Any, task_id: str, request: Any, exception: BaseException, einfo: Any = None, **_: object
) -> None:
    """What went wrong around the task: its result's store is away, it was ordered with the wrong arguments …"""
    if not request.get("is_eager"):  # else it is raised to whoever called the task
        _fail(run_of(Run, sender, {"id": task_id, **request}), exception, getattr(einfo, "exception", None))


def _fail(run: Run, error: BaseException, *substitutes: BaseException | None) -> None:
    """Capture it; Celery goes on to log one of the substitutes, which it made to be pickled."""
    event_id = run.fail(error)
    if event_id is not None:
        for substitute in substitutes:
            told_already(substitute, event_id)


def _original(exception: BaseException) -> BaseException:
    """The exception as the task raised it: Celery signals another one where it cannot be pickled."""
    raised = sys.exc_info()[1]
    return exception if raised is None else raised


def _is_expected(task: Any, error: BaseException) -> bool:
    return isinstance(error, (NOT_ERRORS, task.throws or ()))


@guarded(False)
def _tells(record: logging.LogRecord) -> bool:
    """A chord that cannot run because one of its tasks failed: that failure is told."""
    error = record.exc_info[1] if isinstance(record.exc_info, tuple) else None
    match record.args:
        case (_, str() | ChordError()) if record.msg == CHORD_FAILED:  # else what was raised by the store of results
            return not isinstance(error, WaitedTooLong)
    return False
