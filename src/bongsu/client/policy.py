"""What the settings say about deciding."""

from bongsu.config import Settings
from bongsu.pipeline import Policy


def policy_of(settings: Settings) -> Policy:
    """Without what only a store knows: silences and deploys; and without notes."""
    return Policy(
        channels={channel: each.ability for channel, each in settings.destinations.items()},
        destinations={channel: each.hash for channel, each in settings.destinations.items()},
        router=settings.router,
        quiet_hours=settings.quiet_hours,
        escalations=settings.escalations,
        schedule=settings.schedule,
    )
