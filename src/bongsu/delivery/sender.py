"""Claim, send, settle: one message of one destination at a time, settled only after its answer.

The claim and the settling are two transactions with the sending between them. A crash anywhere leaves the row in the
store: whoever sends next finds it, and says "(repeat)" when the first attempt may have arrived.
"""

import contextlib
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from bongsu.alerting.decision import Reason
from bongsu.delivery import fallback, reposts
from bongsu.delivery.answer import Answer, Delivered, Rejected, RetryAfter, Unknown
from bongsu.delivery.backlog import BACKLOG_KEPT, collapse, is_backlog
from bongsu.delivery.channel import Channel
from bongsu.delivery.deliver import Deliver
from bongsu.delivery.fallback import is_news, is_nicety, is_unreachable
from bongsu.delivery.retry import DOWN_AFTER_S, backoff_s, pace
from bongsu.messages.delivery import Verb
from bongsu.messages.message import Message, Note, Trouble
from bongsu.routing import ALARM, DEV_TEST, DEVOPS
from bongsu.store import Book, Line, Refusal, Row, SqliteStore, StoreError

LEASE = "sender"
LEASE_S = 6.0  # a killed sender is replaced this long after its last sign of life (promised: within 10 s)
DEAD_PROBE_S = 900.0  # a dead destination is tried again this often: channels get unarchived
DOUBTS_IN_TURN = 8  # attempts without an answer: each may have been shown. Then the other messages pass first …
DOUBTFUL_PAUSE_S = 300.0  # … and there are twelve an hour at most; late is better than a flood of repeats

AS_USUAL = Deliver()

Tell = Callable[[str, str], None]
"""Say something outside of Slack, once per key: (key, sentence)."""


@dataclass(frozen=True, slots=True)
class Route:
    """Where a configured channel leads."""

    channel: str
    destination: str  # hash
    masked: str
    is_paced: bool = True  # Slack wants one message a second; a file or a Sentry-compatible server does not
    forwards: bool = False  # it takes events, so nothing is summed up for it


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
        deliver: Deliver = AS_USUAL,
    ) -> None:
        """`routes` by channel; `open_channel` takes a channel's name; `dice` gives numbers in [0, 1)."""
        self.serves = frozenset(route.destination for route in routes.values())
        self._routes = routes
        self._unpaced = {route.destination for route in routes.values() if not route.is_paced}
        self._servers = {route.destination for route in routes.values() if route.forwards}
        self._open_channel = open_channel
        self._holder = holder
        self._now = now
        self._dice = dice
        self._tell = tell
        self._deliver = deliver
        self._channels: dict[tuple[str, str], Channel] = {}  # by the rows' destination and the channel
        self._looked: dict[str, float] = {}  # when nothing was there to be told elsewhere, by destination

    def step(self, store: SqliteStore, destination: str) -> float | None:
        """Send the next message; seconds until the next step makes sense, None if nothing waits. Raises StoreError."""
        with store.transaction() as book:
            claimed = self._claim(book, destination, self._now())
        if not isinstance(claimed, _Claim):
            return claimed
        channel = self._channel(claimed.rows[0], claimed.via)
        answer = channel.send(claimed.verb, claimed.message, claimed.receipt, plain=claimed.plain)
        with store.transaction() as book:
            self._settle(book, claimed, answer, self._now())
        if isinstance(answer, Rejected) and answer.layout is not None and not claimed.plain:
            self._keep_layout(store, claimed, answer)
        return 0.0

    def _keep_layout(self, store: SqliteStore, claim: "_Claim", answer: Rejected) -> None:
        """For `bongsu doctor`. By itself, since a full disk that cannot hold it must not undo the settling."""
        channel = claim.via.channel if claim.via else claim.rows[0].channel
        refusal = Refusal(at=self._now(), channel=channel, word=answer.word, layout=answer.layout or {})
        with contextlib.suppress(StoreError), store.transaction() as book:
            book.save_refusal(refusal)

    def close(self) -> None:
        for channel in self._channels.values():
            channel.close()
        self._channels.clear()

    def _channel(self, row: Row, via: Route | None = None) -> Channel:
        """The row's own, since channels of one destination mention different people; else another that leads there."""
        others = (name for name, route in self._routes.items() if route.destination == row.destination)
        name = row.channel if row.channel in self._routes else next(others, row.channel)
        if via is not None:  # opened anew: the destination's own courier may be sending there at the same time
            name = via.channel
        key = (row.destination, name)
        if key not in self._channels:
            self._channels[key] = self._open_channel(name)
        return self._channels[key]

    # -- claim

    def _claim(self, book: Book, destination: str, now: float) -> "_Claim | float | None":
        if not book.has_lease(LEASE, self._holder):
            return None
        book.release(destination)  # nobody else sends, and this one is not sending now
        row = book.first_waiting(destination, DOUBTS_IN_TURN)
        if row is None:
            return None
        line = book.line(destination, row.channel)
        if line.blocked_at <= now < line.blocked_till:
            if line.dead_word is not None:
                self._redirect_all(book, line)
            return self._stand_in(book, line, now) or line.blocked_till - now
        turn = pace(line.pace, now)
        if not turn.go and destination not in self._unpaced:
            book.save_line(replace(line, pace=turn.tat))
            return turn.wait_s
        claim = self._backlog(book, row, now) if self._is_late(book, row, now) else self._single(book, row)
        return 0.0 if claim is None else self._taken(book, claim, replace(line, pace=turn.tat))

    def _taken(self, book: Book, claim: "_Claim", line: Line) -> "_Claim":
        book.save_line(line)
        for each in claim.rows:
            book.take(each, self._holder)
        return claim

    def _single(self, book: Book, row: Row) -> "_Claim | None":
        """The row as a message; None when it has nothing to say any more, and is gone."""
        receipt = book.receipt(row.destination, row.key)
        if receipt is None and is_nicety(row):
            book.remove(row.id)  # that one was told in a digest, or refused
            return None
        verb = Verb.POST if receipt is None and row.verb is Verb.EDIT else row.verb
        if verb is Verb.POST:
            book.drop_replies(row)
        repeat = row.doubts > 0 and verb in (Verb.POST, Verb.REPLY)
        return _Claim((row,), verb, replace(row.message, repeat=repeat), receipt)

    def _is_late(self, book: Book, row: Row, now: float) -> bool:
        if row.verb is Verb.FORWARD or row.destination in self._servers:
            return False
        return is_backlog(*book.oldest_waiting(row.destination), now)

    def _backlog(self, book: Book, row: Row, now: float) -> "_Claim | None":
        """All that waited too long, as one digest. Written anew for each attempt: the rows keep the newest numbers."""
        rows = book.rows(destination=row.destination, state="waiting")
        rows = [each for each in rows if each.message.reason is not Reason.SUMMARY]  # it is sent by itself, after them
        for each in rows:
            if each.verb in (Verb.REPLY, Verb.STACK):
                book.remove(each.id)
        keys = {each.key for each in rows if each.verb is Verb.POST}
        if len(keys) <= BACKLOG_KEPT:
            return self._single(book, row) if row.verb in (Verb.POST, Verb.EDIT) else None
        told = tuple(each for each in rows if each.key in keys and each.verb in (Verb.POST, Verb.EDIT))
        newest = {each.key: each.message for each in told}
        digest = collapse(list(newest.values()), min(each.created_at for each in told), now)
        return _Claim(told, Verb.POST, replace(digest, repeat=any(each.doubts for each in told)), None)

    def _stand_in(self, book: Book, line: Line, now: float) -> "_Claim | None":
        """What an unreachable destination keeps waiting, to be told in the fallback channel instead."""
        via = self._fallback(line)
        if via is None or not is_unreachable(line, now, self._deliver.fallback_after_s):
            return None
        if abs(now - self._looked.get(line.destination, -math.inf)) < fallback.LOOK_S:
            return None
        other = book.line(via.destination, via.channel)
        turn = pace(other.pace, now)
        if other.blocked_at <= now < other.blocked_till or not (turn.go or via.destination in self._unpaced):
            return None
        rows = fallback.untold(book, line, via.destination)
        if not rows:
            self._looked[line.destination] = now
            return None
        return self._taken(book, _instead(rows, line, via, now), replace(other, pace=turn.tat))

    def _fallback(self, line: Line) -> Route | None:
        """The channel that may stand in for a destination."""
        via = self._routes.get(self._deliver.fallback or "")
        return via if via is not None and via.destination != line.destination else None

    def _redirect_all(self, book: Book, line: Line) -> None:
        """Give the rows of a dead destination to another channel, if there is one that lives."""
        route = self._heir(book, line.destination)
        if route is None:
            return
        note = Note(trouble=Trouble.FALLBACK, detail=f"{line.channel}: {line.dead_word}")
        for row in book.rows(destination=line.destination, state="waiting"):
            if is_nicety(row):
                book.remove(row.id)
            elif _is_for(route, row):
                book.redirect(row.id, route.channel, route.destination, _noted(row.message, note))

    def _heir(self, book: Book, destination: str) -> Route | None:
        """Never one that is dead itself, so what was handed on once goes on only to what lives."""
        first = (self._deliver.fallback, ALARM, DEVOPS, DEV_TEST)
        names = sorted(self._routes, key=lambda name: (first.index(name) if name in first else len(first), name))
        for name in names:
            route = self._routes[name]
            if route.destination != destination and book.line(route.destination, name).dead_word is None:
                return route
        return None

    # -- settle

    def _settle(self, book: Book, claim: "_Claim", answer: Answer, now: float) -> None:
        row, via = claim.rows[0], claim.via
        line = book.line(via.destination, via.channel) if via else book.line(row.destination, row.channel)
        match answer:
            case Delivered(receipt):
                for each in claim.rows:
                    self._settle_told(book, each, via, now)
                if claim.verb is Verb.POST and len(claim.rows) == 1 and via is None:
                    book.save_receipt(row.destination, row.key, receipt, now)
                well = replace(line, failures=0, down_since=None, blocked_till=0.0, dead_word=None)
                book.save_line(replace(well, last_ok_at=now, last_word="ok"))
            case RetryAfter(word, after_s):
                self._put_back(book, claim, word)
                self._block(book, line, word, now, after_s)
            case Unknown(word):
                self._put_back(book, claim, word, doubts=1)
                self._block(book, line, word, now, DOUBTFUL_PAUSE_S if row.doubts >= DOUBTS_IN_TURN else None)
            case Rejected(word, dead=True):
                self._put_back(book, claim, word)
                self._bury_line(book, line, word, now)
            case Rejected():
                book.save_line(replace(line, last_word=answer.word))
                for each in claim.rows:
                    if answer.plain and not claim.plain:
                        book.put_back(replace(each, plain=True), self._holder, answer.word)
                    elif via is not None:  # its own channel may take it
                        book.put_back(each, self._holder, answer.word)
                        fallback.mark(book, each, via.destination, now)
                    else:
                        self._settle_refused(book, each, answer)

    def _settle_told(self, book: Book, row: Row, via: Route | None, now: float) -> None:
        if via is not None and row.verb is Verb.FORWARD:  # people know; the server is still to count it
            book.put_back(row, self._holder, row.word)
            fallback.mark(book, row, via.destination, now)
        else:
            book.settle(row, self._holder)

    def _settle_refused(self, book: Book, row: Row, answer: Rejected) -> None:
        if answer.gone and row.verb is Verb.EDIT:
            book.forget_receipt(row.destination, row.key)
        if reposts.is_due(book, row, answer.word):
            reposts.note(book, row, self._now())
            book.put_back(replace(row, verb=Verb.POST), self._holder, answer.word)
        elif is_nicety(row):
            book.remove(row.id)
        elif answer.gone and row.verb is Verb.EDIT:
            book.put_back(replace(row, verb=Verb.POST), self._holder, answer.word)
        else:
            book.bury(row, self._holder, answer.word)
            self._tell(f"rejected {row.destination} {answer.word}", self._rejection(row.channel, answer.word))

    def _put_back(self, book: Book, claim: "_Claim", word: str, *, doubts: int = 0) -> None:
        for each in claim.rows:
            book.put_back(replace(each, doubts=each.doubts + doubts), self._holder, word)

    def _block(self, book: Book, line: Line, word: str, now: float, after_s: float | None) -> None:
        failures = line.failures + 1
        wait_s = backoff_s(failures, self._dice()) if after_s is None else after_s
        down_since = now if line.down_since is None else min(line.down_since, now)
        blocked = replace(line, blocked_at=now, blocked_till=now + wait_s, last_word=word)
        book.save_line(replace(blocked, failures=failures, down_since=down_since))
        if now - down_since >= DOWN_AFTER_S:
            route = self._routes.get(line.channel)
            via = self._fallback(line)
            is_told = via is not None and book.line(via.destination, via.channel).dead_word is None
            meanwhile = f" Channel {self._deliver.fallback} is told meanwhile." if is_told else ""
            self._tell(
                f"down {line.destination} {down_since}",  # each outage is told
                f"channel {line.channel} ({route.masked if route else line.destination}) cannot be reached since"
                f" {now - down_since:.0f} s: {word}. Messages are kept and sent when it is back.{meanwhile}",
            )

    def _bury_line(self, book: Book, line: Line, word: str, now: float) -> None:
        dead = replace(line, dead_word=word, last_word=word, blocked_at=now, blocked_till=now + DEAD_PROBE_S)
        book.save_line(replace(dead, failures=line.failures + 1, down_since=line.down_since or now))
        self._tell(f"dead {line.destination} {word}", self._obituary(line.channel, word))

    def _obituary(self, channel: str, word: str) -> str:
        from bongsu.delivery.words import remedy

        return f"channel {channel} is dead: {word}. {remedy(word)} Its messages are kept; see `bongsu doctor`."

    def _rejection(self, channel: str, word: str) -> str:
        from bongsu.delivery.words import remedy

        return f"channel {channel} rejected a message: {word}. {remedy(word)} See `bongsu outbox`."


@dataclass(frozen=True, slots=True)
class _Claim:
    """What is sent at once: a row, or a backlog's rows as one digest."""

    rows: tuple[Row, ...]  # never empty
    verb: Verb
    message: Message
    receipt: Mapping[str, str] | None
    via: Route | None = None  # the channel that stands in for the rows' own

    @property
    def plain(self) -> bool:
        """Whether the layout was refused: of this very message, or of a digest of these rows."""
        return all(row.plain for row in self.rows)


def _is_for(heir: Route, row: Row) -> bool:
    """Whether a row of a dead destination is anything that its heir can use."""
    if heir.forwards and row.message.event is None:
        return False
    return row.verb is not Verb.FORWARD or is_news(row.message)


def _instead(rows: list[Row], line: Line, via: Route, now: float) -> _Claim:
    """The first row as a message of its own, or of many one digest."""
    newest = {row.key: row.message for row in rows}
    if len(newest) <= BACKLOG_KEPT or via.forwards:
        rows = rows[:1]
        message = rows[0].message
    else:
        message = collapse(list(newest.values()), min(row.created_at for row in rows), now)
    note = Note(trouble=Trouble.FALLBACK, detail=f"{line.channel}: {line.last_word}")
    told = replace(_noted(message, note), repeat=any(row.doubts for row in rows))
    return _Claim(tuple(rows), Verb.POST, told, None, via)


def _noted(message: Message, note: Note) -> Message:
    return replace(message, notes=tuple(dict.fromkeys((*message.notes, note))))
