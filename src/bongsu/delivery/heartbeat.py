"""A sign of life for somebody else's watch: a GET a minute while messages can be delivered.

The processes of an app on a host share one rhythm, kept in the store: who finds it due writes down that it goes, and
goes. So an idle host writes once a minute, whatever the number of its processes.
"""

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager

from bongsu.delivery import http
from bongsu.delivery.retry import DOWN_AFTER_S
from bongsu.store import Book, Line, SqliteStore

EVERY_S = 60.0
DEADLINE_S = 5.0
LAST = "heartbeat_at"  # the note in the store

Tell = Callable[[str, str], None]


def fails(line: Line, oldest_at: float, now: float) -> bool:
    """Whether what waits for a destination, the oldest message since then (0: no message), cannot be delivered."""
    if line.down_since is not None:
        return now - line.down_since >= DOWN_AFTER_S
    passed_lately = line.last_ok_at is not None and now - line.last_ok_at < DOWN_AFTER_S
    return 0 < oldest_at <= now - DOWN_AFTER_S and not passed_lately  # nobody even tries


class Heartbeat:
    """Looked after once a second on the worker's thread; the request has a thread of its own."""

    def __init__(
        self,
        url: str | None,
        gate: AbstractContextManager[object],
        tell: Tell,
        *,
        line: http.Line = http.Line(deadline_s=DEADLINE_S),  # noqa: B008  # immutable
    ) -> None:
        """`gate`: held while something is imported. `tell(key, sentence)`: say what is wrong, once."""
        self._url = url
        self._gate = gate
        self._tell = tell
        self._line = line
        self._seen_at: float | None = None  # when somebody went last, as far as was read
        self._thread: threading.Thread | None = None
        self.gone = 0  # how often

    def look(self, store: SqliteStore, now: float) -> None:
        """Go, if it is time and all is well. Raises StoreError: then it does not go."""
        if self._url is None or not _is_due(self._seen_at, now):
            return
        with store.reading() as book:
            self._seen_at = _last(book)
            goes = _is_due(self._seen_at, now) and is_well(book, now)
        if goes and self._is_ours(store, now):
            self._go()

    def wait(self, timeout_s: float) -> None:
        """Until the request under way has its answer."""
        if self._thread is not None:
            self._thread.join(timeout_s)

    def _is_ours(self, store: SqliteStore, now: float) -> bool:
        with store.transaction() as book:
            last = _last(book)
            is_ours = _is_due(last, now)
            if is_ours:
                book.save_note(LAST, str(now))
        self._seen_at = now if is_ours else last
        return is_ours

    def _go(self) -> None:
        if self._thread is not None and self._thread.is_alive():
            return
        with self._gate:
            http.load(secure=str(self._url).startswith("https:"))
        self._thread = threading.Thread(target=self._ask, name="bongsu-heartbeat", daemon=True)
        try:
            self._thread.start()
            self.gone += 1
        except RuntimeError:  # no more threads, or the interpreter is ending
            self._thread = None

    def _ask(self) -> None:
        try:
            result = http.get(str(self._url), until=self._line.until(), environ=self._line.environ)
        except ValueError:  # a broken URL
            self._say("the URL is broken")
            return
        match result:
            case http.Response(status=status) if 200 <= status < 300:
                return
            case http.Response(status=status):
                self._say(f"status {status}")
            case http.NotSent(word) | http.NoAnswer(word):
                self._say(word)

    def _say(self, word: str) -> None:
        self._tell("heartbeat", f"the heartbeat_url did not take the sign of life: {word}. It is tried every minute.")


def is_well(book: Book, now: float) -> bool:
    """Whether all that waits can be delivered, as far as one can see."""
    waiting = book.waiting_counts()
    return not any(fails(book.line(each, ""), book.oldest_waiting(each)[1], now) for each in waiting)


def _is_due(last: float | None, now: float) -> bool:
    return last is None or abs(now - last) >= EVERY_S  # abs: the clock may have been put back


def _last(book: Book) -> float | None:
    text = book.note(LAST)
    try:
        return float(text) if text else None
    except ValueError:
        return None
