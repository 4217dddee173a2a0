"""What some settings mean for worker and sender; a reload replaces all of it at once."""

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass

from bongsu.client.intake import Intake
from bongsu.client.policy import policy_of
from bongsu.client.telling import tell
from bongsu.clock import Clock
from bongsu.config import Settings
from bongsu.delivery.channel import Channel
from bongsu.delivery.heartbeat import Heartbeat
from bongsu.delivery.sender import Route, Sender
from bongsu.pipeline import Policy
from bongsu.routing import Ability

Open = Callable[[str], Channel]
"""Opens the channel of that name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One reading of the configuration, ready to work by."""

    settings: Settings
    policy: Policy  # without notes
    intake: Intake
    sender: Sender
    heartbeat: Heartbeat


def plan_of(
    settings: Settings, *, spool_dir: str, open_channel: Open, holder: str, clock: Clock, gate: threading.RLock
) -> Plan:
    """`holder`: who sends; `gate`: held while something is imported."""
    policy = policy_of(settings)
    return Plan(
        settings=settings,
        policy=policy,
        intake=Intake(spool_dir, policy.destinations, settings.bursts),
        sender=_sender(settings, open_channel, holder, clock),
        heartbeat=Heartbeat(settings.deliver.heartbeat_url, gate, tell),
    )


def _sender(settings: Settings, open_channel: Open, holder: str, clock: Clock) -> Sender:
    routes = {
        channel: Route(
            channel,
            each.hash,
            each.masked,
            is_paced=each.scheme.is_paced,
            forwards=each.ability is Ability.FORWARDS,
        )
        for channel, each in settings.destinations.items()
    }
    dice = random.Random()
    return Sender(routes, open_channel, holder, now=clock.now, dice=dice.random, tell=tell, deliver=settings.deliver)
