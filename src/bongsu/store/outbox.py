"""The outbox: what is decided and not delivered, the receipts of what was, and the lines to the destinations."""

import json
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from bongsu.alerting.decision import Reason
from bongsu.messages import message as messages
from bongsu.messages.delivery import Delivery, Verb
from bongsu.messages.message import Message
from bongsu.store.errors import StoreDamaged

T = TypeVar("T")

ALL = -1  # SQLite's word for no limit
OUTBOX_MAX = 5_000  # messages read at once; far beyond what is ever readable, and old ones become one digest anyway


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One message in the outbox."""

    id: int
    channel: str
    destination: str
    verb: Verb
    key: str
    message: Message
    created_at: float
    state: str  # waiting, sending, dead
    attempts: int
    holder: str | None
    doubts: int  # attempts without an answer: each may have arrived
    plain: bool
    word: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What is known of the way to one destination."""

    destination: str
    channel: str
    failures: int = 0
    down_since: float | None = None
    blocked_at: float = 0.0
    blocked_till: float = 0.0
    pace: float = 0.0
    dead_word: str | None = None
    last_ok_at: float | None = None
    last_word: str = ""


class Outbox:
    """The part of a Book that senders use."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def enqueue(self, delivery: Delivery, destination: str, now: float) -> None:
        """Put a delivery in line, or renew the text of one of the same key that still waits."""
        if delivery.verb is Verb.STACK or not self._renew(delivery, destination):
            self._connection.execute(
                "insert into outbox (channel, destination, verb, key, message, created_at) values (?, ?, ?, ?, ?, ?)",
                (delivery.channel, destination, delivery.verb, delivery.key, _text(delivery.message), now),
            )

    def _renew(self, delivery: Delivery, destination: str) -> bool:
        """A post that still waits takes over any newer text of its key; so does an edit or reply of the same verb.

        The last of them does: one that was put back meanwhile stands before it and must not become newer. New numbers
        leave the reason as it is. What is forwarded is added up, unless it may have arrived: then its id must stay.
        """
        found = self._one(
            "select id, message from outbox where key = ? and destination = ? and state = 'waiting'"
            " and verb in ('post', ?) and not (verb = 'forward' and doubts) order by id desc limit 1",
            delivery.key,
            destination,
            delivery.verb,
        )
        if found is None:
            return False
        row_id, waiting = found[0], read(dict, found[1])
        message = delivery.message
        if message.reason is Reason.UPDATED:
            message = replace(message, reason=Reason(waiting["reason"]), step=waiting["step"])
        if delivery.verb is Verb.FORWARD:
            message = replace(message, count=message.count + waiting["count"])
        self._connection.execute("update outbox set message = ? where id = ?", (_text(message), row_id))
        return True

    def adopt(self, row: Row) -> None:
        """Put a row of another store in line, as it stands there."""
        was_sending = row.state == "sending"
        values = {name: getattr(row, name) for name in Row.__slots__ if name != "id"} | {
            "message": _text(row.message),
            "state": "waiting" if was_sending else row.state,
            "holder": None,
            "doubts": row.doubts + was_sending,
        }
        self._connection.execute(
            f"insert into outbox ({', '.join(values)}) values ({_marks(tuple(values))})", tuple(values.values())
        )

    def rows(self, *, destination: str | None = None, state: str | None = None, limit: int = OUTBOX_MAX) -> list[Row]:
        """The outbox in order, oldest first."""
        found = self._connection.execute(
            f"select {_ROW} from outbox where (:destination is null or destination = :destination)"
            " and (:state is null or state = :state) order by id limit :limit",
            {"destination": destination, "state": state, "limit": limit},
        )
        return [_row(values) for values in found]

    def first_waiting(self, destination: str, doubts_in_turn: int) -> Row | None:
        """The next row to send: never before an earlier one of its key.

        One that was so often without an answer lets other keys pass: it may be the poison itself.
        """
        row = self._one(
            # SQLite takes `doubts` from the row that has the minimum.
            f"select {_ROW} from outbox where id = (select id from (select min(id) as id, doubts from outbox"
            " where destination = ? and state = 'waiting' group by key) order by doubts / ?, id limit 1)",
            destination,
            doubts_in_turn,
        )
        return _row(row) if row else None

    def waiting_counts(self) -> dict[str, int]:
        """How many rows are not delivered yet, per destination."""
        rows = self._connection.execute(
            "select destination, count(*) from outbox where state != 'dead' group by destination"
        )
        return dict(rows.fetchall())

    def is_sending(self, holder: str) -> bool:
        return self._one("select 1 from outbox where state = 'sending' and holder = ?", holder) is not None

    def oldest_waiting(self, destination: str) -> tuple[int, float]:
        """How many messages wait for a destination, and since when the oldest does; edits are not messages."""
        row = self._one(
            "select count(distinct key), coalesce(min(created_at), 0) from outbox where destination = ?"
            " and state = 'waiting' and verb in ('post', 'reply')",
            destination,
        )
        assert row is not None, "an aggregate has one row"
        return row[0], row[1]

    def take(self, row: Row, holder: str) -> None:
        """Mark a row as being sent."""
        self._connection.execute(
            "update outbox set state = 'sending', holder = ?, attempts = attempts + 1 where id = ?", (holder, row.id)
        )

    def release(self, destination: str) -> None:
        """What was being sent to a destination when its sender died or could not settle: it may have arrived."""
        self._connection.execute(
            "update outbox set state = 'waiting', holder = null, doubts = doubts + 1"
            " where state = 'sending' and destination = ?",
            (destination,),
        )

    def release_stale(self, holder: str) -> int:
        """Rows that another sender, now gone, was sending: they may have arrived."""
        cursor = self._connection.execute(
            "update outbox set state = 'waiting', holder = null, doubts = doubts + 1"
            " where state = 'sending' and holder != ?",
            (holder,),
        )
        return cursor.rowcount

    def put_back(self, row: Row, holder: str, word: str) -> None:
        """Wait for another attempt, as the row now says; nothing if somebody else has taken it over meanwhile."""
        self._connection.execute(
            "update outbox set state = 'waiting', holder = null, word = ?, doubts = ?, plain = ?, verb = ?"
            " where id = ? and holder = ?",
            (word, row.doubts, row.plain, row.verb, row.id, holder),
        )

    def settle(self, row: Row, holder: str) -> None:
        """Delivered. A text that was renewed while somebody else had taken the row over is still to be told."""
        self._connection.execute(
            "delete from outbox where id = ? and (holder = ? or message = ?)", (row.id, holder, _text(row.message))
        )

    def bury(self, row: Row, holder: str, word: str) -> None:
        """Keep a row that will never be delivered, with the reason."""
        self._connection.execute(
            "update outbox set state = 'dead', holder = null, word = ? where id = ? and holder = ?",
            (word, row.id, holder),
        )

    def revive(self, *, row_id: int | None = None, destination: str | None = None) -> int:
        """Let dead rows wait again: one, those of a destination, or all."""
        cursor = self._connection.execute(
            "update outbox set state = 'waiting', attempts = 0, plain = 0 where state = 'dead'"
            " and (:id is null or id = :id) and (:destination is null or destination = :destination)",
            {"id": row_id, "destination": destination},
        )
        return cursor.rowcount

    def remove(self, row_id: int) -> bool:
        return self._connection.execute("delete from outbox where id = ?", (row_id,)).rowcount == 1

    def drop_replies(self, row: Row) -> None:
        """What was to stand in the thread of a message that is posted anew: it says the same."""
        self._connection.execute(
            "delete from outbox where key = ? and destination = ? and state = 'waiting' and verb = 'reply'",
            (row.key, row.destination),
        )

    def readdress(self, channel: str, old: str, new: str, *, before: float, forwards: bool) -> int:
        """The channel's destination changed: what waits or died for the old one since `before` goes to the new.

        `forwards`: the new one is a server that takes what is forwarded; for people that is a message.
        """
        cursor = self._connection.execute(
            "update outbox set destination = ?, state = 'waiting', attempts = 0,"
            " verb = case when verb = 'forward' and not ? then 'post' else verb end"
            " where channel = ? and destination = ? and state != 'sending' and created_at <= ?",
            (new, forwards, channel, old, before),
        )
        return cursor.rowcount

    def redirect(self, row_id: int, channel: str, destination: str, message: Message) -> None:
        """Send a row elsewhere: its own destination is dead."""
        self._connection.execute(
            "update outbox set state = 'waiting', holder = null, attempts = 0, channel = ?, destination = ?,"
            " message = ? where id = ?",
            (channel, destination, _text(message), row_id),
        )

    def destinations(self) -> list[tuple[str, str]]:
        """(channel, destination) of everything in the outbox."""
        return self._connection.execute("select distinct channel, destination from outbox").fetchall()

    def receipt(self, destination: str, key: str) -> Mapping[str, str] | None:
        row = self._one("select receipt from receipts where destination = ? and key = ?", destination, key)
        return read(dict, row[0]) if row else None

    def save_receipt(self, destination: str, key: str, receipt: Mapping[str, str], now: float) -> None:
        self._connection.execute(
            "insert or replace into receipts values (?, ?, ?, ?)", (destination, key, json.dumps(dict(receipt)), now)
        )

    def forget_receipt(self, destination: str, key: str) -> None:
        self._connection.execute("delete from receipts where destination = ? and key = ?", (destination, key))

    # -- lines

    def line(self, destination: str, channel: str) -> Line:
        row = self._one(f"select {_LINE} from lines where destination = ?", destination)
        return (
            Line(**dict(zip(Line.__slots__, row, strict=True)))
            if row
            else Line(destination=destination, channel=channel)
        )

    def lines(self) -> list[Line]:
        rows = self._connection.execute(f"select {_LINE} from lines order by channel")
        return [Line(**dict(zip(Line.__slots__, row, strict=True))) for row in rows]

    def save_line(self, line: Line) -> None:
        values = tuple(getattr(line, name) for name in Line.__slots__)
        self._connection.execute(f"insert or replace into lines ({_LINE}) values ({_marks(values)})", values)

    def _one(self, sql: str, *values: Any) -> tuple[Any, ...] | None:
        row: tuple[Any, ...] | None = self._connection.execute(sql, values).fetchone()
        return row


_ROW = ", ".join(Row.__slots__)
_LINE = ", ".join(Line.__slots__)


def read(build: Callable[[dict[str, Any]], T], text: str) -> T:
    """What a column's JSON stands for. Raises StoreDamaged."""
    try:
        return build(json.loads(text))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise StoreDamaged(f"unreadable text in the store: {error!r}") from error


def _marks(values: tuple[object, ...]) -> str:
    return ", ".join("?" * len(values))


def _text(message: Message) -> str:
    return json.dumps(messages.to_json(message))


def _row(values: tuple[Any, ...]) -> Row:
    data = dict(zip(Row.__slots__, values, strict=True))
    data["verb"] = Verb(data["verb"])
    data["message"] = read(messages.from_json, data["message"])
    data["plain"] = bool(data["plain"])
    return Row(**data)
