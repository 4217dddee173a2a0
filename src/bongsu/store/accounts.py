"""What a summary is made of: where the last one ended, and a look at every problem."""

import json

from bongsu.alerting import summary as summaries
from bongsu.alerting.summary import AHEAD_MAX_S, Account, Glance
from bongsu.store.outbox import read
from bongsu.store.watches import Watches

ACCOUNT, DUE = "summary", "summary_due"  # notes


class Accounts(Watches):
    """The part of a Book that summaries use."""

    def account(self) -> Account | None:
        """Where the last summary ended; None too where another version wrote it: one begins anew."""
        row = self._one("select value from meta where name = ?", ACCOUNT)
        try:
            return summaries.from_json(json.loads(row[0])) if row else None
        except (AttributeError, KeyError, OverflowError, TypeError, ValueError):
            return None

    def save_account(self, account: Account) -> None:
        self._note(ACCOUNT, json.dumps(summaries.to_json(account)))

    def summary_due_at(self) -> float | None:
        """When somebody is to look whether a summary is due; None: nobody expects one."""
        row = self._one("select cast(value as real) from meta where name = ?", DUE)  # 0 of a text that is no number
        return row[0] if row else None

    def save_summary_due_at(self, at: float) -> None:
        self._note(DUE, repr(at))

    def is_summary_due(self, now: float) -> bool:
        """Also where the moment is too far away: the clock was put back."""
        due_at = self.summary_due_at()
        return due_at is not None and not now < due_at <= now + AHEAD_MAX_S

    def glances(self) -> list[Glance]:
        """A look at every problem."""
        return [read(summaries.glance, data) for (data,) in self._connection.execute("select data from groups")]

    def refused(self, destination: str, since: float) -> tuple[int, str]:
        """How many messages decided since then were refused for good, and the newest word about it."""
        row = self._one(
            # SQLite takes `word` from the row that has the maximum.
            "select count(*), max(id), word from outbox where destination = ? and state = 'dead' and created_at >= ?",
            destination,
            since,
        )
        assert row is not None, "an aggregate has one row"
        return row[0], row[2] or ""

    def _note(self, name: str, value: str) -> None:
        self._connection.execute("insert or replace into meta values (?, ?)", (name, value))
