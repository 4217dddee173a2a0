"""A request and its answer, as the middleware of every web framework sees them."""

from collections.abc import Callable, Mapping

from bongsu.capture.context import Work, context, working
from bongsu.client import active, report
from bongsu.client.guard import guarded
from bongsu.clock import SYSTEM
from bongsu.integrations.request_ids import adopted, chosen

ROUTE_LENGTH_MAX = 200  # characters of a route template

Described = Callable[[], Mapping[str, object]]
"""What the framework knows by now: route (the template), url, handler, user. Cheap; never queries a database."""


class Exchange(Work):
    """One request, from its arrival to its answer.

    A middleware makes it when the request arrives, works inside `with exchange.at_work():`, and calls `fail` for an
    exception that left the host's code, and `answer` once when the answer's status is known.
    """

    __slots__ = ("_began_at", "_described", "_is_answered", "method")

    def __init__(self, method: str, given: str | None, traceparent: str | None, described: Described) -> None:
        """`given` and `traceparent` are the values of those two headers, as they came in."""
        super().__init__(request_id=chosen(given, traceparent))
        self.method = method
        self._described = described
        self._began_at = SYSTEM.monotonic()
        self._is_answered = False

    @property
    def request_id(self) -> str | None:
        return adopted() or self._request_id

    def at_work(self) -> context:
        """The block in which events and log lines belong to this request."""
        return working(self)

    @guarded({})
    def facts(self) -> Mapping[str, object]:
        passed_ms = (SYSTEM.monotonic() - self._began_at) * 1_000
        return {"method": self.method, "duration": f"{passed_ms:.0f} ms", **self._described()}

    def fail(self, error: BaseException, status: int = 500) -> None:
        """Capture an exception that the host's code did not handle; the answer will have that status."""
        with self.at_work():
            report(error, tags={"status": status})

    @guarded(None)
    def answer(self, status: int) -> None:
        """Count the answer; a second call is the same answer."""
        client = active()
        if client is None or self._is_answered:
            return
        self._is_answered = True
        route = self._described().get("route")
        told = str(route)[:ROUTE_LENGTH_MAX] if route else None
        client.answered(self.method, told, status, told=self.told is not None)
