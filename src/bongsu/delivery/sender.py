"""Claim, send, settle: one message of one destination at a time, settled only after its answer.

The claim and the settling are two transactions with the sending between them. A crash anywhere leaves the row in the
store: whoever sends next finds it, and says "(repeat)" when the first attempt may have arrived.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from bongsu.delivery.answer import Answer, Delivered, Rejected, RetryAfter, Unknown
from bongsu.delivery.backlog import Waiting, collapse, is_backlog
from bongsu.delivery.channel import Channel
from bongsu.delivery.retry import DOWN_AFTER_S, RETRY_AFTER_MAX_S, backoff_s, pace
from bongsu.messages.delivery import Delivery, Verb
from bongsu.messages.message import Message, Note, Trouble
from bongsu.routing import ALARM, DEV_TEST, DEVOPS
from bongsu.store import Book, Line, Row, SqliteStore

LEASE = "sender"
LEASE_S = 6.0  # a killed sender is replaced this long after its last sign of life (promised: within 10 s)
DEAD_PROBE_S = 900.0  # a dead destination is tried again this often: channels get unarchived
UNCERTAIN_ATTEMPTS = 8  # without an answer, each may have been shown …
UNCERTAIN_PAUSE_S = 300.0  # … so from then on twelve an hour at most; late is better than a flood of repeats
ATTEMPTS_IN_TURN = 8  # then the others pass first

Tell = Callable[[str, str], None]
"""Say something outside of Slack, once per key: (key, sentence)."""


@dataclass(frozen=True, slots=True)
class Route:
    """Where a configured channel leads."""

    channel: str
    destination: str  # hash
    masked: str
    is_paced: bool = True  # Slack wants one message a second; a file or a Sentry-compatible server does not


class Sender:
    """Carries rows of the outbox to their channels."""

    def __init__(
        self,
        routes: Mapping[str, Route],
        open_channel: Callable[[str], Channel],
        holder: str,
        *,
        now: Callable[[], float],
        dice: Callable[[], float],
        tell: Tell,
    ) -> None:
        """`routes` by channel; `open_channel` takes a channel's name; `dice` gives numbers in [0, 1)."""
        self._routes = routes
        self._unpaced = {route.destination for route in routes.values() if not route.is_paced}
        self._open_channel = open_channel
        self._holder = holder
        self._now = now
        self._dice = dice
        self._tell = tell
        self._channels: dict[str, Channel] = {}

    def step(self, store: SqliteStore, destination: str) -> float | None:
        """Send the next message; seconds until the next step makes sense, None if nothing waits. Raises StoreError."""
        with store.transaction() as book:
            claimed = self._claim(book, destination, self._now())
        if not isinstance(claimed, _Claim):
            return claimed
        answer = self._channel(claimed.row).send(
            claimed.row.verb, claimed.message, claimed.receipt, plain=claimed.row.plain
        )
        with store.transaction() as book:
            self._settle(book, claimed.row, answer, self._now())
        return 0.0

    def close(self) -> None:
        for channel in self._channels.values():
            channel.close()
        self._channels.clear()

    def _channel(self, row: Row) -> Channel:
        if row.destination not in self._channels:
            self._channels[row.destination] = self._open_channel(row.channel)
        return self._channels[row.destination]

    # -- claim

    def _claim(self, book: Book, destination: str, now: float) -> "_Claim | float | None":
        row = book.first_waiting(destination, ATTEMPTS_IN_TURN)
        if row is None or not book.has_lease(LEASE, self._holder):
            return None
        line = book.line(destination, row.channel)
        blocked_s = line.blocked_till - now
        if 0 < blocked_s <= max(RETRY_AFTER_MAX_S, DEAD_PROBE_S):
            if line.dead_word is not None and self._redirect_all(book, line):
                return None
            return blocked_s
        turn = pace(line.pace, now)
        if not turn.go and destination not in self._unpaced:
            return turn.wait_s
        row = self._collapsed(book, row, now)
        if row is None:
            return 0.0
        receipt = book.receipt(destination, row.key)
        if row.verb in (Verb.REPLY, Verb.STACK) and receipt is None:
            book.remove(row.id)  # nothing to reply to: the message itself was replaced by a digest
            return 0.0
        if row.verb is Verb.EDIT and receipt is None:
            row = replace(row, verb=Verb.POST)
        book.save_line(replace(line, pace=turn.tat))
        book.take(row, self._holder)
        repeat = row.uncertain and row.verb in (Verb.POST, Verb.REPLY)
        return _Claim(row, replace(row.message, repeat=repeat), receipt)

    def _collapsed(self, book: Book, row: Row, now: float) -> Row | None:
        """The row to send: the given one, or what is left after all that waited too long became one digest."""
        oldest = book.oldest_waiting(row.destination)
        if oldest is None or row.verb is Verb.FORWARD or not is_backlog(Waiting(*oldest), now):
            return row
        rows = book.rows(destination=row.destination, state="waiting")
        posts = [each for each in rows if each.verb is Verb.POST]
        for each in rows:
            if each.verb is not Verb.EDIT:
                book.remove(each.id)
        if posts:
            digest = collapse([each.message for each in posts], oldest[1], now)
            delivery = Delivery(channel=row.channel, verb=Verb.POST, key=f"backlog/{row.id}", message=digest)
            book.enqueue(delivery, row.destination, now)
        return book.first_waiting(row.destination, ATTEMPTS_IN_TURN)

    def _redirect_all(self, book: Book, line: Line) -> bool:
        """Give the rows of a dead destination to another channel; False when there is none that lives."""
        route = self._fallback(book, line.destination)
        if route is None:
            return False
        note = Note(trouble=Trouble.FALLBACK, detail=f"{line.channel}: {line.dead_word}")
        for row in book.rows(destination=line.destination, state="waiting"):
            if row.verb in (Verb.POST, Verb.EDIT):
                message = replace(row.message, notes=(*row.message.notes, note))
                book.redirect(row.id, route.channel, route.destination, message)
            else:
                book.remove(row.id)
        return True

    def _fallback(self, book: Book, destination: str) -> Route | None:
        first = (ALARM, DEVOPS, DEV_TEST)
        names = sorted(self._routes, key=lambda name: (first.index(name) if name in first else len(first), name))
        for name in names:
            route = self._routes[name]
            if route.destination != destination and book.line(route.destination, name).dead_word is None:
                return route
        return None

    # -- settle

    def _settle(self, book: Book, row: Row, answer: Answer, now: float) -> None:
        line = book.line(row.destination, row.channel)
        match answer:
            case Delivered(receipt):
                book.remove(row.id)
                if row.verb is Verb.POST:
                    book.save_receipt(row.destination, row.key, receipt, now)
                book.save_line(
                    replace(
                        line,
                        failures=0,
                        down_since=None,
                        blocked_till=0.0,
                        dead_word=None,
                        last_ok_at=now,
                        last_word="ok",
                    )
                )
            case RetryAfter(word, after_s):
                self._put_back(book, row, word)
                self._block(book, line, word, now, after_s)
            case Unknown(word):
                self._put_back(book, replace(row, uncertain=True), word)
                self._block(book, line, word, now, UNCERTAIN_PAUSE_S if row.attempts >= UNCERTAIN_ATTEMPTS else None)
            case Rejected(word):
                self._settle_rejected(book, row, line, answer, now)
                if answer.dead:
                    self._tell(f"dead {row.destination} {word}", self._obituary(row.channel, word))

    def _settle_rejected(self, book: Book, row: Row, line: Line, answer: Rejected, now: float) -> None:
        if answer.dead:
            self._put_back(book, row, answer.word)
            blocked = replace(line, dead_word=answer.word, last_word=answer.word, blocked_till=now + DEAD_PROBE_S)
            book.save_line(replace(blocked, failures=line.failures + 1, down_since=line.down_since or now))
            return
        book.save_line(replace(line, last_word=answer.word))
        if answer.plain and not row.plain:
            self._put_back(book, replace(row, plain=True), answer.word)
        elif answer.gone and row.verb is Verb.EDIT:
            book.forget_receipt(row.destination, row.key)
            self._put_back(book, replace(row, verb=Verb.POST), answer.word)
        elif row.verb in (Verb.REPLY, Verb.STACK):
            book.remove(row.id)  # a nicety beside the message itself
        else:
            book.bury(row, self._holder, answer.word)
            self._tell(f"rejected {row.destination} {answer.word}", self._rejection(row.channel, answer.word))

    def _put_back(self, book: Book, row: Row, word: str) -> None:
        book.put_back(row, self._holder, word)

    def _block(self, book: Book, line: Line, word: str, now: float, after_s: float | None) -> None:
        failures = line.failures + 1
        wait_s = backoff_s(failures, self._dice()) if after_s is None else after_s
        down_since = now if line.down_since is None else min(line.down_since, now)
        book.save_line(
            replace(line, failures=failures, down_since=down_since, blocked_till=now + wait_s, last_word=word)
        )
        if now - down_since >= DOWN_AFTER_S:
            route = self._routes.get(line.channel)
            self._tell(
                f"down {line.destination}",
                f"channel {line.channel} ({route.masked if route else line.destination}) cannot be reached since"
                f" {now - down_since:.0f} s: {word}. Messages are kept and sent when it is back.",
            )

    def _obituary(self, channel: str, word: str) -> str:
        from bongsu.delivery.words import remedy

        return f"channel {channel} is dead: {word}. {remedy(word)} Its messages are kept; see `bongsu doctor`."

    def _rejection(self, channel: str, word: str) -> str:
        from bongsu.delivery.words import remedy

        return f"channel {channel} rejected a message: {word}. {remedy(word)} See `bongsu outbox`."


@dataclass(frozen=True, slots=True)
class _Claim:
    row: Row
    message: Message
    receipt: Mapping[str, str] | None
