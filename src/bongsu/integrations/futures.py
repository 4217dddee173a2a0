"""`concurrent.futures`: an exception set on a future whose result nobody asks for is told when the future goes."""

from collections.abc import Callable
from concurrent.futures import _base
from typing import Any

from bongsu.integrations.attaching import Undo, all_of, step_in, watch
from bongsu.integrations.unread import Watched, give_up


def attach() -> Undo:
    """Watch the exceptions of futures, and who gives one up by `cancel`: `Executor.map` does so for what is left."""
    watched = Watched("_exception", _failure)
    return all_of([step_in(_base.Future, "_exception", watched), watch(_base.Future, "cancel", _cancel)])


def _cancel(hosts: Callable[..., Any], future: Any, *args: Any) -> Any:
    give_up(future)
    return hosts(future, *args)


def _failure(attributes: dict[str, Any]) -> BaseException | None:
    error = attributes["_exception"]
    return error if isinstance(error, BaseException) else None
