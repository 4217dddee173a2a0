"""Thousands of histories in which everything goes wrong, and nothing is lost.

`SEED=17 pytest tests/simulation` lives one of them again, `HISTORIES=20000 pytest tests/simulation` more of them.
"""

import os
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import pytest
from history import failure, live
from process import Process
from world import World

from bongsu.delivery.sender import LEASE, LEASE_S, Sender
from bongsu.store import Book, Row, SqliteStore

HISTORIES = int(os.environ.get("HISTORIES", "2000"))
CAUGHT_WITHIN = 100  # histories


def seeds() -> range:
    if "SEED" in os.environ:
        return range(int(os.environ["SEED"]), int(os.environ["SEED"]) + 1)
    return range(HISTORIES)


def test_nothing_is_lost_miscounted_out_of_order_or_told_too_often() -> None:
    with ProcessPoolExecutor(min(os.cpu_count() or 1, len(seeds())), get_context("spawn")) as pool:
        failures = [text for text in pool.map(failure, seeds(), chunksize=20) if text]
    assert not failures, f"{len(failures)} of {len(seeds())} histories\n" + "\n".join(failures[:5])


def test_a_seed_is_one_exact_history() -> None:
    assert story(live(7)) == story(live(7))


def story(world: World) -> list[object]:
    """All that people saw, without what is random by design: the ids of events."""
    return [
        (shown.channel, shown.verb, shown.place, shown.message.reason, shown.message.at, shown.message.count)
        for shown in world.shown
    ]


def test_the_histories_are_full_of_trouble() -> None:
    worlds = [live(seed) for seed in range(40)]
    troubles = {name for world in worlds for name in world.happened} | {"memory" for world in worlds if world.fell_back}
    assert troubles >= {"crash", "accepted, answer lost", "archived", "message deleted", "429, Retry-After", "memory"}
    assert sum(shown.message.repeat for world in worlds for shown in world.shown) > 40
    assert sum(shown.overtaken for world in worlds for shown in world.shown) > 1


# -- what is built wrong is caught


class SettlesFirst(Sender):
    """Marks a row as done, then sends it."""

    def step(self, store: SqliteStore, destination: str) -> float | None:
        with store.transaction() as book:
            claimed = self._claim(book, destination, self._now())
            if claimed is None or isinstance(claimed, float):
                return claimed
            for row in claimed.rows:
                book.remove(row.id)
        self._channel(claimed.rows[0]).send(claimed.verb, claimed.message, claimed.receipt)
        return 0.0


class NeverDoubts(Sender):
    """Takes a message without an answer for one that did not arrive."""

    def _single(self, book: Book, row: Row) -> object:
        claim = super()._single(book, row)
        return claim and type(claim)(claim.rows, claim.verb, row.message, claim.receipt)


class LosesFirst(Process):
    sender = SettlesFirst


class RepeatsSilently(Process):
    sender = NeverDoubts


class EveryoneLeads(Process):
    """Takes the lease without asking."""

    def _take_lease(self, now: float, *, eager: bool) -> bool:
        with self.books.store.transaction() as book:
            book.take_lease(LEASE, self.name, now + 10 * LEASE_S, LEASE_S)
        self.lease = (now + LEASE_S, self.world.jumps)
        return True


class DropsWhatWasLeft(Process):
    """Deletes the files of the dead."""

    def _look_around(self, now, policy, made):  # type: ignore[no-untyped-def]
        for name in os.listdir(self.world.folder):
            if not any(name.startswith(f"{process.name}.") for process in self.town.processes):
                os.unlink(os.path.join(self.world.folder, name))
        super()._look_around(now, policy, made)


@pytest.mark.parametrize(
    ("kind", "word"),
    [
        (LosesFirst, "lost: "),
        (RepeatsSilently, "a repeat that does not say so"),
        (EveryoneLeads, "two senders"),
        (DropsWhatWasLeft, "miscounted: "),
    ],
)
def test_a_process_that_is_built_wrong_is_caught(kind: type[Process], word: str) -> None:
    caught = set[str]()
    for seed in range(CAUGHT_WITHIN):
        try:
            live(seed, kind)
        except AssertionError as error:
            caught.add(str(error))
            if str(error).startswith(word):
                return
    raise AssertionError(f"not caught within {CAUGHT_WITHIN} histories, but {[text[:60] for text in caught]}")
