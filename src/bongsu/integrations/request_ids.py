"""Request ids: taken over from the caller where they are sound, made where there is none, and handed on."""

import re
import sys

from bongsu.capture.context import request_id
from bongsu.clock import SYSTEM
from bongsu.ids import new_id

HEADER = "X-Request-ID"
TRACE_HEADER = "traceparent"
LENGTH_MAX = 128  # characters; a UUID has 36, a load balancer's id some 80

_SOUND = re.compile(rf"[A-Za-z0-9][A-Za-z0-9._:+/=~-]{{0,{LENGTH_MAX - 1}}}", re.ASCII)
# W3C Trace Context §3.2: version ff and ids of zeros are invalid; later versions may append fields.
_TRACE = re.compile(r"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:-[!-~]*)?")

__all__ = ["HEADER", "LENGTH_MAX", "TRACE_HEADER", "adopted", "chosen", "outgoing", "sound"]


def sound(text: object) -> str | None:
    """The id, when it can stand in a header, a log line and a command as it is."""
    return text if isinstance(text, str) and _SOUND.fullmatch(text) else None


def chosen(given: str | None, traceparent: str | None) -> str:
    """The id of a request that arrives: the caller's own, else its trace's, else a fresh one."""
    if given is not None and (kept := sound(given)):
        return kept
    if traceparent is not None and (trace := _TRACE.fullmatch(traceparent)):
        return trace[1]
    return new_id(SYSTEM.now())


def adopted() -> str | None:
    """The id that asgi-correlation-id or OpenTelemetry uses here, when one of them is at work."""
    correlation = sys.modules.get("asgi_correlation_id.context")
    if correlation is not None and (found := sound(correlation.correlation_id.get())):
        return found
    tracing = sys.modules.get("opentelemetry.trace")
    if tracing is None:
        return None
    span = tracing.get_current_span().get_span_context()
    return f"{span.trace_id:032x}" if span.is_valid else None


def outgoing() -> dict[str, str]:
    """The headers that hand the request id in force on to another service; none where there is no request."""
    current = sound(request_id())
    return {} if current is None else {HEADER: current}
