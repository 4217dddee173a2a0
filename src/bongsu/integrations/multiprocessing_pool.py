"""`multiprocessing.Pool`: what an asynchronous call raised is told when nobody asks for its result."""

from multiprocessing.pool import ApplyResult
from typing import Any

from bongsu.integrations.attaching import Undo, step_in
from bongsu.integrations.unread import Watched


def attach() -> Undo:
    """Watch the results of `apply_async`, `map_async` and `starmap_async`; an error_callback reads them too."""
    return step_in(ApplyResult, "_value", Watched("_value", _failure))


def _failure(attributes: dict[str, Any]) -> BaseException | None:
    error = attributes["_value"]
    return error if attributes.get("_success") is False and isinstance(error, BaseException) else None
