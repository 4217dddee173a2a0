"""Django under an ASGI server: what it refuses before there is a request (a query that is no UTF-8) has an id too."""

from collections.abc import Callable
from typing import Any

from django.core.handlers.asgi import ASGIHandler  # type: ignore[import-untyped]

from bongsu.client import active
from bongsu.client.guard import guarded
from bongsu.integrations.attaching import Undo, watch
from bongsu.integrations.work.request_ids import HEADER, LENGTH_MAX, TRACE_HEADER, TRACE_LENGTH_MAX, chosen


def attach() -> Undo:
    """Stand around the making of requests."""
    return watch(ASGIHandler, "create_request", _around)


def _around(create: Callable[[Any, Any, Any], tuple[Any, Any]], handler: Any, scope: Any, body: Any) -> tuple[Any, Any]:
    request, refusal = create(handler, scope, body)
    if refusal is not None and active() is not None:
        _name(refusal, scope)
    return request, refusal


@guarded(None)
def _name(refusal: Any, scope: Any) -> None:
    given, trace = (_header(scope, name) for name in (HEADER, TRACE_HEADER))
    refusal.headers[HEADER] = chosen(given and given[: LENGTH_MAX + 1], trace and trace[:TRACE_LENGTH_MAX])


def _header(scope: Any, name: str) -> str | None:
    wanted = name.lower().encode()
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == wanted), None)
