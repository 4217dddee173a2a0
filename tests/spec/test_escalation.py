"""Nobody acknowledges it: after a while others are told; somebody does: nobody else is."""

from dataclasses import replace

import pytest
from timelines import HOUR, MINUTE, START, Desk, desk, event

from bongsu.alerting.decision import Reason
from bongsu.alerting.group import Occurrence
from bongsu.event import Event, Finding, Kind, Level, Problem
from bongsu.messages.message import State
from bongsu.pipeline import Acknowledged
from bongsu.routing import ALARM, Ability
from bongsu.routing.escalation import Escalation
from bongsu.routing.silences import Silence

STEPS = (
    Escalation(after_s=15 * MINUTE, to=("lead",)),
    Escalation(after_s=HOUR, to=("boss", "lead"), when={"level": ("fatal",)}),
)


def team(ability: Ability = Ability.POSTS) -> Desk:
    found = desk(ability)
    channels = dict.fromkeys((ALARM, "lead", "boss"), ability)
    found.policy = replace(found.policy, channels=channels, escalations=STEPS)
    return found


def told(at: Desk) -> list[tuple[float, str, str, Reason]]:
    return [
        (when - START, sent.channel, sent.verb.value, sent.message.reason)
        for when, sent in at.deliveries
        if sent.message.reason not in (Reason.UPDATED, Reason.GROWING)
    ]


def keep_firing(at: Desk, until: float, level: Level = Level.ERROR) -> None:
    while at.now < START + until:
        at.happens(replace(event(at=at.now), level=level))
        at.wait(5 * MINUTE)


def test_after_so_long_another_channel_hears_of_it_and_goes_on_hearing() -> None:
    hook = team()
    keep_firing(hook, 30 * MINUTE)
    hook.wait(HOUR)
    assert told(hook) == [
        (0, ALARM, "post", Reason.FIRST_SEEN),
        (15 * MINUTE, ALARM, "post", Reason.ESCALATED),
        (15 * MINUTE, "lead", "post", Reason.ESCALATED),
        (55 * MINUTE, ALARM, "post", Reason.QUIET),
        (55 * MINUTE, "lead", "post", Reason.QUIET),
    ]


def test_each_step_has_its_time_and_its_conditions() -> None:
    hook = team()
    keep_firing(hook, 90 * MINUTE, Level.FATAL)
    steps = [(at, channel) for at, channel, _, reason in told(hook) if reason is Reason.ESCALATED]
    assert steps == [
        (15 * MINUTE, ALARM),
        (15 * MINUTE, "lead"),
        (HOUR, ALARM),
        (HOUR, "lead"),
        (HOUR, "boss"),
    ]


def test_who_acknowledges_it_stops_that_and_the_card_turns_yellow() -> None:
    bot = team(Ability.EDITS)
    bot.happens("no room")
    bot.wait(5 * MINUTE)
    bot._judge(bot.groups["no room"], Acknowledged())
    assert [(sent.verb.value, sent.message.state) for _, sent in bot.deliveries][-1] == ("edit", State.ACKNOWLEDGED)
    keep_firing(bot, HOUR)
    assert Reason.ESCALATED not in {reason for _, _, _, reason in told(bot)}


def test_the_next_episode_is_nobodys_again() -> None:
    hook = team()
    hook.happens("no room")
    hook._judge(hook.groups["no room"], Acknowledged())
    hook.wait(HOUR)
    hook.happens("no room")
    hook.wait(20 * MINUTE)
    assert told(hook)[-1] == (HOUR + 15 * MINUTE, "lead", "post", Reason.ESCALATED)


def test_what_is_over_before_is_not_escalated() -> None:
    hook = team()
    hook.policy = replace(hook.policy, escalations=(Escalation(after_s=40 * MINUTE, to=("lead",)),))
    hook.happens("no room")
    hook.wait(2 * HOUR)
    assert [reason for _, _, _, reason in told(hook)] == [Reason.FIRST_SEEN, Reason.QUIET]


def test_what_is_silenced_is_not_escalated_before_the_silence_ends() -> None:
    hook = team()
    silence = Silence(id="s", at=START, until=START + HOUR, why="known")
    hook.policy = replace(hook.policy, silences=(silence,))
    keep_firing(hook, 70 * MINUTE)
    assert told(hook)[:3] == [
        (HOUR, ALARM, "post", Reason.SILENCE_ENDED),
        (HOUR, ALARM, "post", Reason.ESCALATED),
        (HOUR, "lead", "post", Reason.ESCALATED),
    ]


def test_a_problem_that_waits_for_nothing_is_not_looked_at() -> None:
    hook = team()
    hook.happens("no room")
    hook.policy = replace(hook.policy, escalations=())
    hook.wait(2 * HOUR)
    assert Reason.ESCALATED not in {reason for _, _, _, reason in told(hook)}


@pytest.mark.parametrize("ability", [Ability.POSTS, Ability.EDITS, Ability.FORWARDS])
def test_every_kind_of_destination_can_be_told_more(ability: Ability) -> None:
    at = team(ability)
    keep_firing(at, 20 * MINUTE)
    assert "lead" in {sent.channel for _, sent in at.deliveries}


def test_what_is_taken_in_late_is_escalated_at_once() -> None:
    hook = team()
    hook.happens(event(at=START - 20 * MINUTE))
    hook.wait(MINUTE)
    assert [(channel, reason) for _, channel, _, reason in told(hook)] == [
        (ALARM, Reason.FIRST_SEEN),
        (ALARM, Reason.ESCALATED),
        ("lead", Reason.ESCALATED),
    ]


def ended(problem: Problem, level: Level) -> Event:
    finding = Finding(problem=problem, name="worker")
    return replace(event(kind=Kind.PROCESS), level=level, finding=finding)


def test_what_gets_worse_is_escalated_as_the_worse() -> None:
    hook = team()
    hook.policy = replace(hook.policy, escalations=STEPS[1:])  # for the worst alone
    hook.happens(ended(Problem.EXITED, Level.ERROR))
    hook.wait(10 * MINUTE)
    hook.happens(ended(Problem.GAVE_UP, Level.FATAL))
    hook.wait(2 * HOUR)
    assert {(at, channel) for at, channel, _, reason in told(hook) if reason is Reason.ESCALATED} == {
        (HOUR, ALARM),
        (HOUR, "boss"),
        (HOUR, "lead"),
    }


def test_an_occurrence_may_ask_for_more_people_just_when_a_step_is_due() -> None:
    hook = team()
    hook.policy = replace(hook.policy, escalations=(STEPS[0], replace(STEPS[1], after_s=10 * MINUTE)))
    hook.happens("no room")
    hook.now += 16 * MINUTE  # nobody looked meanwhile
    hook.happens(replace(event(at=hook.now), level=Level.FATAL))
    assert "boss" in {channel for _, channel, _, _ in told(hook)}


def test_a_channel_at_the_address_of_another_takes_its_place() -> None:
    hook = team()
    hook.policy = replace(hook.policy, destinations={ALARM: "one", "lead": "one", "boss": "other"})
    keep_firing(hook, 20 * MINUTE)
    hook.wait(HOUR)
    assert [(channel, reason) for _, channel, _, reason in told(hook)] == [
        (ALARM, Reason.FIRST_SEEN),
        ("lead", Reason.ESCALATED),
        ("lead", Reason.QUIET),
    ]


def test_the_next_episode_begins_with_few_again_though_nothing_but_its_count_is_known() -> None:
    hook = team()
    keep_firing(hook, 20 * MINUTE)
    hook.wait(HOUR)
    hook._judge(hook.groups["no room"], Occurrence(fingerprint="no room", at=hook.now))
    assert [channel for _, channel, _, reason in told(hook) if reason is Reason.CAME_BACK] == [ALARM]


def test_a_clock_that_is_set_back_delays_no_step() -> None:
    hook = team()
    hook.happens("no room")
    hook.now -= 3 * HOUR
    back_at = hook.now
    hook.happens(event(at=hook.now))
    keep_firing(hook, back_at - START + 20 * MINUTE)
    assert [at for at, _, _, reason in told(hook) if reason is Reason.ESCALATED] == [back_at - START + 15 * MINUTE] * 2
