"""`bongsu.heartbeat`: a decorator, a context manager, and signs of life one by one."""

import functools
import inspect
from collections.abc import Callable
from contextvars import ContextVar
from types import TracebackType
from typing import Any, Self, TypeVar

from bongsu import client
from bongsu.client.callers import callers_line
from bongsu.client.guard import guarded

F = TypeVar("F", bound=Callable[..., Any])

NO_JOB = "decorate a function that runs the job to its end; inside a generator, write `with bongsu.heartbeat(…):`"
OPEN_MAX = 20  # runs that one task or thread has begun and not ended

_open: ContextVar[tuple[tuple[str, "Run"], ...]] = ContextVar("bongsu_runs", default=())


class Run:
    """One run: a context manager that tells its begin and its end."""

    __slots__ = ("_id", "_is_bound", "_name")

    def __init__(self, name: str, *, is_bound: bool) -> None:
        self._name = name
        self._is_bound = is_bound
        self._id: str | None = None

    def __enter__(self) -> Self:
        self.begin()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.end(error)

    @guarded(None)
    def begin(self) -> None:
        if active := client.active():
            self._id = active.outcomes.started(self._name, is_bound=self._is_bound)

    @guarded(None)
    def end(self, error: BaseException | None) -> None:
        """An exit with status 0 went well; who was cancelled or interrupted has not failed."""
        if error is None or (isinstance(error, SystemExit) and not error.code):
            self.ok()
        elif isinstance(error, Exception | SystemExit):
            self.fail(error)
        elif active := client.active():
            from bongsu.outcomes.heartbeats import Beat

            active.outcomes.ended(self._name, Beat.STOPPED, self._known())

    def ok(self) -> None:
        if active := client.active():
            from bongsu.outcomes.heartbeats import Beat

            active.outcomes.ended(self._name, Beat.OK, self._known())

    def fail(self, why: BaseException | str) -> None:
        if active := client.active():
            active.outcomes.failed(self._name, self._known(), why, callers_line())

    def _known(self) -> str | None:
        """The run's id; None: any that may end here, and an empty one: a run that nobody knows of."""
        return self._id or ("" if self._is_bound else None)


class heartbeat:  # noqa: N801  # used like a function: `@bongsu.heartbeat("nightly-backup", every="1d")`
    """Watches a job: a decorator of functions, a context manager, or `start`, `ok` and `fail` one by one.

    With `every` it is told when nothing was heard for so long, and `grace` more (a tenth of it, at most an hour); a run
    is too long after `at_most` (the grace, else the period). Without `every` only failed, overlapping and too long runs
    are told. Raises ConfigError for a wrong name or duration.
    """

    __slots__ = ("_name",)

    def __init__(
        self, name: str, *, every: str | None = None, grace: str | None = None, at_most: str | None = None
    ) -> None:
        from bongsu.client.outcomes.expecting import declare_heartbeat
        from bongsu.errors import ConfigError

        try:
            self._name = declare_heartbeat(name, every, grace, at_most, callers_line())
        except ConfigError as error:
            raise error.with_traceback(None) from None  # the caller's line is the one to look at

    def __call__(self, job: F) -> F:
        """The function, each call of which is a run. What it gives, raises and looks like stays as it is."""
        name = self._name
        if isinstance(job, classmethod | staticmethod):
            return type(job)(self(job.__func__))
        if not callable(job) or inspect.isgeneratorfunction(job) or inspect.isasyncgenfunction(job):
            from bongsu.errors import ConfigError

            raise ConfigError([f"heartbeat: {NO_JOB}"])
        if inspect.iscoroutinefunction(job):

            @functools.wraps(job)
            async def run_async(*args: Any, **kwargs: Any) -> Any:
                with Run(name, is_bound=True):
                    return await job(*args, **kwargs)

            return run_async  # type: ignore[return-value]

        @functools.wraps(job)
        def run(*args: Any, **kwargs: Any) -> Any:
            with Run(name, is_bound=True):
                return job(*args, **kwargs)

        return run  # type: ignore[return-value]

    def __enter__(self) -> Self:
        self._begin(is_bound=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._taken().end(error)

    async def __aenter__(self) -> Self:
        return self.__enter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.__exit__(kind, error, traceback)

    @guarded(None)
    def start(self) -> None:
        """A run begins. Its end may be told by another process."""
        self._begin(is_bound=False)

    @guarded(None)
    def ok(self) -> None:
        """The run went well; without one, a sign of life."""
        self._taken().ok()

    @guarded(None)
    def fail(self, why: object = None) -> None:
        """The run failed: told at once. `why` is a text or an exception."""
        from bongsu.capture.exceptions import printable

        if not isinstance(why, BaseException):
            why = "" if why is None else printable(why)
        self._taken().fail(why)

    def _begin(self, *, is_bound: bool) -> None:
        run = Run(self._name, is_bound=is_bound)
        run.begin()
        _open.set((*_open.get(), (self._name, run))[-OPEN_MAX:])

    def _taken(self) -> Run:
        """The newest run of this name that was begun here and has not ended."""
        runs = _open.get()
        for index in reversed(range(len(runs))):
            name, run = runs[index]
            if name == self._name:
                _open.set(runs[:index] + runs[index + 1 :])
                return run
        return Run(self._name, is_bound=False)
