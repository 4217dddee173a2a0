"""From an event to the channels that should hear of it, and from a channel to the destination that carries it. Pure."""

from collections.abc import Collection
from enum import StrEnum

from bongsu.event import Event, Level
from bongsu.routing.router import Router

ALARM = "alarm"  # outages and errors in production
DEVOPS = "devops"  # operational records: deploys, restarts, warnings
DEV_TEST = "dev-test"  # everything that is not production

PRODUCTION = frozenset({"production", "prod", "live"})


class Ability(StrEnum):
    """What a destination can do with a message after it was posted."""

    POSTS = "posts"  # nothing: follow-ups are new messages (webhook, console, file)
    EDITS = "edits"  # edit it in place and reply in its thread (bot token)
    FORWARDS = "forwards"  # decides for itself: it wants the events (a Sentry-compatible server)


def is_production(environment: str) -> bool:
    """Whether an environment's name means production."""
    return environment.lower() in PRODUCTION


def wanted(event: Event, router: Router) -> tuple[str, ...]:
    """The channels an event asks for: the caller's word, else the rules', else by environment and level.

    `devops` is production's log book: a record of another environment goes with the rest of that environment.
    """
    if event.channel and (event.channel != DEVOPS or is_production(event.environment)):
        return (event.channel,)
    return router.channels(event) or (usual(event),)


def usual(event: Event) -> str:
    """Where an event goes that no rule speaks of."""
    if not is_production(event.environment):
        return DEV_TEST
    return ALARM if event.level.rank >= Level.ERROR.rank else DEVOPS


def substitute(channel: str, configured: Collection[str]) -> str:
    """The configured channel that stands in for one that is not configured. `configured` is not empty.

    Never silence: an unknown name goes where people look, but what is no outage stays out of the alarm if it can.
    """
    names: tuple[str, ...] = (channel, *_STAND_INS.get(channel, (ALARM, DEVOPS, DEV_TEST)), *sorted(configured))
    return next(name for name in names if name in configured)


_STAND_INS: dict[str, tuple[str, ...]] = {
    ALARM: (DEVOPS, DEV_TEST),
    DEVOPS: (ALARM, DEV_TEST),
    DEV_TEST: (DEVOPS, ALARM),
}
