"""Functions that a platform calls and then freezes, such as AWS Lambda's: `@handler`."""

import functools
import inspect
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar, overload

from bongsu.capture.context import Work, working
from bongsu.capture.hooks import NOT_ERRORS
from bongsu.client import flush, report
from bongsu.client.guard import guarded
from bongsu.clock import SYSTEM
from bongsu.ids import new_id
from bongsu.integrations.work.request_ids import sound

FLUSH_S = 2.0  # at most, before the answer goes out
SPARE_S = 0.5  # left of the platform's own limit for the answer itself

P = ParamSpec("P")
R = TypeVar("R")


class Invocation(Work):
    """One call by the platform; its id there is the request id."""

    __slots__ = ("_began_at", "_context", "_name")

    def __init__(self, name: str, context: object) -> None:
        super().__init__(request_id=sound(getattr(context, "aws_request_id", None)) or new_id(SYSTEM.now()))
        self._name = name
        self._context = context
        self._began_at = SYSTEM.monotonic()

    @guarded({})
    def facts(self) -> dict[str, object]:
        passed_ms = (SYSTEM.monotonic() - self._began_at) * 1_000
        name = getattr(self._context, "function_name", None)
        known = {"function": name} if isinstance(name, str) else {}
        return {"handler": self._name, "duration": f"{passed_ms:.0f} ms", **known}

    @guarded(0.0)
    def time_left_s(self) -> float:
        """Until the platform ends the call, without what the answer needs; without end where it does not say."""
        left = getattr(self._context, "get_remaining_time_in_millis", None)
        return max(0.0, left() / 1_000 - SPARE_S) if callable(left) else float("inf")


@overload
def handler(function: Callable[P, R]) -> Callable[P, R]: ...
@overload
def handler(*, flush_s: float = FLUSH_S) -> Callable[[Callable[P, R]], Callable[P, R]]: ...
def handler(function: Callable[..., Any] | None = None, *, flush_s: float = FLUSH_S) -> Any:
    """Capture what the function raises, deliver for `flush_s` seconds at most, and raise it on unchanged.

    The last argument is the platform's context, as `handler(event, context)` has it.
    """
    if function is None:
        return functools.partial(handler, flush_s=flush_s)
    if inspect.iscoroutinefunction(function):
        raise TypeError("@handler takes no coroutine function; let it call one: `return asyncio.run(work(event))`")

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        invocation = Invocation(function.__qualname__, kwargs.get("context", args[-1] if args else None))
        try:
            with working(invocation):
                return function(*args, **kwargs)
        except BaseException as error:
            if not isinstance(error, NOT_ERRORS):
                report(error)
            raise
        finally:
            flush(min(flush_s, invocation.time_left_s()))

    return call
