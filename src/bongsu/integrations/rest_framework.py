"""Django REST framework: what an exception handler of the host's made a 5xx of is told with the exception."""

from collections.abc import Callable
from typing import Any

from rest_framework.exceptions import APIException  # type: ignore[import-untyped]
from rest_framework.views import APIView  # type: ignore[import-untyped]

from bongsu.capture.context import work_at_hand
from bongsu.integrations.attaching import Undo, watch
from bongsu.integrations.work.exchange import Exchange


def attach() -> Undo:
    """See what reaches the exception handlers; what they let through, Django's integration tells."""
    return watch(APIView, "handle_exception", _handling)


def _handling(handle: Callable[[Any, Exception], Any], view: Any, error: Exception) -> Any:
    exchange = work_at_hand()
    if isinstance(exchange, Exchange) and not isinstance(error, APIException):  # that is only an answer
        exchange.handled = error
    return handle(view, error)
