"""Time as a line: what happens at which second, and what is told for it. Ticks come when they are due."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from bongsu import pipeline
from bongsu.alerting import group as groups
from bongsu.alerting import storm as storms
from bongsu.alerting.decision import Decision, Reason
from bongsu.alerting.group import Group, Occurrence, Schedule
from bongsu.alerting.storm import Storm
from bongsu.event import CapturedException, Event, Finding, Frame, Kind, Level
from bongsu.messages.delivery import Delivery
from bongsu.pipeline import Policy, Resolved, Standing, Tick
from bongsu.routing import ALARM, Ability

START = 1_631_000_000.0
SCHEDULE = Schedule()
MINUTE, HOUR = 60, 3_600
DAY = 24 * HOUR

Told = tuple[float, Reason, int]
"""When (seconds from the start), why, and how often it had happened in the episode."""


def event(name: str = "no room", *, at: float = START, kind: Kind = Kind.MESSAGE, channel: str | None = None) -> Event:
    return Event(
        id=f"{name}@{at}",
        at=at,
        kind=kind,
        level=Level.ERROR,
        message=name,
        app="checkin",
        environment="production",
        channel=channel,
    )


def raised(name: str = "no room", *, at: float = START) -> Event:
    """An exception with a stack."""
    frame = Frame(function="book", module="rooms", path="rooms.py", line=7, in_app=True)
    failure = CapturedException(type="Error", module="rooms", message=name, frames=(frame,))
    return replace(event(name, at=at), kind=Kind.EXCEPTION, exceptions=(failure,))


def occurrence(happened: Event, times: int = 1, users: int = 0, request_ids: tuple[str, ...] = ()) -> Occurrence:
    return Occurrence(
        fingerprint=happened.message,
        at=happened.at,
        times=times,
        event=happened,
        users=users,
        request_ids=request_ids,
    )


@dataclass(slots=True)
class Life:
    """The life of one problem in the state table alone."""

    now: float = START
    group: Group | None = None
    decisions: list[tuple[float, Group, Decision]] = field(default_factory=list)

    def happens(self, times: int = 1) -> None:
        self._keep(*groups.occur(self.group, [ALARM], occurrence(event(at=self.now), times), self.now))

    def wait(self, seconds: float) -> None:
        """Let time pass, with a tick whenever one is due."""
        end = self.now + seconds
        while self.group and (due := groups.due_at(self.group, SCHEDULE)) <= end:
            self.now = max(self.now, due)
            before = self.group
            self._keep(*groups.tick(self.group, self.now, SCHEDULE))
            assert self.group != before, "due, and yet there was nothing to do"
        self.now = end

    def told(self, *, updates: bool = False) -> list[Told]:
        return [
            (at - START, decision.reason, group.count)
            for at, group, decision in self.decisions
            if updates or decision.reason is not Reason.UPDATED
        ]

    def _keep(self, group: Group, decision: Decision | None) -> None:
        self.group = group
        if decision:
            self.decisions.append((self.now, group, decision))


def lived(happenings: Iterable[tuple[float, int]], until: float | None = None) -> Life:
    """A life in which the problem happens so often at these seconds; then two hours without, or only `until` then."""
    life = Life()
    for at, times in happenings:
        life.wait(START + at - life.now)
        life.happens(times)
    life.wait(2 * HOUR if until is None else START + until - life.now)
    return life


@dataclass(slots=True)
class Desk:
    """All problems of one program: the pipeline with its state, and what it wanted delivered."""

    policy: Policy
    now: float = START
    groups: dict[str, Group] = field(default_factory=dict)
    storms: dict[str, Storm] = field(default_factory=dict)
    deliveries: list[tuple[float, Delivery]] = field(default_factory=list)

    def happens(self, happened: Event | str, times: int = 1) -> None:
        happened = event(happened, at=self.now) if isinstance(happened, str) else happened
        group = self.groups.get(happened.message)
        self._judge(group, occurrence(happened, times))

    def is_over(self, name: str, finding: Finding | None = None) -> None:
        """Something good was seen."""
        group = self.groups[name]
        self._judge(group, Resolved(finding))

    def wait(self, seconds: float) -> None:
        end = self.now + seconds
        while (due := min(self._due(), default=end + 1)) <= end:
            self.now = max(self.now, due)
            for group in list(self.groups.values()):
                if groups.due_at(group, self.policy.schedule) <= self.now:
                    self._judge(group, Tick())
            for channel, storm in list(self.storms.items()):
                if (storms.due_at(storm, self.policy.schedule) or end + 1) <= self.now:
                    self._write_digest(channel, storm)
        self.now = end

    def told(self, name: str | None = None) -> list[tuple[float, str, Reason, int]]:
        """When, how, why and how often; of one problem or of all."""
        return [
            (at - START, delivery.verb.value, delivery.message.reason, delivery.message.count)
            for at, delivery in self.deliveries
            if name is None or (delivery.message.event and delivery.message.event.message == name)
        ]

    def _due(self) -> Iterator[float]:
        for group in self.groups.values():
            yield groups.due_at(group, self.policy.schedule)
        for storm in self.storms.values():
            due = storms.due_at(storm, self.policy.schedule)
            if due is not None:
                yield due

    def _judge(self, group: Group | None, happening: pipeline.Happening) -> None:
        event = happening.event if isinstance(happening, Occurrence) else None
        channels = pipeline.concerned(group, event, self.now, self.policy)
        standing = Standing(group, {channel: self.storms.get(channel, Storm()) for channel in channels})
        after, deliveries = pipeline.handle(standing, happening, self.now, self.policy)
        if after.group:
            self.groups[after.group.fingerprint] = after.group
        self.storms |= after.storms
        self.deliveries += [(self.now, delivery) for delivery in deliveries]

    def _write_digest(self, channel: str, storm: Storm) -> None:
        telling = (channel, storm.digest)
        its = [
            group
            for group in self.groups.values()
            if telling in [(each.channel, each.digest) for each in group.tellings]
        ]
        top = sorted(its, key=lambda group: -group.count)[: pipeline.DIGEST_ENTRIES]
        count = sum(group.count for group in its)
        self.storms[channel], deliveries = pipeline.write_digest(
            storm, channel, top, len(its), count, self.now, self.policy
        )
        self.deliveries += [(self.now, delivery) for delivery in deliveries]


def desk(ability: Ability) -> Desk:
    return Desk(policy=Policy(channels={ALARM: ability}))
