"""Seeded histories of all that decides, as text: `retold.py SHUFFLE` tells them with their dicts in another order."""

import json
import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import time
from random import Random
from typing import TypeVar
from zoneinfo import ZoneInfo

from timelines import HOUR, MINUTE, START, Desk, event, raised

from bongsu.alerting.deploys import Deploy
from bongsu.event import CapturedException, Event, Level, Relation
from bongsu.messages import text
from bongsu.messages.message import to_json
from bongsu.messages.style import Style
from bongsu.pipeline import Policy
from bongsu.routing import ALARM, DEV_TEST, DEVOPS, Ability
from bongsu.routing.escalation import Escalation
from bongsu.routing.quiet_hours import QuietHours
from bongsu.routing.router import Router
from bongsu.routing.rules import Rule
from bongsu.routing.silences import Silence

SEEDS = range(6)
STEPS = 60
CHANNELS = (
    {ALARM: Ability.EDITS, DEVOPS: Ability.POSTS, "login": Ability.POSTS, "sentry": Ability.FORWARDS},
    {"billing": Ability.POSTS, "office": Ability.EDITS, "sentry": Ability.FORWARDS},  # others stand in for the usual
)
SEOUL = Style(language="ko", utc_offset_s=9 * HOUR)
T = TypeVar("T")


def history(seed: int, shuffle: Random) -> list[str]:
    """What was delivered: when, where, how, and every fact of the message. Channels do not wait for each other."""
    dice = Random(seed)
    told = Desk(policy=_policy(CHANNELS[seed % 2], shuffle))
    told.now = START - 3 * HOUR
    for _ in range(STEPS):
        happened = _happened(dice, told.now)
        told.happens(replace(happened, tags=_shuffled(happened.tags, shuffle)), times=dice.choice((1, 1, 3, 40)))
        told.storms = dict(_shuffled(told.storms, shuffle))
        told.wait(dice.choice((0, 0, 0, 1, 20, 90, 2 * HOUR)))
    told.wait(10 * HOUR)
    return [
        json.dumps(
            [at, sent.channel, sent.verb, sent.key, to_json(sent.message), text.line(sent.message, SEOUL)],
            sort_keys=True,
        )
        for at, sent in sorted(told.deliveries, key=lambda each: (each[0], each[1].channel))
    ]


def _policy(channels: Mapping[str, Ability], shuffle: Random) -> Policy:
    whens = (
        {"level": ("error", "fatal"), "tag.team": ("login", "book*")},
        {"tag.team": ("*",), "app": ("check*",)},
    )
    rules = (
        Rule(to=("login", ALARM), when=_shuffled(whens[0], shuffle), goes_on=True),
        Rule(to=(DEVOPS,), when=_shuffled(whens[1], shuffle)),
    )
    return Policy(
        channels=_shuffled(channels, shuffle),
        router=Router(rules),
        destinations=_shuffled({ALARM: "a", DEVOPS: "b", "login": "b", "sentry": "c"}, shuffle),
        silences=(
            Silence(id="s1", at=START - 2 * HOUR, until=START + 9 * HOUR, why="", when={"tag.team": ("book*",)}),
            Silence(id="s2", at=START, until=START + 5 * HOUR, why="", when=_shuffled(whens[0], shuffle)),
        ),
        quiet_hours=QuietHours(begin=time(22), end=time(8), zone=ZoneInfo("Asia/Seoul"), push=Level.ERROR),
        deploys=(Deploy(release="v1", at=START - HOUR), Deploy(release="v2", at=START + HOUR)),
        escalations=(
            Escalation(after_s=20 * MINUTE, to=("login", "sentry"), when=_shuffled(whens[1], shuffle)),
            Escalation(after_s=HOUR, to=(DEV_TEST,)),
        ),
    )


def _happened(dice: Random, now: float) -> Event:
    name = f"problem {dice.randrange(12)}"
    make = dice.choice((event, raised, _refused))
    tags = dice.choice(({}, {"team": "login", "plan": "free"}, {"plan": "free", "team": "booking", "x": "1"}))
    channel = dice.choice((None, None, None, "sentry", "nowhere"))
    return replace(
        make(name, at=now), level=dice.choice(list(Level)), host=f"web-{dice.randrange(3)}", tags=tags, channel=channel
    )


def _refused(name: str, *, at: float) -> Event:
    cause = CapturedException(
        type="ConnectionRefusedError", module="builtins", message="to db:5432", relation=Relation.CAUSE
    )
    failed = raised(name, at=at)
    return replace(failed, exceptions=(*failed.exceptions, cause))


def _shuffled(values: Mapping[str, T], shuffle: Random) -> Mapping[str, T]:
    items = list(values.items())
    shuffle.shuffle(items)
    return dict(items)


if __name__ == "__main__":
    for seed in SEEDS:
        print("\n".join(history(seed, Random(sys.argv[1]))))
