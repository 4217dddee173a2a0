"""A run of a task or job, as a worker, a queue or a scheduler sees it."""

import inspect
from collections.abc import Callable, Mapping
from functools import lru_cache
from types import CodeType
from typing import TypeVar

from bongsu.capture.context import Work, context, mark_of, request_id, working
from bongsu.client import report
from bongsu.client.guard import guarded
from bongsu.clock import SYSTEM
from bongsu.ids import new_id
from bongsu.integrations.work.request_ids import sound

Described = Callable[[], Mapping[str, object]]
"""What is known of the run by now: queue, retries … Cheap; never queries a database."""

PLACES_MAX = 256  # functions that died; far more than an app has kinds of tasks that kill their process

E = TypeVar("E", bound=BaseException)


class Run(Work):
    """One run, from its start to its end; `name` is the task's or job's, `task_id` tells its runs apart.

    Its request id is that of the request it was ordered in (`given`, as it came in), else the task's own id.
    """

    __slots__ = ("_began_at", "_block", "_described", "name", "task_id")

    def __init__(
        self, name: str, task_id: str, described: Described, *, given: object = None, passed_s: float = 0.0
    ) -> None:
        """`passed_s`: for how long it has been under way."""
        super().__init__(request_id=sound(given) or sound(task_id) or new_id(SYSTEM.now()))
        self.name = name
        self.task_id = task_id
        self._described = described
        self._began_at = SYSTEM.monotonic() - passed_s
        self._block: context | None = None

    def at_work(self) -> context:
        """The block in which events and log lines belong to this run."""
        return working(self)

    def begin(self) -> None:
        """Enter the block, where the end is told by a call of its own."""
        self._block = self.at_work()
        self._block.__enter__()

    def end(self) -> None:
        """Leave the block that `begin` entered."""
        block, self._block = self._block, None
        if block is not None:
            block.__exit__(None, None, None)

    @guarded({})
    def facts(self) -> Mapping[str, object]:
        passed_ms = (SYSTEM.monotonic() - self._began_at) * 1_000
        return {
            "task": self.name,
            "route": self.name,
            "task_id": self.task_id,
            "duration": f"{passed_ms:.0f} ms",
            **self._described(),
        }

    def fail(self, error: BaseException) -> str | None:
        """Capture an exception that left the task's code; the id of its event."""
        with self.at_work():
            return report(error)


def ordering_id() -> str | None:
    """The request id to hand on to a task that is ordered here; None outside of any request."""
    return sound(request_id())


def told_already(error: BaseException | None, event_id: str) -> None:
    """Let this exception, which stands for one that was told, be that event too when it is seen later."""
    if isinstance(error, BaseException):
        mark_of(error).event_id = event_id


def code_of(function: object) -> CodeType | None:
    """The code of a Python function, method or wrapped one; None for anything else."""
    inner = inspect.unwrap(function) if callable(function) else function
    code = getattr(getattr(inner, "__func__", inner), "__code__", None)
    return code if isinstance(code, CodeType) else None


def placed(error: E, code: CodeType | None, module: str) -> E:
    """The exception, raised at the first line of a function.

    For an end without a traceback: the process died in that function, nobody knows in which line.
    """
    if code is None:
        return error
    try:
        exec(_raising_at(code), {"error": error, "__name__": module})  # only running code makes a frame
    except type(error) as raised:
        traceback = raised.__traceback__
        return raised.with_traceback(traceback and traceback.tb_next)  # without our own frame
    return error


@lru_cache(maxsize=PLACES_MAX)
def _raising_at(code: CodeType) -> CodeType:
    """`raise error from None`, with the file, first line and name of another function.

    Kept, since equal errors have equal code objects.
    """
    return compile("raise error from None", code.co_filename, "exec").replace(
        co_firstlineno=code.co_firstlineno, co_name=code.co_name, co_qualname=code.co_qualname
    )
