"""The guard at the host's border: no error of ours reaches the program we live in.

`bongsu.testing` sets `reraise`: what the guard caught must not hide from tests.
"""

import functools
import sys
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar, cast

from bongsu.client.telling import tell
from bongsu.errors import PayloadError

P = ParamSpec("P")
R = TypeVar("R")

reraise = False


def guarded(otherwise: Any) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Answer `otherwise` when the function fails, and say so once on stderr."""

    def wrap(function: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(function)
        def call(*args: P.args, **kwargs: P.kwargs) -> R:
            try:
                return function(*args, **kwargs)
            except PayloadError:  # asked for by init(strict=True)
                raise
            except Exception as error:  # noqa: BLE001  # the guard at the host's border
                caught(function.__qualname__, error)
                return cast("R", otherwise)

        return call

    return wrap


def caught(where: str, error: Exception) -> None:
    """Tell of a failure of ours without hurting the host; in tests, raise it."""
    if reraise:
        raise error
    if sys.is_finalizing():
        return  # nothing can be imported any more, not even to say so
    tell(f"{where} {type(error).__name__}", f"internal error in {where}: {type(error).__name__}: {_text(error)}")


def _text(error: Exception) -> str:
    from bongsu.capture.exceptions import message_of

    return message_of(error)
