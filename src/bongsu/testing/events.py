"""Your own tests can see what your program would have told."""

import contextlib
import tempfile
import threading
from collections.abc import Iterator, Mapping
from typing import Any

from bongsu.client import guard, using
from bongsu.client.client import Client
from bongsu.config import load
from bongsu.delivery.answer import Answer, Delivered
from bongsu.event import Event, Kind
from bongsu.messages.delivery import Verb
from bongsu.messages.message import Message
from bongsu.routing import Ability

_SINK = "http://events@127.0.0.1:9/1"  # never opened: the channel is our own; a DSN, because it wants every event
SETTLE_S = 10.0


class CapturedEvents:
    """The events so far. Reading waits until what was captured is taken in."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._lock = threading.Lock()
        self._received: list[Event] = []

    @property
    def events(self) -> list[Event]:
        """One detailed sample per problem and per time it was told, in order."""
        self._client.flush(SETTLE_S)
        with self._lock:
            return list(self._received)

    @property
    def count(self) -> int:
        """All occurrences, those that were only counted included."""
        records = sum(event.kind is Kind.RECORD for event in self.events)
        with self._client.worker.books.store.reading() as book:
            return records + sum(group.total for group in book.all_groups())

    def _take(self, message: Message) -> None:
        assert message.event is not None, "what is forwarded has its event"
        with self._lock:
            self._received.append(message.event)


class _Sink:
    ability = Ability.FORWARDS

    def __init__(self, captured: CapturedEvents) -> None:
        self._captured = captured

    def send(
        self, verb: Verb, message: Message, receipt: Mapping[str, str] | None = None, *, plain: bool = False
    ) -> Answer:
        self._captured._take(message)
        return Delivered()

    def close(self) -> None:
        """Nothing is open."""


@contextlib.contextmanager
def capture_events(**settings: Any) -> Iterator[CapturedEvents]:
    """Inside the block Bongsu is on, sends nothing, and shows what it captured; errors of its own are raised.

    `settings` are those of `init`: app, environment, level, strict, … The program's own client is back afterwards.
    """
    with tempfile.TemporaryDirectory(prefix="bongsu-") as folder:
        loaded = load({"strict": True, **settings, "to": _SINK, "state_dir": folder}, environ={})
        sinks: list[_Sink] = []
        client = Client(loaded, open_channel=lambda _: sinks[0])
        captured = CapturedEvents(client)
        sinks.append(_Sink(captured))
        with using(client), _raising():
            yield captured


@contextlib.contextmanager
def _raising() -> Iterator[None]:
    before, guard.reraise = guard.reraise, True
    try:
        yield
    finally:
        guard.reraise = before


__all__ = ["CapturedEvents", "capture_events"]
