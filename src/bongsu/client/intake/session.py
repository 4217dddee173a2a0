"""The pipeline's state within one transaction."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from bongsu import pipeline
from bongsu.alerting import group as groups
from bongsu.alerting import storm as storms
from bongsu.alerting.group import Group, Occurrence
from bongsu.alerting.storm import Storm
from bongsu.event import Finding
from bongsu.messages.delivery import Delivery
from bongsu.pipeline import Acknowledged, Policy, Resolved, Standing, Tick
from bongsu.routing import silences
from bongsu.store import Book
from bongsu.store.book import IGNORED

Addresses = Mapping[str, str]
"""Destination hash by channel."""


@dataclass(slots=True)
class Session:
    """The pipeline's state within one transaction: loaded once, saved once."""

    book: Book
    now: float
    policy: Policy
    sees_all: bool = True  # a store in memory knows of this process alone: silence means nothing there
    groups: dict[str, Group] = field(default_factory=dict)
    storms: dict[str, Storm] = field(default_factory=dict)
    deliveries: list[Delivery] = field(default_factory=list)
    held: Counter[str] = field(default_factory=Counter)  # occurrences, by the silence that holds them back
    ignored: Counter[str] = field(default_factory=Counter)  # occurrences, by the rule
    occurrences: int = 0

    def __post_init__(self) -> None:
        self.policy = replace(self.policy, silences=tuple(self.book.silences(self.now)), deploys=self.book.deploys())

    def occur(self, occurrence: Occurrence) -> str:
        """Take it in; what it counts for: a fingerprint, or IGNORED and a rule.

        Empty when it repeats a group that this store does not know, so it must wait for a detail.
        """
        if rule := self._ignoring(occurrence):
            self.occurrences += occurrence.times
            self.ignored[rule] += occurrence.times
            return f"{IGNORED}{rule}"
        group = self.group(occurrence.fingerprint)
        if group is None and occurrence.event is None:
            return ""
        self.occurrences += occurrence.times
        after = self._judge(group, occurrence, pipeline.concerned(group, occurrence.event, self.now, self.policy))
        if after is not None and after.silence:
            self._hold_back(after.silence, occurrence.times)
        return occurrence.fingerprint

    def _ignoring(self, occurrence: Occurrence) -> str:
        """The rule that ignores it: by what it is, or, of a repeat, by what was found of the first."""
        if occurrence.event is not None:
            return self.policy.sorting.ignores(occurrence.event)
        is_ignored = occurrence.fingerprint.startswith(IGNORED)
        return occurrence.fingerprint.removeprefix(IGNORED) if is_ignored else ""

    def _hold_back(self, name: str, times: int) -> None:
        """Count it for the silence, which this may end."""
        self.held[name] += times
        counted = (replace(each, held=each.held + times) if each.id == name else each for each in self.policy.silences)
        self.policy = replace(self.policy, silences=tuple(counted))

    def group(self, fingerprint: str) -> Group | None:
        """The problem as it stands."""
        return self.groups.get(fingerprint) or self.book.group(fingerprint)

    def resolve(self, fingerprint: str, finding: Finding | None) -> None:
        """A lasting problem is over, if anybody was told of it."""
        group = self.group(fingerprint)
        if group is not None:
            self._judge(group, Resolved(finding), group.channels)

    def acknowledge(self, group: Group) -> None:
        """Somebody has taken it on."""
        self._judge(group, Acknowledged(), group.channels)

    def tick(self, group: Group) -> None:
        self._judge(group, Tick(), pipeline.concerned(group, None, self.now, self.policy))

    def save(self, addresses: Addresses) -> None:
        for group in self.groups.values():
            self.book.save_group(group, groups.due_at(group, self.policy.schedule))
        for channel, storm in self.storms.items():
            self.book.save_storm(channel, storm, storms.due_at(storm, self.policy.schedule), self.now)
        for rule, times in self.ignored.items():
            self.book.add_ignored(rule, times)
        for silence, times in self.held.items():
            self.book.add_held(silence, times)
        if any(each.id in self.held and silences.is_used_up(each) for each in self.policy.silences):
            self.book.wake_groups()  # it held back others too
        for delivery in self.deliveries:
            self.book.enqueue(delivery, addresses[delivery.channel], self.now)

    def _storm(self, channel: str) -> Storm:
        return self.storms.get(channel) or self.book.storm(channel)

    def _judge(self, group: Group | None, happening: pipeline.Happening, channels: Iterable[str]) -> Group | None:
        standing = Standing(group, {channel: self._storm(channel) for channel in channels})
        after, deliveries = pipeline.handle(standing, happening, self.now, self.policy)
        if after.group is not None:
            self.groups[after.group.fingerprint] = after.group
        for channel, storm in after.storms.items():
            if storm != standing.storms[channel]:
                self.storms[channel] = storm
        self.deliveries.extend(deliveries)
        return after.group
