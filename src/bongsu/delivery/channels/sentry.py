"""A server that takes Sentry envelopes: Bongsu's hub, or any other. It decides for itself, so it gets the events."""

from bongsu.clock import Clock
from bongsu.delivery import http, reading
from bongsu.delivery.answer import Answer, Delivered, Rejected, RetryAfter
from bongsu.delivery.channels.one_way import OneWay, Receipt
from bongsu.delivery.destination import Destination
from bongsu.delivery.retry import RETRY_AFTER_MAX_S
from bongsu.messages import sentry
from bongsu.messages.message import Message
from bongsu.routing import Ability

_OURS = frozenset({"", "error", "default"})  # the categories of an event; none named means all


class SentryServer(OneWay):
    """One project of a Sentry-compatible server. A repeat carries the same event id, which the server may drop."""

    ability = Ability.FORWARDS

    def __init__(self, destination: Destination, clock: Clock, line: http.Line) -> None:
        self._url = destination.url
        self._key = destination.secret
        self._clock = clock
        self._line = line

    def _post(self, message: Message, receipt: Receipt, *, plain: bool) -> Answer:
        if message.event is None:
            return Rejected("no_event")
        body = sentry.envelope(message, sent_at=self._clock.now(), sdk_version=http.version())
        client = f"sentry_version=7, sentry_client={http.user_agent()}"
        headers = {
            "Content-Type": "application/x-sentry-envelope",
            "X-Sentry-Auth": f"Sentry sentry_key={self._key}, {client}",
        }
        result = http.post(self._url, body, headers, until=self._line.until(), environ=self._line.environ)
        if isinstance(result, http.Response):
            return read(result, self._clock.now())
        return reading.unheard(result)


def read(response: http.Response, now: float) -> Answer:
    """What a server's answer means. Its body is not read, except to tell a web page from an answer."""
    status = response.status
    match status:
        case 200 | 201 | 202:
            return RetryAfter("captive_portal") if reading.is_web_page(response) else Delivered()
        case 401 | 403 | 404:
            return Rejected(f"wrong_dsn: {status}", dead=True)
        case 413:
            return Rejected("too_large")
        case 429:
            limit = limited_s(response.headers.get("x-sentry-rate-limits", ""))
            return RetryAfter("rate_limited", limit if limit is not None else reading.wish(response, now))
    return reading.understood(None, response, now)


def limited_s(header: str) -> float | None:
    """How long events are unwelcome by `X-Sentry-Rate-Limits: seconds:categories:scope, …`; None: it does not say."""
    found: float | None = None
    for limit in header.split(","):
        seconds, _, rest = limit.strip().partition(":")
        categories = set(rest.partition(":")[0].split(";"))
        if seconds.isdecimal() and len(seconds) <= 9 and categories & _OURS:
            found = max(found or 0.0, min(float(seconds), RETRY_AFTER_MAX_S))
    return found
