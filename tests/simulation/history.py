"""One history: trouble for a while, then peace until everything is told and quiet."""

import contextlib
import io
import math
import tempfile

from invariants import check
from process import SCHEDULE, Process
from world import Crash, World

from bongsu.alerting.group import due_at

PROCESSES = 2
FAULTY_STEPS = 30
PEACE_STEPS_MAX = 1_500
PAUSES_S = (0.1, 0.5, 1.0, 5.0, 30.0, 60.0, 600.0)
JUMPS_S = (-20_000.0, -4_000.0, -300.0, -3.0, 3.0, 300.0, 4_000.0, 20_000.0)
BURSTS = (5, 30, 200)
OUTAGES_S = (20.0, 400.0, 4_000.0)
AT_ONCE = 12  # problems of a storm
HAPPENINGS = {
    "error": 30,
    "burst": 10,
    "storm": 3,
    "record": 4,
    "death": 4,
    "outage": 2,
    "jump": 4,
    "disk": 3,
    "nothing": 40,
}


class History:
    """Processes in a world; they die and are replaced."""

    def __init__(self, world: World, kind: type[Process]) -> None:
        self.world = world
        self.processes: list[Process] = []
        self._kind = kind
        self._born = 0
        for _ in range(PROCESSES):
            self._bear()

    def live(self) -> None:
        for _ in range(FAULTY_STEPS):
            self._something_happens()
            self.run(self.world.dice.choice(self.processes))
            self.world.clock.advance(self.world.dice.choice(PAUSES_S))
        self.world.is_faulty = False
        self._come_to_rest()

    def run(self, process: Process) -> None:
        try:
            if process in self.processes:  # a sibling may have seen it die meanwhile
                process.turn()
        except Crash:
            self._replace(process)

    def end(self) -> None:
        for process in self.processes:
            process.die()
        self.world.database.close()

    def _bear(self) -> None:
        self._born += 1
        try:
            self.processes.append(self._kind(self, f"p{self._born}"))
        except Crash:
            self._bear()  # it died while it started

    def _replace(self, process: Process) -> None:
        process.die()
        self.processes.remove(process)
        self._bear()

    def _something_happens(self) -> None:
        world, dice = self.world, self.world.dice
        process = dice.choice(self.processes)
        match dice.choices([*HAPPENINGS], [*HAPPENINGS.values()])[0]:
            case "error":
                process.capture(world.problem())
            case "burst":
                process.capture(world.problem(), dice.choice(BURSTS))
            case "storm":
                for _ in range(AT_ONCE):
                    process.capture(world.problem())
            case "record":
                process.notify(f"deployed {len(world.noted)}")
            case "death":
                self._replace(process)
            case "outage":
                world.outage_till = world.clock.monotonic() + dice.choice(OUTAGES_S)
            case "jump":
                world.jumps += 1
                world.clock.jump(dice.choice(JUMPS_S))
            case "disk":
                world.disk_is_full = world.disk_may_fill and not world.disk_is_full

    def _come_to_rest(self) -> None:
        for _ in range(PEACE_STEPS_MAX):
            for process in list(self.processes):
                self.run(process)
            wait_s = self._next_moment() - self.world.clock.now()
            if math.isinf(wait_s):
                return
            self.world.clock.advance(min(max(wait_s, 1.0), 600.0))
        raise AssertionError("the faults have stopped, and still it does not come to rest")

    def _next_moment(self) -> float:
        """When something is due; infinity when all is told and every problem is quiet."""
        now = self.world.clock.now()
        with self.world.database.reading() as book:
            due = [due_at(group, SCHEDULE) for group in book.due_groups(math.inf, 1)]
            blocked = {line.destination: line.blocked_till for line in book.lines() if line.blocked_at <= now}
            due += [blocked.get(destination, now) for destination in book.waiting_counts()]
            if book.has_open_digest() or any(process.books.in_memory for process in self.processes):
                due.append(now + 5.0)
        return min(due, default=math.inf)


def live(seed: int, kind: type[Process] = Process) -> World:
    """Live one history and judge it: AssertionError if something is wrong."""
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stderr(io.StringIO()):
        world = World(seed, folder)
        history = History(world, kind)
        try:
            history.live()
            check(world)
        finally:
            history.end()
        return world


def failure(seed: int) -> str | None:
    """What is wrong with this seed's history, and how to live it again."""
    try:
        live(seed)
    except AssertionError as error:
        return f"seed {seed}: {error}\nreplay: SEED={seed} pytest tests/simulation"
    return None
