"""A watched program's captures and store on a fake clock, without its threads."""

import threading
from pathlib import Path

from bongsu.alerting.decision import Reason
from bongsu.alerting.group import Schedule
from bongsu.capture.recorder import Recorder
from bongsu.capture.spool import Spool
from bongsu.client.books import Books
from bongsu.client.intake import Intake
from bongsu.client.outcomes import Outcomes
from bongsu.event import Event
from bongsu.outcomes.http import Limits
from bongsu.pipeline import Policy
from bongsu.routing import ALARM, DEVOPS, Ability
from bongsu.testing import FakeClock

HEADER = {"app": "shop", "environment": "production", "release": "1", "host": "elsewhere", "pid": 1, "roots": ["/srv"]}
POLICY = Policy(channels={ALARM: Ability.POSTS, DEVOPS: Ability.POSTS})


class Program:
    """A process of the watched program; several share a folder."""

    def __init__(self, folder: Path, clock: FakeClock, name: str = "one") -> None:
        self.clock = clock
        self.folder = str(folder)
        self.name = name
        self.spools_made = 0
        self.wakes = 0
        self.policy = POLICY
        self.recorder = Recorder(self._spool, clock, self._wake, with_locals=False)
        self.outcomes = Outcomes(self.recorder, clock, tells_answers=True)
        self.books = Books(self.folder, Schedule(), clock.now, threading.RLock())
        self.intake = Intake(self.folder, {ALARM: "a", DEVOPS: "d"}, Limits(least=4))

    def take_in(self, *, hurry: bool = False) -> None:
        for spool in self.recorder.spools:
            self.intake.own(self.books.store, spool, HEADER, self.clock.now(), self.policy, hurry=hurry)

    def adopt(self) -> None:
        own = frozenset(spool.name for spool in self.recorder.spools)
        self.intake.dead(self.books.store, own, self.clock.now(), self.policy)

    def live(self, seconds: float, step_s: float = 60.0) -> None:
        """Let time pass as a worker does: take in, adopt, look."""
        end = self.clock.now() + seconds
        while self.clock.now() < end:
            self.clock.advance(min(step_s, end - self.clock.now()))
            self.take_in()
            self.adopt()
            with self.books.store.reading() as book:
                is_due = book.is_due(self.clock.now())
            if is_due:
                self.intake.tick(self.books.store, self.clock.now(), self.policy, HEADER)

    def die(self) -> None:
        for spool in self.recorder.spools:
            spool.release()
        self.books.close()

    def tallies(self) -> dict[tuple[str, str], int]:
        found: dict[tuple[str, str], int] = {}
        with self.books.store.reading() as book:
            for kind, name, _, times in book.tallies():
                found[kind, name] = found.get((kind, name), 0) + times
        return found

    def told(self) -> list[tuple[str, Reason]]:
        """What waits to be sent: the problem, and why. A message that still waits takes over what is newer."""
        with self.books.store.reading() as book:
            messages = [row.message for row in book.rows()]
        return [(_problem(message.event), message.reason) for message in messages]

    def events(self) -> list[Event]:
        with self.books.store.reading() as book:
            return [group.sample for group in book.all_groups()]

    def watched(self) -> list[str]:
        with self.books.store.reading() as book:
            return [watch.name for watch in book.all_watches() if watch.name]

    def _spool(self) -> Spool:
        self.spools_made += 1
        return Spool(self.folder, f"{self.name}{self.spools_made}", HEADER)

    def _wake(self) -> None:
        self.wakes += 1


def _problem(event: Event | None) -> str:
    assert event is not None
    return event.finding.problem.value if event.finding else event.kind.value
