"""Every query, by name. A Book lives inside one transaction of its store."""

import json
import math
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bongsu.alerting import group as groups
from bongsu.alerting import storm as storms
from bongsu.alerting.group import Group
from bongsu.alerting.storm import Storm
from bongsu.messages import message as messages
from bongsu.messages.delivery import Delivery, Verb
from bongsu.messages.message import Message

TIMER_MAX_S = (
    5 * 3600
)  # no timer is longer (the reminder's 4 h is): what is due later was set by a clock since put back
GROUPS_MAX = 20_000  # × some 5 KB
GROUP_KEPT_S = 30 * 86_400
RECEIPT_KEPT_S = 30 * 86_400
RECEIPTS_MAX = 20_000
OUTBOX_MAX = 5_000  # waiting messages; far beyond what is ever readable, and they become one digest anyway


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
    uncertain: bool
    plain: bool
    word: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What is known of the way to one destination."""

    destination: str
    channel: str
    failures: int = 0
    down_since: float | None = None
    blocked_till: float = 0.0
    pace: float = 0.0
    dead_word: str | None = None
    last_ok_at: float | None = None
    last_word: str = ""


class Book:
    """The queries of one transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    # -- groups and storms

    def group(self, fingerprint: str) -> Group | None:
        row = self._one("select data from groups where fingerprint = ?", fingerprint)
        return groups.from_json(json.loads(row[0])) if row else None

    def save_group(self, group: Group, due_at: float) -> None:
        self._connection.execute(
            "insert into groups values (?, ?, ?, ?, ?, ?, ?) on conflict (fingerprint) do update set channel ="
            " excluded.channel, digest = excluded.digest, count = excluded.count, active_at = excluded.active_at,"
            " due_at = excluded.due_at, data = excluded.data",
            (
                group.fingerprint,
                group.channel,
                group.digest,
                group.count,
                group.active_at,
                None if math.isinf(due_at) else due_at,
                json.dumps(groups.to_json(group)),
            ),
        )

    def due_groups(self, now: float, limit: int) -> list[Group]:
        rows = self._connection.execute(
            "select data from groups where due_at <= ? or due_at > ? order by due_at limit ?",
            (now, now + TIMER_MAX_S, limit),
        )
        return [groups.from_json(json.loads(data)) for (data,) in rows]

    def all_groups(self) -> list[Group]:
        rows = self._connection.execute("select data from groups order by active_at")
        return [groups.from_json(json.loads(data)) for (data,) in rows]

    def digest_of(self, channel: str, number: int, limit: int) -> tuple[list[Group], int, int]:
        """The most frequent groups of a digest, how many there are, and their occurrences together."""
        where = "from groups where channel = ? and digest = ?"
        problems, occurrences = self._connection.execute(
            f"select count(*), coalesce(sum(count), 0) {where}", (channel, number)
        ).fetchone()
        rows = self._connection.execute(
            f"select data {where} order by count desc, fingerprint limit ?", (channel, number, limit)
        )
        return [groups.from_json(json.loads(data)) for (data,) in rows], problems, occurrences

    def storm(self, channel: str) -> Storm:
        row = self._one("select data from storms where channel = ?", channel)
        return Storm(**json.loads(row[0])) if row else Storm()

    def save_storm(self, channel: str, storm: Storm, due_at: float | None) -> None:
        self._connection.execute(
            "insert or replace into storms values (?, ?, ?)", (channel, due_at, json.dumps(storms.to_json(storm)))
        )

    def due_storms(self, now: float) -> list[tuple[str, Storm]]:
        rows = self._connection.execute(
            "select channel, data from storms where due_at <= ? or due_at > ?", (now, now + TIMER_MAX_S)
        )
        return [(channel, Storm(**json.loads(data))) for channel, data in rows]

    def is_due(self, now: float) -> bool:
        """Whether a group or a storm has something to say."""
        due = "due_at <= :now or due_at > :far"
        sql = f"select 1 where exists (select 1 from groups where {due}) or exists (select 1 from storms where {due})"
        row = self._connection.execute(sql, {"now": now, "far": now + TIMER_MAX_S}).fetchone()
        return row is not None

    def has_messages(self) -> bool:
        """Whether anything waits to be sent, or is being sent."""
        return self._one("select 1 from outbox where state != 'dead' limit 1") is not None

    def prune(self, now: float) -> None:
        """Forget what nobody asks for any more: long quiet groups, the oldest of too many, old receipts."""
        self._connection.execute(
            "delete from groups where due_at is null and (active_at < ? or fingerprint in"
            " (select fingerprint from groups order by active_at desc limit -1 offset ?))",
            (now - GROUP_KEPT_S, GROUPS_MAX),
        )
        self._connection.execute(
            "delete from receipts where at < max(?, coalesce("
            "(select at from receipts order by at desc limit 1 offset ?), 0))",
            (now - RECEIPT_KEPT_S, RECEIPTS_MAX),
        )

    # -- spools

    def position(self, spool: str) -> int:
        row = self._one("select position from spools where name = ?", spool)
        return row[0] if row else 0

    def save_position(self, spool: str, position: int) -> None:
        self._connection.execute("insert or replace into spools values (?, ?)", (spool, position))

    def slots(self, spool: str) -> dict[int, tuple[str, int]]:
        rows = self._connection.execute("select slot, fingerprint, taken from slots where spool = ?", (spool,))
        return {slot: (fingerprint, taken) for slot, fingerprint, taken in rows}

    def save_slot(self, spool: str, slot: int, fingerprint: str, taken: int) -> None:
        self._connection.execute("insert or replace into slots values (?, ?, ?, ?)", (spool, slot, fingerprint, taken))

    def forget_spool(self, spool: str) -> None:
        self._connection.execute("delete from spools where name = ?", (spool,))
        self._connection.execute("delete from slots where spool = ?", (spool,))

    def spools(self) -> list[str]:
        return [name for (name,) in self._connection.execute("select name from spools order by name")]

    # -- outbox

    def enqueue(self, delivery: Delivery, destination: str, now: float) -> None:
        """Put a delivery in line, or renew the text of one of the same key that still waits."""
        data = json.dumps(messages.to_json(delivery.message))
        if delivery.verb in (Verb.POST, Verb.EDIT, Verb.REPLY) and self._renew(delivery, destination, data):
            return
        self._connection.execute(
            "insert into outbox (channel, destination, verb, key, message, created_at) values (?, ?, ?, ?, ?, ?)",
            (delivery.channel, destination, delivery.verb, delivery.key, data, now),
        )

    def _renew(self, delivery: Delivery, destination: str, data: str) -> bool:
        """A post that still waits takes over any newer text of its key; so does an edit or reply of the same verb."""
        row = self._one(
            "select id from outbox where key = ? and destination = ? and state = 'waiting' and verb in ('post', ?)"
            " order by verb = 'post' desc limit 1",
            delivery.key,
            destination,
            delivery.verb,
        )
        if row:
            self._connection.execute("update outbox set message = ? where id = ?", (data, row[0]))
        return row is not None

    def rows(self, *, destination: str | None = None, state: str | None = None, limit: int = OUTBOX_MAX) -> list[Row]:
        """The outbox in order, oldest first."""
        found = self._connection.execute(
            f"select {_ROW} from outbox where (:destination is null or destination = :destination)"
            " and (:state is null or state = :state) order by id limit :limit",
            {"destination": destination, "state": state, "limit": limit},
        )
        return [_row(values) for values in found]

    def first_waiting(self, destination: str, attempts_in_turn: int) -> Row | None:
        """The next row to send. One that failed many times lets the others pass: it may be the poison itself."""
        row = self._one(
            f"select {_ROW} from outbox where destination = ? and state = 'waiting' order by attempts / ?, id limit 1",
            destination,
            attempts_in_turn,
        )
        return _row(row) if row else None

    def waiting_counts(self) -> dict[str, int]:
        """How many rows wait per destination."""
        rows = self._connection.execute(
            "select destination, count(*) from outbox where state = 'waiting' group by destination"
        )
        return dict(rows.fetchall())

    def oldest_waiting(self, destination: str) -> tuple[int, float] | None:
        """How many messages wait for a destination, and since when the oldest does; edits are not messages."""
        row = self._one(
            "select count(distinct key), min(created_at) from outbox where destination = ? and state = 'waiting'"
            " and verb in ('post', 'reply')",
            destination,
        )
        return (row[0], row[1]) if row and row[0] else None

    def take(self, row: Row, holder: str) -> None:
        """Mark a row as being sent."""
        self._connection.execute(
            "update outbox set state = 'sending', holder = ?, attempts = attempts + 1 where id = ?", (holder, row.id)
        )

    def release_stale(self, holder: str) -> int:
        """Rows that another sender, now gone, was sending: they may have arrived."""
        cursor = self._connection.execute(
            "update outbox set state = 'waiting', holder = null, uncertain = 1 where state = 'sending' and holder != ?",
            (holder,),
        )
        return cursor.rowcount

    def put_back(self, row: Row, holder: str, word: str) -> None:
        """Wait for another attempt, as the row now says; nothing if somebody else has taken it over meanwhile."""
        self._connection.execute(
            "update outbox set state = 'waiting', holder = null, word = ?, uncertain = ?, plain = ?, verb = ?"
            " where id = ? and holder = ?",
            (word, row.uncertain, row.plain, row.verb, row.id, holder),
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

    def readdress(self, channel: str, old: str, new: str) -> int:
        """The channel's destination changed: what waits or died for the old one goes to the new."""
        cursor = self._connection.execute(
            "update outbox set destination = ?, state = 'waiting', attempts = 0 where channel = ? and destination = ?"
            " and state != 'sending'",
            (new, channel, old),
        )
        return cursor.rowcount

    def redirect(self, row_id: int, channel: str, destination: str, message: Message) -> None:
        """Send a row elsewhere: its own destination is dead."""
        self._connection.execute(
            "update outbox set state = 'waiting', holder = null, attempts = 0, channel = ?, destination = ?,"
            " message = ? where id = ?",
            (channel, destination, json.dumps(messages.to_json(message)), row_id),
        )

    def destinations(self) -> list[tuple[str, str]]:
        """(channel, destination) of everything in the outbox."""
        return self._connection.execute("select distinct channel, destination from outbox").fetchall()

    def receipt(self, destination: str, key: str) -> Mapping[str, str] | None:
        row = self._one("select receipt from receipts where destination = ? and key = ?", destination, key)
        return json.loads(row[0]) if row else None

    def save_receipt(self, destination: str, key: str, receipt: Mapping[str, str], now: float) -> None:
        self._connection.execute(
            "insert or replace into receipts values (?, ?, ?, ?)", (destination, key, json.dumps(dict(receipt)), now)
        )

    def forget_receipt(self, destination: str, key: str) -> None:
        self._connection.execute("delete from receipts where destination = ? and key = ?", (destination, key))

    # -- lines and the lease

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

    def take_lease(self, name: str, holder: str, now: float, lease_s: float, *, eager: bool = False) -> bool:
        """Become or stay the holder, and say whether it worked. A lease set by a clock since put back is void.

        `eager`: take it from a living holder too, unless something is being sent at this moment.
        """
        cursor = self._connection.execute(
            "insert into lease values (:name, :holder, :until) on conflict (name) do update set holder = :holder,"
            " until = :until where holder = :holder or until <= :now or until > :until"
            " or (:eager and not exists (select 1 from outbox where state = 'sending'))",
            {"name": name, "holder": holder, "until": now + lease_s, "now": now, "eager": eager},
        )
        return cursor.rowcount == 1

    def has_lease(self, name: str, holder: str) -> bool:
        return self._one("select 1 from lease where name = ? and holder = ?", name, holder) is not None

    def give_up_lease(self, name: str, holder: str) -> None:
        self._connection.execute("delete from lease where name = ? and holder = ?", (name, holder))

    def note(self, name: str) -> str | None:
        """A remembered word of Bongsu about itself."""
        row = self._one("select value from meta where name = ?", name)
        return row[0] if row else None

    def save_note(self, name: str, value: str | None) -> None:
        if value is None:
            self._connection.execute("delete from meta where name = ?", (name,))
        else:
            self._connection.execute("insert or replace into meta values (?, ?)", (name, value))

    def _one(self, sql: str, *values: Any) -> tuple[Any, ...] | None:
        row: tuple[Any, ...] | None = self._connection.execute(sql, values).fetchone()
        return row


_ROW = ", ".join(Row.__slots__)
_LINE = ", ".join(Line.__slots__)


def _marks(values: tuple[object, ...]) -> str:
    return ", ".join("?" * len(values))


def _row(values: tuple[Any, ...]) -> Row:
    data = dict(zip(Row.__slots__, values, strict=True))
    data["verb"] = Verb(data["verb"])
    data["message"] = messages.from_json(json.loads(data["message"]))
    data["uncertain"], data["plain"] = bool(data["uncertain"]), bool(data["plain"])
    return Row(**data)
