"""What the configuration says about deciding, and the state that one happening is judged by."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bongsu import routing
from bongsu.alerting.deploys import Deploy
from bongsu.alerting.group import Group, Schedule
from bongsu.alerting.storm import Storm
from bongsu.alerting.summary import Rhythm
from bongsu.event import Event
from bongsu.messages.message import Note
from bongsu.routing import Ability
from bongsu.routing.escalation import Escalation
from bongsu.routing.quiet_hours import QuietHours
from bongsu.routing.router import Router
from bongsu.routing.silences import Silence
from bongsu.routing.sorting import Sorting


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What the configuration says about deciding."""

    channels: Mapping[str, Ability]  # never empty
    router: Router = field(default_factory=Router)
    sorting: Sorting = field(default_factory=Sorting)
    destinations: Mapping[str, str] = field(default_factory=dict)  # by channel; channels may share one
    schedule: Schedule = field(default_factory=Schedule)
    silences: tuple[Silence, ...] = ()
    quiet_hours: QuietHours | None = None
    deploys: tuple[Deploy, ...] = ()
    escalations: tuple[Escalation, ...] = ()
    notes: tuple[Note, ...] = ()  # what Bongsu has to say of itself at present
    summary: Rhythm | None = None  # None: nobody wants one


@dataclass(frozen=True, slots=True)
class Standing:
    """The state one happening is judged by: its group, and the storm books of the channels it is told in."""

    group: Group | None
    storms: Mapping[str, Storm]


def addresses(event: Event, policy: Policy) -> tuple[str, ...]:
    """The configured channels an event goes to; never none, and none twice, also under two names."""
    found: dict[str, str] = {}
    for channel in routing.wanted(event, policy.router):
        found.setdefault(place(channel, policy), routing.substitute(channel, policy.channels))
    return tuple(found.values())


def place(channel: str, policy: Policy) -> str:
    """Where it leads: channels may share a destination."""
    reachable = routing.substitute(channel, policy.channels)
    return policy.destinations.get(reachable, reachable)
