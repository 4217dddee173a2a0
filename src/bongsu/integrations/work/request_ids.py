"""Request ids: taken over from the caller where they are sound, made where there is none, and handed on."""

import re
import sys

from bongsu.capture.context import request_id
from bongsu.clock import SYSTEM
from bongsu.ids import new_id
from bongsu.scrubbing import scrub

HEADER = "X-Request-ID"
TRACE_HEADER = "traceparent"
LENGTH_MAX = 128  # characters; a UUID has 36, a load balancer's id some 80

_SOUND = re.compile(rf"[A-Za-z0-9][A-Za-z0-9._:+/=~-]{{0,{LENGTH_MAX - 1}}}", re.ASCII)
# W3C Trace Context §3.2: version ff and ids of zeros are invalid; later versions than 00 may append fields.
_TRACE = re.compile(
    r"(?!ff|00.{54})[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:-[!-~]*)?", re.ASCII
)
TRACE_LENGTH_MAX = 512  # characters of the header that are looked at; version 00 has 55

__all__ = [
    "HEADER",
    "LENGTH_MAX",
    "TRACE_HEADER",
    "TRACE_LENGTH_MAX",
    "adopted",
    "chosen",
    "correlated",
    "outgoing",
    "sound",
]


def sound(text: object) -> str | None:
    """The id, when it can stand in a header, a log line and a command as it is."""
    return text if isinstance(text, str) and _SOUND.fullmatch(text) else None


def chosen(given: str | None, traceparent: str | None) -> str:
    """The id of a request that arrives: the caller's own, else its trace's, else a fresh one.

    One that looks like a secret is not taken over: its events and log lines would show another text than its answer.
    """
    if given is not None and (kept := sound(given)) and scrub(kept) == kept:
        return kept
    if traceparent is not None and (trace := _TRACE.fullmatch(traceparent[:TRACE_LENGTH_MAX])):
        return trace[1]
    return new_id(SYSTEM.now())


def adopted() -> str | None:
    """The id that asgi-correlation-id or OpenTelemetry uses here, when one of them is at work."""
    return correlated() or _trace()


def correlated() -> str | None:
    """The id that asgi-correlation-id uses here."""
    variable = getattr(sys.modules.get("asgi_correlation_id.context"), "correlation_id", None)
    return None if variable is None else sound(variable.get(None))


def _trace() -> str | None:
    current_span = getattr(sys.modules.get("opentelemetry.trace"), "get_current_span", None)  # or half imported
    if current_span is None:
        return None
    span = current_span().get_span_context()
    return f"{span.trace_id:032x}" if span.is_valid else None


def outgoing() -> dict[str, str]:
    """The headers that hand the request id in force on to another service; none where there is no request."""
    current = sound(request_id())
    return {} if current is None else {HEADER: current}
