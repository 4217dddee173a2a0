"""Every query, by name. A Book lives inside one transaction of its store."""

import json
import math
from functools import partial
from typing import Any

from bongsu.alerting import deploys
from bongsu.alerting import group as groups
from bongsu.alerting import storm as storms
from bongsu.alerting.deploys import Deploy
from bongsu.alerting.group import Group
from bongsu.alerting.storm import Storm
from bongsu.routing import silences
from bongsu.routing.silences import SILENCES_MAX, Silence
from bongsu.store import refusals
from bongsu.store.accounts import Accounts
from bongsu.store.outbox import ALL, read
from bongsu.store.refusals import Refusal
from bongsu.store.watches import WATCH_DUE

GROUPS_MAX = 20_000  # × some 5 KB
GROUP_KEPT_S = 30 * 86_400
DEPLOYS = "deploys"  # the note with the last ones
IGNORED = "ignored/"  # begins the notes with what each rule has ignored, and what a counter of it counts for
IGNORED_MAX = 1_000  # rules that have notes of their own; what more of them ignore is counted together
IGNORED_OTHERS = "(other)"
REFUSALS = "refusals"  # likewise
SILENCE_KEPT_S = 7 * 86_400  # after its end, so that one can see what it held back
LINE_KEPT_S = 7 * 86_400  # of a destination that nothing waits for and that nobody uses
RECEIPT_KEPT_S = 30 * 86_400
RECEIPTS_MAX = 20_000
ROOM_USED_MAX = 0.8  # of the pages a file may have
DEAD_MAX = 1_000  # rejected messages that are kept to be looked at


class Book(Accounts):
    """The queries of one transaction."""

    # -- groups and storms

    def group(self, fingerprint: str) -> Group | None:
        row = self._one("select data from groups where fingerprint = ?", fingerprint)
        return read(groups.from_json, row[0]) if row else None

    def save_group(self, group: Group, due_at: float) -> None:
        self._connection.execute(
            "insert into groups values (?, ?, ?, ?, ?) on conflict (fingerprint) do update set count ="
            " excluded.count, active_at = excluded.active_at, due_at = excluded.due_at, data = excluded.data",
            (
                group.fingerprint,
                group.count,
                group.active_at,
                None if math.isinf(due_at) else due_at,
                json.dumps(groups.to_json(group)),
            ),
        )
        self._connection.execute("delete from digested where fingerprint = ?", (group.fingerprint,))
        self._connection.executemany(
            "insert into digested values (?, ?, ?)",
            [(group.fingerprint, telling.channel, telling.digest) for telling in group.tellings if telling.digest],
        )

    def silences(self, now: float) -> list[Silence]:
        """Those that have not ended by the clock."""
        rows = self._connection.execute("select data, held from silences where until > ? order by id", (now,))
        return [read(partial(silences.from_json, held=held), data) for data, held in rows]

    def save_silence(self, silence: Silence) -> bool:
        """Keep it; False when there are too many. Those that have ended make room."""
        (count,) = self._connection.execute("select count(*) from silences").fetchone()
        if count >= SILENCES_MAX:
            self._connection.execute("delete from silences where until <= ?", (silence.at,))
        (count,) = self._connection.execute("select count(*) from silences").fetchone()
        if count >= SILENCES_MAX:
            return False
        self._connection.execute(
            "insert into silences (id, until, data) values (?, ?, ?)",
            (silence.id, silence.until, json.dumps(silences.to_json(silence))),
        )
        return True

    def remove_silence(self, name: str) -> bool:
        """End it; False when there is none of that id."""
        return self._connection.execute("delete from silences where id = ?", (name,)).rowcount == 1

    def wake_groups(self) -> None:
        """Look at every problem that fires: what holds it back has changed."""
        self._connection.execute("update groups set due_at = 0 where due_at is not null")

    def deploys(self) -> tuple[Deploy, ...]:
        """The last ones, the newest last."""
        text = self.note(DEPLOYS)
        return read(_deploys, text) if text else ()

    def save_deploy(self, deploy: Deploy) -> None:
        kept = deploys.kept(self.deploys(), deploy)
        self.save_note(DEPLOYS, json.dumps([deploys.to_json(each) for each in kept]))

    def add_held(self, name: str, times: int) -> None:
        self._connection.execute("update silences set held = held + ? where id = ?", (times, name))

    def add_ignored(self, rule: str, times: int) -> None:
        """Count what a rule of the configuration has ignored."""
        name = f"{IGNORED}{rule}"
        if self.note(name) is None and len(self.ignored()) >= IGNORED_MAX:
            name = f"{IGNORED}{IGNORED_OTHERS}"
        self._connection.execute(
            "insert into meta values (?, ?) on conflict (name) do update set value = cast(value as integer) + ?",
            (name, str(times), times),
        )

    def ignored(self) -> dict[str, int]:
        """How many occurrences each rule has ignored, the most first."""
        rows = self._connection.execute(
            "select substr(name, ?), cast(value as integer) as n from meta where name >= ? and name < ?"
            " order by n desc, name",
            (len(IGNORED) + 1, IGNORED, f"{IGNORED[:-1]}0"),
        )
        return dict(rows.fetchall())

    def due_groups(self, now: float, limit: int) -> list[Group]:
        rows = self._connection.execute(
            f"select data from groups where {_GROUP_DUE} order by due_at limit :limit", {"now": now, "limit": limit}
        )
        return [read(groups.from_json, data) for (data,) in rows]

    def firing(self) -> list[Group]:
        """The problems that are not over, those with the most occurrences first."""
        rows = self._connection.execute("select data from groups where due_at is not null order by count desc")
        return [read(groups.from_json, data) for (data,) in rows]

    def all_groups(self) -> list[Group]:
        rows = self._connection.execute("select data from groups order by active_at")
        return [read(groups.from_json, data) for (data,) in rows]

    def has_told(self, host: str, pid: int, since: float) -> bool:
        """Whether the newest detail of a problem is an exception of that process."""
        rows = self._connection.execute(
            "select data from groups where active_at >= ? and data like ?", (since, f'%"pid": {pid},%')
        )
        samples = (read(groups.from_json, data).sample for (data,) in rows)
        return any(sample.exceptions and sample.pid == pid and sample.host == host for sample in samples)

    def digest_of(self, channel: str, number: int, limit: int) -> tuple[list[Group], int, int]:
        """The most frequent groups of a digest, how many there are, and their occurrences together."""
        where = "from groups join digested using (fingerprint) where channel = ? and digest = ?"
        problems, occurrences = self._connection.execute(
            f"select count(*), coalesce(sum(count), 0) {where}", (channel, number)
        ).fetchone()
        rows = self._connection.execute(
            f"select data {where} order by count desc, fingerprint limit ?", (channel, number, limit)
        )
        return [read(groups.from_json, data) for (data,) in rows], problems, occurrences

    def storm(self, channel: str) -> Storm:
        row = self._one("select data from storms where channel = ?", channel)
        return read(storms.from_json, row[0]) if row else Storm()

    def save_storm(self, channel: str, storm: Storm, due_at: float | None, now: float) -> None:
        data = json.dumps(storms.to_json(storm))
        self._connection.execute("insert or replace into storms values (?, ?, ?, ?)", (channel, due_at, now, data))

    def due_storms(self, now: float) -> list[tuple[str, Storm]]:
        rows = self._connection.execute(f"select channel, data from storms where {WATCH_DUE}", {"now": now})
        return [(channel, read(storms.from_json, data)) for channel, data in rows]

    def is_due(self, now: float) -> bool:
        """Whether a group, a storm, a watch or a summary has something to say."""
        for table, condition in (("groups", _GROUP_DUE), ("storms", WATCH_DUE), ("watches", WATCH_DUE)):
            if self._connection.execute(f"select 1 from {table} where {condition} limit 1", {"now": now}).fetchone():
                return True
        return self.is_summary_due(now)

    def has_open_digest(self) -> bool:
        """Whether problems wait to be told in a digest that is not written yet."""
        return self._one("select 1 from storms where due_at is not null") is not None

    def has_messages(self) -> bool:
        """Whether anything waits to be sent, or is being sent."""
        return self._one("select 1 from outbox where state != 'dead' limit 1") is not None

    def prune(self, now: float) -> None:
        """Forget what nobody asks for any more: long quiet groups, old receipts, and the oldest of too much."""
        self._connection.execute(
            "delete from groups where (due_at is null and active_at < ?) or fingerprint in"
            " (select fingerprint from groups order by active_at desc limit -1 offset ?)",
            (now - GROUP_KEPT_S, GROUPS_MAX),
        )
        self._connection.execute("delete from silences where until < ?", (now - SILENCE_KEPT_S,))
        self._connection.execute("delete from digested where fingerprint not in (select fingerprint from groups)")
        self._make_room()
        self.prune_tallies(now)
        self._connection.execute(
            "delete from outbox where id in (select id from outbox where state = 'dead' order by id desc"
            " limit -1 offset ?)",
            (DEAD_MAX,),
        )
        self._connection.execute(
            "delete from lines where coalesce(last_ok_at, down_since, 0) < ?"
            " and destination not in (select destination from outbox)",
            (now - LINE_KEPT_S,),
        )
        self._connection.execute(
            "delete from receipts where at < max(?, coalesce("
            "(select at from receipts order by at desc limit 1 offset ?), 0))",
            (now - RECEIPT_KEPT_S, RECEIPTS_MAX),
        )

    def _make_room(self) -> None:
        """Before the file is full: the oldest problems go first, those that are over before those that are not."""
        (pages,) = self._connection.execute(
            "select page_count - freelist_count from pragma_page_count, pragma_freelist_count"
        ).fetchone()
        (most,) = self._connection.execute("pragma max_page_count").fetchone()
        if pages > most * ROOM_USED_MAX:
            self._connection.execute(
                "delete from groups where fingerprint in (select fingerprint from groups"
                " order by due_at is not null, active_at limit (select count(*) / 4 + 1 from groups))"
            )

    def check(self) -> None:
        """Read every text there is. Raises StoreDamaged: a sound file may hold garbage inside a text."""
        self.all_groups()
        self.due_storms(math.inf)
        self.all_watches()
        self.rows(limit=ALL)

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

    # -- refused layouts

    def refusals(self) -> tuple[Refusal, ...]:
        """The last ones, the newest last."""
        text = self.note(REFUSALS)
        return read(_refusals, text) if text else ()

    def save_refusal(self, refusal: Refusal) -> None:
        kept = refusals.kept(self.refusals(), refusal)
        self.save_note(REFUSALS, json.dumps([refusals.to_json(each) for each in kept]))

    # -- the lease, and notes

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

    def lease_holder(self, name: str) -> str | None:
        row = self._one("select holder from lease where name = ?", name)
        return row[0] if row else None

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


def _refusals(data: Any) -> tuple[Refusal, ...]:
    return tuple(refusals.from_json(each) for each in data)


def _deploys(data: Any) -> tuple[Deploy, ...]:
    return tuple(deploys.from_json(each) for each in data)


# A group taken in later than now, too: the clock was put back, so its timers are to run on from now.
_GROUP_DUE = "due_at <= :now or (due_at is not null and active_at > :now)"
