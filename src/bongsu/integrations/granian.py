"""Granian: what leaves the application is told with its stack, in the place of the line that Granian logs about it.

That line has no exception with it. That a worker died, Granian's parent logs at ERROR, which is told as it is.
"""

import logging
from collections.abc import Callable
from typing import Any

import granian.server.mp

from bongsu.capture.log_records import ask_first, message_of
from bongsu.client import report
from bongsu.integrations.attaching import Undo, all_of, step_in
from bongsu.integrations.unread import is_error

LOGGER = "_granian"
LINE = "Application callable raised an exception"


def attach() -> Undo:
    """Stand around the application, where a worker wraps it for its interface."""
    workers: Any = granian.server.mp
    hosts_async, hosts_wsgi = workers._future_watcher_wrapper, workers._wsgi_call_wrap

    def wrap_async(inner: Callable[..., Any]) -> Any:
        return hosts_async(_telling_async(inner))

    def wrap_wsgi(application: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        return hosts_wsgi(_telling(application), *args, **kwargs)

    return all_of(
        [
            step_in(workers, "_future_watcher_wrapper", wrap_async),
            step_in(workers, "_wsgi_call_wrap", wrap_wsgi),
            ask_first(LOGGER, _is_told),
        ]
    )


def _telling_async(inner: Callable[..., Any]) -> Callable[..., Any]:
    async def call(*args: Any) -> Any:
        try:
            return await inner(*args)
        except BaseException as error:
            _tell(error)
            raise

    return call


def _telling(application: Callable[..., Any]) -> Callable[..., Any]:
    def call(*args: Any) -> Any:
        try:
            return application(*args)
        except BaseException as error:
            _tell(error)
            raise

    return call


def _tell(error: BaseException) -> None:
    if is_error(error):
        report(error)


def _is_told(record: logging.LogRecord) -> bool:
    return message_of(record).startswith(LINE)
