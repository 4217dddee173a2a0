"""Tallies and watches: what was counted without an event, what is expected, and how it stands."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bongsu.store.outbox import Outbox, read

COUNT = "count"  # the kind of tally that people count; the others are answers
BUCKET_S = 10  # counts are kept by the ten seconds in which they came
COARSE_AFTER_S = 3_600  # older tallies are kept by five minutes, so that a day of them stays small
COARSE_S = 300
TALLY_KEPT_S = 3_600  # unless a watch needs it for longer; no window of answers is longer
TALLIES_MAX = 300_000  # rows of some 40 bytes; 200 names counted all day have 130 000
WATCHES_MAX = 1_000  # of one kind

_KEEP_S = (
    f"coalesce((select keep_s from watches where watches.name = tallies.name"
    f" and watches.kind = 'expectation' and tallies.kind = '{COUNT}'), {TALLY_KEPT_S}) + {2 * COARSE_S}"
)
WATCH_DUE = "due_at <= :now or (due_at is not null and saved_at > :now)"
"""A watch saved later than now, too: the clock was put back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """One row: what is watched, and how it stands as JSON values."""

    kind: str
    name: str
    due_at: float | None
    saved_at: float
    keep_s: float
    data: Mapping[str, Any]


class Watches(Outbox):
    """The part of a Book that knows of outcomes."""

    def add_tally(self, kind: str, name: str, at: float, times: int) -> None:
        self._connection.execute(
            "insert into tallies values (?, ?, ?, ?) on conflict do update set n = n + excluded.n",
            (kind, name, int(at // BUCKET_S) * BUCKET_S, times),
        )

    def tallied(self, kind: str, name: str, since: float, till: float) -> int:
        """How often it came in that time; what came at the edge is in."""
        edge_s = COARSE_S if till - since > COARSE_AFTER_S else BUCKET_S
        row = self._one(
            "select coalesce(sum(n), 0) from tallies where kind = ? and name = ? and bucket_at between ? and ?",
            *(kind, name, since - edge_s, till),
        )
        assert row is not None, "an aggregate has one row"
        return int(row[0])

    def answers(self, since: float, till: float) -> dict[str, dict[str, int]]:
        """How many answers there were in that time, by kind and name."""
        rows = self._connection.execute(
            "select kind, name, sum(n) from tallies where kind != ? and bucket_at between ? and ? group by kind, name",
            (COUNT, since, till),
        )
        found: dict[str, dict[str, int]] = {}
        for kind, name, times in rows:
            found.setdefault(kind, {})[name] = times
        return found

    def tallies(self) -> list[tuple[str, str, int, int]]:
        """Every one, for another store."""
        return self._connection.execute("select kind, name, bucket_at, n from tallies").fetchall()

    def prune_tallies(self, now: float) -> None:
        """Forget old ones, those of a clock since put back, and the oldest of too many; keep old ones more coarsely."""
        self._connection.execute(
            f"delete from tallies where bucket_at < :now - ({_KEEP_S}) or bucket_at > :now + {COARSE_S}", {"now": now}
        )
        old = f"from tallies where bucket_at < :edge and bucket_at % {COARSE_S} != 0"
        edge = {"edge": now - COARSE_AFTER_S - COARSE_S}
        self._connection.execute(
            f"insert into tallies select kind, name, bucket_at - bucket_at % {COARSE_S}, sum(n) {old} group by 1, 2, 3"
            " on conflict do update set n = n + excluded.n",
            edge,
        )
        self._connection.execute(f"delete {old}", edge)
        self._connection.execute(
            "delete from tallies where bucket_at < coalesce("
            "(select bucket_at from tallies order by bucket_at desc limit 1 offset ?), 0)",
            (TALLIES_MAX,),
        )

    def watch(self, kind: str, name: str) -> Watch | None:
        row = self._one(f"select {_WATCH} from watches where kind = ? and name = ?", kind, name)
        return _watch(row) if row else None

    def save_watch(self, watch: Watch) -> bool:
        """Keep it; False: there are too many of its kind."""
        cursor = self._connection.execute(
            f"insert into watches ({_WATCH}) select ?, ?, ?, ?, ?, ? where exists (select 1 from watches where kind = ?"
            f" and name = ?) or (select count(*) from watches where kind = ?) < {WATCHES_MAX} on conflict do update set"
            " due_at = excluded.due_at, saved_at = excluded.saved_at, keep_s = excluded.keep_s, data = excluded.data",
            (
                *(watch.kind, watch.name, watch.due_at, watch.saved_at, watch.keep_s, json.dumps(dict(watch.data))),
                *(watch.kind, watch.name, watch.kind),
            ),
        )
        return cursor.rowcount == 1

    def wake_watch(self, kind: str, name: str, now: float, pause_s: float) -> None:
        """Something came that it waited for: it is due, but no sooner than `pause_s` after it was looked at."""
        self._connection.execute(
            "update watches set due_at = max(?, saved_at + ?) where kind = ? and name = ? and due_at is null",
            (now, pause_s, kind, name),
        )

    def remove_watch(self, kind: str, name: str) -> None:
        self._connection.execute("delete from watches where kind = ? and name = ?", (kind, name))

    def due_watches(self, now: float, limit: int) -> list[Watch]:
        rows = self._connection.execute(
            f"select {_WATCH} from watches where {WATCH_DUE} order by due_at limit :limit", {"now": now, "limit": limit}
        )
        return [_watch(row) for row in rows]

    def all_watches(self) -> list[Watch]:
        return [_watch(row) for row in self._connection.execute(f"select {_WATCH} from watches order by kind, name")]


_WATCH = ", ".join(Watch.__slots__)


def _watch(values: tuple[Any, ...]) -> Watch:
    data = dict(zip(Watch.__slots__, values, strict=True))
    return Watch(**{**data, "data": read(dict, data["data"])})
