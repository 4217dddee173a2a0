"""What is counted and not told for a while; and that the end of a silence is told where the trouble goes on."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from timelines import HOUR, MINUTE, START, Desk, desk, event

from bongsu.alerting.decision import Reason
from bongsu.cli.silence import _table
from bongsu.event import Event
from bongsu.messages.message import State
from bongsu.routing import Ability, silences
from bongsu.routing.silences import Silence

TWO_HOURS = Silence(id="s1", at=START, until=START + 2 * HOUR, why="known")


def silenced(ability: Ability, silence: Silence = TWO_HOURS) -> Desk:
    quiet = desk(ability)
    quiet.policy = replace(quiet.policy, silences=(silence,))
    return quiet


def every(minutes: int, at: Desk, *, until: float) -> None:
    while at.now < START + until:
        at.happens("no room")
        at.wait(minutes * MINUTE)


@pytest.mark.parametrize("ability", [Ability.POSTS, Ability.EDITS])
def test_what_is_silenced_is_counted_and_not_told(ability: Ability) -> None:
    quiet = silenced(ability)
    every(10, quiet, until=HOUR)
    assert quiet.told() == []
    assert quiet.groups["no room"].count == 6


def test_its_end_is_told_when_the_trouble_is_still_there() -> None:
    quiet = silenced(Ability.POSTS)
    every(10, quiet, until=3 * HOUR)
    assert quiet.told() == [(2 * HOUR, "post", Reason.SILENCE_ENDED, 12)]


def test_its_end_is_not_told_when_the_trouble_is_over() -> None:
    quiet = silenced(Ability.POSTS)
    quiet.happens("no room")
    quiet.wait(5 * HOUR)
    assert quiet.told() == []
    quiet.happens("no room")
    assert quiet.told() == [(5 * HOUR, "post", Reason.CAME_BACK, 1)]


def test_a_message_that_stands_turns_grey_and_red_again() -> None:
    bot = desk(Ability.EDITS)
    bot.happens("no room")
    bot.wait(MINUTE)
    bot.policy = replace(bot.policy, silences=(replace(TWO_HOURS, at=bot.now, until=bot.now + HOUR),))
    every(10, bot, until=2 * HOUR)
    told = [(at - START, sent.verb.value, sent.message.state, sent.message.reason) for at, sent in bot.deliveries]
    assert told[0] == (0, "post", State.FIRING, Reason.FIRST_SEEN)
    during = [each for each in told if MINUTE <= each[0] < HOUR + MINUTE]
    assert {(verb, state, reason) for _, verb, state, reason in during} == {("edit", State.SILENCED, Reason.UPDATED)}
    assert (HOUR + MINUTE, "reply", State.FIRING, Reason.SILENCE_ENDED) in told


def test_an_episode_that_ends_in_a_silence_ends_without_a_word_and_the_message_turns_green() -> None:
    bot = desk(Ability.EDITS)
    bot.happens("no room")
    bot.policy = replace(bot.policy, silences=(TWO_HOURS,))
    bot.wait(HOUR)
    assert [(sent.verb.value, sent.message.state) for _, sent in bot.deliveries][-1] == ("edit", State.QUIET)


def test_it_ends_after_so_many_are_held_back() -> None:
    few = replace(TWO_HOURS, until_count=3)
    assert silences.is_in_force(replace(few, held=2), event(), START + 1)
    assert not silences.is_in_force(replace(few, held=3), event(), START + 1)


def test_it_ends_with_another_release() -> None:
    quiet = silenced(Ability.POSTS, replace(TWO_HOURS, until_release="v1"))
    quiet.happens(replace(event(), release="v1"))
    quiet.happens(replace(event(), release="v2"))
    assert [reason for _, _, reason, _ in quiet.told()] == [Reason.SILENCE_ENDED]


def test_servers_with_two_releases_in_turn_are_told_of_once() -> None:
    quiet = silenced(Ability.POSTS, replace(TWO_HOURS, until_release="v1"))
    for number in range(20):
        quiet.happens(replace(event(at=quiet.now), release=f"v{1 + number % 2}"))
        quiet.wait(MINUTE)
    assert [reason for _, _, reason, _ in quiet.told()].count(Reason.SILENCE_ENDED) == 1


def test_foreign_words_cannot_steer_the_terminal_that_lists_them() -> None:
    rude = replace(TWO_HOURS, why="\x1b]0;owned\x07first\nsecond", by="\x1b[31mkim", group="\x9b2J")
    assert [line.split() for line in _table([rude], START, None)][1][-3:] == ["first", "second", "kim"]
    assert not any("\x1b" in line or "\x9b" in line for line in _table([rude], START, None))


def test_a_clock_that_is_set_back_before_its_begin_ends_it() -> None:
    assert not silences.is_in_force(TWO_HOURS, event(), START - 1)


MEANT: list[tuple[Mapping[str, Any], bool]] = [
    ({}, True),
    ({"group": "no ro"}, True),
    ({"group": "other"}, False),
    ({"when": {"app": ("check*",)}}, True),
    ({"when": {"app": ("check*",), "environment": ("staging",)}}, False),
    ({"when": {"tag.team": ("login",)}}, False),
]


@pytest.mark.parametrize(("given_silence", "is_meant"), MEANT)
def test_who_is_meant(given_silence: Mapping[str, Any], is_meant: bool) -> None:
    silence = replace(TWO_HOURS, **given_silence)
    assert (silences.holding([silence], "no room", event(), START + 1) is silence) is is_meant


def test_of_several_the_longest_counts() -> None:
    longer = replace(TWO_HOURS, id="s2", until=START + 3 * HOUR)
    assert silences.holding([longer, TWO_HOURS], "x", event(), START + 1) is longer


def test_a_silence_is_kept_as_json() -> None:
    kept = replace(TWO_HOURS, when={"app": ("a", "b")}, until_count=5)
    assert silences.from_json(silences.to_json(kept), held=7) == replace(kept, held=7)


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 40 * MINUTE), st.integers(1, 30)), max_size=30),
    st.integers(0, 4 * HOUR),
    st.integers(0, 4 * HOUR),
    st.sampled_from(["a", "", "b"]),
)
def test_no_problem_stays_silenced_for_ever_and_none_is_told_to_be_more_than_it_was(
    history: list[tuple[str, int, int]], begins: int, lasts: int, name: str
) -> None:
    hook = desk(Ability.POSTS)
    silence = Silence(id="s", at=START + begins, until=START + begins + lasts, why="w", group=name)
    hook.policy = replace(hook.policy, silences=(silence,))
    for problem, gap, times in history:
        hook.wait(gap)
        hook.happens(problem, times)
    hook.wait(8 * HOUR)
    assert not any(group.silence for group in hook.groups.values())
    told: dict[str, int] = {}
    for _, sent in hook.deliveries:
        happened: Event | None = sent.message.event
        if happened is not None:
            told[happened.message] = max(told.get(happened.message, 0), sent.message.total)
    for problem, group in hook.groups.items():
        was_told_last = told.get(problem, 0)
        assert was_told_last <= group.total
