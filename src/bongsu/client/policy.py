"""What the settings say about deciding, and what of that the thread of an error has to know."""

from bongsu.capture.sorting import Sorter
from bongsu.config import Settings
from bongsu.pipeline import Policy


def policy_of(settings: Settings) -> Policy:
    """Without what only a store knows: silences and deploys; and without notes."""
    return Policy(
        channels={channel: each.ability for channel, each in settings.destinations.items()},
        destinations={channel: each.hash for channel, each in settings.destinations.items()},
        router=settings.router,
        sorting=settings.sorting,
        quiet_hours=settings.quiet_hours,
        escalations=settings.escalations,
        schedule=settings.schedule,
        summary=settings.summary,
    )


def sorter_of(settings: Settings) -> Sorter | None:
    """None where no rule ignores or regroups anything: the usual, and the fastest."""
    if not (settings.sorting.ignored or settings.sorting.regrouped):
        return None
    return Sorter(settings.sorting, app=settings.app, environment=settings.environment, release=settings.release)
