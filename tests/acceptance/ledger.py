"""Exact accounting: which occurrences were told, and which a silence or a rule has held back.

The occurrences of a problem are numbered from 1 in the order in which the store took them in. A message that says
"×3, 8 in all" tells of numbers 6, 7 and 8; a digest tells of its members so.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable

from stage import Stage

from bongsu.alerting.group import Group
from bongsu.event import Kind
from bongsu.store import Book, Row

ALL = 100_000


class Ledger:
    """Reads, after each look, what was decided in it."""

    def __init__(self, stage: Stage) -> None:
        self.captured: Counter[str] = Counter()  # by the name of the problem's exception
        self.told: dict[str, set[int]] = defaultdict(set)
        self.held: dict[str, set[int]] = defaultdict(set)
        self.silences: dict[str, str] = {}  # the problem that a silence is about, by its id
        self._held_before: Counter[str] = Counter()  # by silence
        self._totals: Counter[str] = Counter()
        self._digests: set[str] = set()
        self._stage = stage
        stage.decided = self.read

    def read(self) -> None:
        """What the last look has decided."""
        with self._stage.store.reading() as book:
            groups = {_name(group): group for group in book.all_groups()}
            self._read_held(book, groups.values())
            for row in book.rows():
                self._read_row(book, row)
        self._totals.update({name: group.total - self._totals[name] for name, group in groups.items()})

    def missing(self) -> dict[str, list[int]]:
        """Occurrences that nobody was told of and nothing held back."""
        found = {
            name: sorted(set(range(1, times + 1)) - self.told[name] - self.held[name])
            for name, times in self.captured.items()
        }
        return {name: numbers for name, numbers in found.items() if numbers}

    def _read_held(self, book: Book, groups: Iterable[Group]) -> None:
        totals = {_name(group): group.total for group in groups}
        for silence in book.silences(self._stage.clock.now()):
            problem, fresh = self.silences[silence.id], silence.held - self._held_before[silence.id]
            first = max([self._totals[problem], *self.held[problem] & set(range(self._totals[problem] + 1, ALL))])
            self.held[problem] |= set(range(first + 1, first + fresh + 1))
            assert first + fresh <= totals.get(problem, 0), f"{silence.id} has held back more than there was"
            self._held_before[silence.id] = silence.held

    def _read_row(self, book: Book, row: Row) -> None:
        event = row.message.event
        if row.key.startswith("digest/") and row.key not in self._digests:
            self._digests.add(row.key)
            _, channel, number, _ = row.key.split("/")
            members, problems, occurrences = book.digest_of(channel, int(number), ALL)
            assert (row.message.problems, row.message.count) == (problems, occurrences) == (len(members), occurrences)
            for group in members:
                self._tell(_name(group), group.count, group.total)
        elif event is not None and event.kind is not Kind.RECORD:
            self._tell(event.exceptions[0].type, row.message.count, row.message.total)

    def _tell(self, name: str, count: int, total: int) -> None:
        assert 0 < count <= total <= self.captured[name], f"{name}: ×{count}, {total} in all is more than there was"
        self.told[name] |= set(range(total - count + 1, total + 1))


def _name(group: Group) -> str:
    return group.sample.exceptions[0].type
