"""The steps of a journey in words. Pure."""

from collections.abc import Callable, Iterator

from bongsu import grouping, pipeline, routing
from bongsu.alerting import group as groups
from bongsu.alerting.decision import Reason
from bongsu.alerting.group import Group, Phase, Telling
from bongsu.cli.explain.journey import Journey, verdicts
from bongsu.event import Event
from bongsu.grouping.templates import DEFAULT
from bongsu.messages import slack, text
from bongsu.messages.delivery import Verb
from bongsu.messages.locales import WORDS, duration, number
from bongsu.messages.style import Style
from bongsu.scrubbing import EMAIL, MARK

ROUTES_SHOWN_MAX = 50  # of those that do not match
COMPONENTS_SHOWN_MAX = 40  # of a fingerprint: a deep stack has more
CARD_COLUMNS = 100

Clock = Callable[[float], str]
"""A moment as people read it."""

Steps = Iterator[tuple[str, list[str]]]
"""The name of a step, and its lines."""

_EN = WORDS["en"]


def steps(journey: Journey, clock: Clock) -> Steps:
    """In the order of the journey."""
    event = journey.event
    yield "Event", list(_event(event, clock))
    yield "Group", list(_group(journey))
    yield "State", list(_state(journey, clock))
    yield "Route", list(_route(journey))
    yield "Decision", list(_decision(journey, clock))


def card(journey: Journey, style: Style) -> str:
    """As plain text."""
    return text.card(journey.shown, style, width=CARD_COLUMNS)


def payload(journey: Journey, style: Style) -> dict[str, object]:
    """The card for Slack."""
    return slack.payload(journey.shown, style)


# -- what is kept


def _event(event: Event, clock: Clock) -> Iterator[str]:
    yield f"{event.kind} · {event.level} · {clock(event.at)} · id {event.id}"
    yield event.title or "(no text)"
    facts = {
        "app": event.app,
        "environment": event.environment,
        "release": event.release,
        "host": event.host,
        "source": event.location,
        "logger": event.logger,
        "request id": event.request_id,
        "user": event.user,
        "channel asked for": event.channel,
    }
    yield " · ".join(f"{name} {value}" for name, value in facts.items() if value)
    if event.tags:
        yield "tags: " + ", ".join(f"{name}={value}" for name, value in event.tags.items())
    yield _scrubbed(event)


def _scrubbed(event: Event) -> str:
    """Where something was taken out before the event was kept."""
    texts = {
        "message": event.message,
        "user": event.user or "",
        **{f"tag {name}": value for name, value in event.tags.items()},
        "log lines": "".join(line.message for line in event.trail),
        "locals": "".join(
            value for one in event.exceptions for frame in one.frames for value in (frame.locals or {}).values()
        ),
        "output": "".join(event.process.output) if event.process else "",
    }
    found = [name for name, value in texts.items() if MARK in value or EMAIL in value]
    return f"scrubbed: {', '.join(found)}" if found else "scrubbed: nothing had to be taken out"


# -- which problem


def _group(journey: Journey) -> Iterator[str]:
    yield journey.fingerprint
    template = journey.policy.sorting.template(journey.event)
    if template is not None:
        yield f"a fingerprint rule says what is one problem: {template.written}"
        if DEFAULT not in template.names:
            return
    components = grouping.explain(journey.event)
    yield "one problem is what has in common:"
    yield from (f"  {each}" for each in components[:COMPONENTS_SHOWN_MAX])
    if len(components) > COMPONENTS_SHOWN_MAX:
        yield f"  … {len(components) - COMPONENTS_SHOWN_MAX} more"


def _state(journey: Journey, clock: Clock) -> Iterator[str]:
    group = journey.group
    if group is None:
        yield "nothing like it is known here"
        return
    phase = "quiet" if group.phase is Phase.QUIET else "firing"
    count, total = number(group.count, _EN), number(group.total, _EN)
    yield (
        f"{phase}, episode {group.episode}, since {clock(group.began_at)}: ×{count}, ×{total} in all;"
        f" first seen {clock(group.first_seen_at)}, last {clock(group.last_seen_at)}"
    )
    if group.acknowledged_at:
        yield f"acknowledged {clock(group.acknowledged_at)}"
    if group.silence:
        yield f"held back by silence {group.silence} until {clock(group.silenced_till)}"
    yield from (f"{telling.channel}: {_heard(telling)}" for telling in group.tellings)


def _heard(telling: Telling) -> str:
    own = "has a message of its own" if telling.posted else ""
    digest = f"is told in its digest {telling.digest}" if telling.digest else ""
    return " and ".join(filter(None, [own, digest])) or "has heard nothing of this episode"


# -- where to


def _route(journey: Journey) -> Iterator[str]:
    event, policy = journey.event, journey.policy
    if event.channel and event.channel in routing.wanted(event, policy.router):
        yield f"the caller asked for {event.channel}, so no route is asked"
    else:
        yield from _rules(journey)
    for asked in routing.wanted(event, policy.router):
        reached = routing.substitute(asked, policy.channels)
        if reached != asked:
            yield f"{asked} is not configured: {reached} stands in for it"
    yield f"→ {', '.join(pipeline.addresses(event, policy))}"


def _rules(journey: Journey) -> Iterator[str]:
    found = list(verdicts(journey.event, journey.policy.router))
    missed = 0
    for each in found:
        if not each.unmet and each.is_asked:
            yield f"route {each.number} matches → {', '.join(each.to)}"
        elif each.is_asked and (missed := missed + 1) <= ROUTES_SHOWN_MAX:
            yield f"route {each.number} does not: {'; '.join(each.unmet)}"
    unasked = [each.number for each in found if not each.is_asked]
    if unasked:
        yield f"not asked any more: route {unasked[0]}" + (f" to {unasked[-1]}" if len(unasked) > 1 else "")
    if not any(not each.unmet for each in found):
        yield (
            f"no route matches, so environment {journey.event.environment} and level {journey.event.level} decide:"
            f" {routing.usual(journey.event)}"
        )


# -- what is decided


def _decision(journey: Journey, clock: Clock) -> Iterator[str]:
    if rule := journey.policy.sorting.ignores(journey.event):
        yield f"ignored, because of {rule}: it is counted, and nothing is sent"
        return
    yield "if it happens once more at this moment:"
    for delivery in journey.deliveries:
        reason = delivery.message.reason
        yield f"  {delivery.channel}: {_DOES[delivery.verb]}, {reason}: {_WHY[reason]}"
    yield from (f"  {each}" for each in _held_back(journey, clock))
    if not journey.deliveries:
        yield "  it is counted, and nothing is sent"
    yield "and by itself, as time passes:"
    yield from (f"  {each}" for each in _ahead(journey.after, journey, clock))


_DOES = {
    Verb.POST: "a message",
    Verb.EDIT: "its message is edited",
    Verb.REPLY: "a reply in its thread",
    Verb.STACK: "the whole stack as a file in its thread",
    Verb.FORWARD: "the event is passed on",
}
_WHY = {
    Reason.FIRST_SEEN: "nobody has seen such a problem before",
    Reason.CAME_BACK: "the problem was over",
    Reason.WORSENED: "it has reached a worse stage",
    Reason.GROWING: "it has reached the next step of growth",
    Reason.REMINDER: "it has not been told for so long",
    Reason.QUIET: "it has not happened for so long",
    Reason.UPDATED: "the numbers of its message are renewed",
    Reason.ESCALATED: "nobody has acknowledged it in time",
    Reason.SILENCE_ENDED: "no silence holds it back any more",
}


def _held_back(journey: Journey, clock: Clock) -> Iterator[str]:
    group, policy = journey.after, journey.policy
    if group.silence:
        why = next((each.why for each in policy.silences if each.id == group.silence), "")
        yield f"silence {group.silence} holds it back until {clock(group.silenced_till)}: {why}"
        return
    waits_till = policy.quiet_hours.waits_till(group.sample, journey.now) if policy.quiet_hours else 0.0
    for telling in group.tellings:
        storm = journey.storms.get(telling.channel)
        if storm is None or not storm.opened_at or storm.digest != telling.digest:
            continue
        if waits_till:
            yield f"{telling.channel}: waits for the digest at {clock(waits_till)}, because of the quiet hours"
        elif storm.is_shared:
            yield f"{telling.channel}: goes into the next digest, because it shares a cause with what was told there"
        else:
            yield f"{telling.channel}: goes into the next digest, because too much is told there at this moment"


def _ahead(group: Group, journey: Journey, clock: Clock) -> Iterator[str]:
    schedule = journey.policy.schedule
    if group.silence:
        yield f"{clock(group.silenced_till)} the silence ends, and what still fires is told"
        return
    yield f"growing when it has happened {number(groups.next_step(group, schedule), _EN)} times in this episode"
    yield f"{clock(group.told_at + schedule.remind_every_s)} a reminder, if it still fires and nothing was told since"
    if group.escalate_at:
        yield f"{clock(group.escalate_at)} more people are told, unless somebody acknowledges it"
    if groups.lasts(group):
        yield "it stays red until something good is seen"
    else:
        after = duration(schedule.quiet_after_s, _EN)
        yield f"{clock(group.active_at + schedule.quiet_after_s)} quiet, if it does not happen for {after}"
