"""From happenings to deliveries: what a webhook, a bot and a server that decides for itself are given."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from timelines import DAY, HOUR, MINUTE, START, Desk, desk, event, raised

from bongsu.alerting.decision import Reason
from bongsu.alerting.group import Phase
from bongsu.event import Kind, Level
from bongsu.messages.message import Note, State, Trouble
from bongsu.pipeline import Policy
from bongsu.routing import ALARM, DEVOPS, Ability

FIRST, BACK, GROWING = Reason.FIRST_SEEN, Reason.CAME_BACK, Reason.GROWING
QUIET, DIGEST, UPDATED = Reason.QUIET, Reason.DIGEST, Reason.UPDATED


def test_a_webhook_gets_follow_ups_and_never_an_update() -> None:
    hook = desk(Ability.POSTS)
    for _ in range(90):
        hook.happens("no room")
        hook.wait(1)
    hook.wait(HOUR)
    assert hook.told() == [
        (0, "post", FIRST, 1),
        (60, "post", GROWING, 60),
        (1_889, "post", QUIET, 90),
    ]


def test_a_bot_edits_one_message_and_tells_growth_in_its_thread() -> None:
    bot = desk(Ability.EDITS)
    bot.happens(raised())
    bot.wait(7)
    bot.happens("no room", 29)
    bot.wait(HOUR)
    assert bot.told() == [
        (0, "post", FIRST, 1),
        (0, "stack", FIRST, 1),
        (7, "edit", UPDATED, 30),
        (60, "edit", GROWING, 30),
        (60, "reply", GROWING, 30),
        (1_807, "edit", QUIET, 30),
        (1_807, "reply", QUIET, 30),
    ]


def test_what_has_no_stack_gets_no_file() -> None:
    bot = desk(Ability.EDITS)
    bot.happens("no room")
    assert bot.told() == [(0, "post", FIRST, 1)]


def test_deliveries_of_one_episode_share_a_key_and_the_next_has_another() -> None:
    hook = desk(Ability.POSTS)
    hook.happens("no room", 10)
    hook.wait(HOUR)
    hook.happens("no room")
    keys = [delivery.key for _, delivery in hook.deliveries]
    assert keys == ["no room/1", "no room/1", "no room/1", "no room/2"]


def test_an_episode_stays_in_its_channel_and_the_next_goes_where_its_event_asks_to() -> None:
    both = Desk(policy=Policy(channels={ALARM: Ability.POSTS, DEVOPS: Ability.POSTS}))
    as_error = event("no room")
    as_warning = replace(as_error, level=Level.WARNING)
    both.happens(as_warning)
    both.happens(as_error, 9)
    both.wait(HOUR)
    both.happens(as_error)
    assert [(delivery.message.reason, delivery.channel) for _, delivery in both.deliveries] == [
        (FIRST, DEVOPS),
        (GROWING, DEVOPS),
        (QUIET, DEVOPS),
        (BACK, ALARM),
    ]


def test_the_message_has_the_facts() -> None:
    hook = desk(Ability.POSTS)
    hook.happens("no room", 3)
    hook.wait(HOUR)
    hook.happens("no room", 12)
    hook.wait(90)
    message = hook.deliveries[-1][1].message
    assert (message.reason, message.step, message.state) == (GROWING, 10, State.FIRING)
    assert (message.count, message.total) == (12, 15)
    assert (message.first_seen_at, message.episode_began_at) == (START, START + HOUR)
    assert (message.last_seen_at, message.at) == (START + HOUR, START + HOUR + 60)


# -- the end that nobody noticed


@pytest.mark.parametrize("ability", [Ability.POSTS, Ability.EDITS])
def test_an_error_after_an_unnoticed_silence_has_come_back(ability: Ability) -> None:
    """A program that runs for seconds each day: nobody ticks between its errors."""
    daily = desk(ability)
    daily.happens("no room", 2)
    daily.now += DAY
    daily.happens("no room")
    assert [(at, reason, count) for at, verb, reason, count in daily.told() if verb != "reply"] == [
        (0, FIRST, 2),
        (DAY, QUIET, 2),
        (DAY, BACK, 1),
    ]


# -- storms


def stormed(ability: Ability, problems: int, seconds: int) -> Desk:
    stormy = desk(ability)
    for number in range(problems):
        stormy.now = START + seconds * number / problems
        stormy.happens(f"problem {number}")
    stormy.now = START + seconds
    return stormy


@pytest.mark.parametrize("ability", [Ability.POSTS, Ability.EDITS])
def test_5_000_distinct_errors_in_a_minute_are_five_messages_and_one_digest(ability: Ability) -> None:
    stormy = stormed(ability, 5_000, 60)
    stormy.wait(25 * MINUTE)
    assert [told[1:3] for told in stormy.told()] == [("post", FIRST)] * 5 + [("post", DIGEST)]
    assert stormy.deliveries[-1][1].message.problems == 4_995
    assert len(stormy.groups) == 5_000


def test_a_digest_names_the_five_most_frequent_and_counts_the_rest() -> None:
    stormy = stormed(Ability.POSTS, 5, 0)
    for number in range(10):
        stormy.happens(f"late {number}", 100 + number)
    stormy.wait(5)
    at, delivery = stormy.deliveries[-1]
    message = delivery.message
    assert (at - START, message.reason, message.problems, message.count) == (5, DIGEST, 10, sum(range(100, 110)))
    assert [(entry.title, entry.count) for entry in message.entries] == [
        (f"late {number}", 100 + number) for number in (9, 8, 7, 6, 5)
    ]


def test_a_fresh_error_is_told_at_once_while_another_one_storms() -> None:
    stormy = desk(Ability.POSTS)
    for _ in range(600):
        stormy.happens("no room", 1_000)
        stormy.wait(1)
    stormy.happens("no key")
    assert stormy.told("no key") == [(600, "post", FIRST, 1)]


def test_what_only_a_digest_told_of_stays_silent_until_it_grows_and_then_has_a_message_of_its_own() -> None:
    stormy = stormed(Ability.EDITS, 5, 0)
    stormy.happens("small")
    stormy.happens("large", 2)
    stormy.wait(10)
    stormy.happens("small")
    stormy.happens("large", 98)
    stormy.wait(2 * HOUR)
    assert stormy.told("small") == []
    assert [told[1:] for told in stormy.told("large")] == [
        ("post", GROWING, 100),
        ("edit", QUIET, 100),
        ("reply", QUIET, 100),
    ]


def test_a_webhooks_growth_beyond_the_budget_goes_into_the_digest_and_its_end_is_told_all_the_same() -> None:
    """Six known problems grow in the same minute."""
    stormy = desk(Ability.POSTS)
    for number in range(6):
        stormy.happens(f"problem {number}")
        stormy.wait(20)
    stormy.wait(10 * MINUTE)
    for number in range(6):
        stormy.happens(f"problem {number}", 9)
    stormy.wait(2 * HOUR)
    reasons = [reason for _, _, reason, _ in stormy.told()]
    assert [reasons.count(reason) for reason in (FIRST, GROWING, DIGEST, QUIET)] == [6, 5, 1, 6]


def test_a_bots_growth_is_in_its_threads_and_needs_no_digest() -> None:
    bot = desk(Ability.EDITS)
    for number in range(6):
        bot.happens(f"problem {number}")
        bot.wait(20)
    for number in range(6):
        bot.happens(f"problem {number}", 9)
    bot.wait(2 * HOUR)
    reasons = [reason for _, verb, reason, _ in bot.told() if verb in ("post", "reply")]
    assert [reasons.count(reason) for reason in (FIRST, GROWING, DIGEST, QUIET)] == [6, 6, 0, 6]


def test_digests_of_two_channels_at_one_destination_do_not_replace_each_other() -> None:
    hook = Desk(policy=Policy(channels={ALARM: Ability.POSTS, DEVOPS: Ability.POSTS}))
    keys = set()
    for channel in (ALARM, DEVOPS):
        hook.deliveries.clear()
        for number in range(6):
            hook.happens(event(f"{channel} {number}", at=hook.now, channel=channel))
        hook.wait(5)
        keys.add(hook.deliveries[-1][1].key)
    assert len(keys) == 2


# -- a server that decides for itself

HISTORIES = st.lists(
    st.tuples(st.sampled_from(["no room", "no key", "no way"]), st.integers(1, 1_000), st.integers(0, 3_000)),
    min_size=1,
    max_size=40,
)


@given(HISTORIES)
def test_it_is_told_of_every_occurrence_exactly_once(history: list[tuple[str, int, int]]) -> None:
    server = desk(Ability.FORWARDS)
    for name, times, pause in history:
        server.happens(name, times)
        server.wait(pause)
    server.wait(HOUR)
    assert {verb for _, verb, _, _ in server.told()} == {"forward"}
    for name in {name for name, _, _ in history}:
        forwarded = [delivery.message for _, delivery in server.deliveries if delivery.key == f"forward/{name}"]
        assert sum(message.count for message in forwarded) == sum(times for told, times, _ in history if told == name)
        assert len({message.event.id for message in forwarded if message.event}) == len(forwarded)


def test_it_gets_storms_unabridged() -> None:
    server = stormed(Ability.FORWARDS, 100, 10)
    server.wait(HOUR)
    assert len(server.told()) == 100


# -- for any history


@pytest.mark.parametrize("ability", [Ability.POSTS, Ability.EDITS])
@settings(max_examples=50)
@given(history=HISTORIES)
def test_the_last_word_on_every_episode_is_its_whole_count(
    ability: Ability, history: list[tuple[str, int, int]]
) -> None:
    told = desk(ability)
    for name, times, pause in history:
        told.happens(name, times)
        told.wait(pause)
    told.wait(HOUR)
    for name in {name for name, _, _ in history}:
        group = told.groups[name]
        ends = [told for told in told.told(name) if told[2] is QUIET and told[1] != "reply"]
        assert group.phase is Phase.QUIET
        assert group.total == sum(times for happened, times, _ in history if happened == name)
        assert sum(count for _, _, _, count in ends) == group.total


# -- records and notes


def test_every_record_is_told_and_none_is_a_problem() -> None:
    hook = desk(Ability.POSTS)
    for number in range(20):
        hook.happens(event(f"deployed {number}", kind=Kind.RECORD))
    assert [told[1:3] for told in hook.told()] == [("post", Reason.RECORD)] * 20
    assert hook.groups == {}
    assert len({delivery.key for _, delivery in hook.deliveries}) == 20


def test_a_record_says_what_was_wrong_with_its_payload() -> None:
    hook = desk(Ability.POSTS)
    hook.happens(replace(event(kind=Kind.RECORD), problem="no text"))
    assert hook.deliveries[0][1].message.notes == (Note(trouble=Trouble.PAYLOAD, detail="no text"),)


def test_a_record_for_a_server_that_decides_is_forwarded() -> None:
    server = desk(Ability.FORWARDS)
    server.happens(event(kind=Kind.RECORD))
    assert server.told() == [(0, "forward", Reason.RECORD, 1)]


def test_what_bongsu_has_to_say_of_itself_stands_in_every_message() -> None:
    note = Note(trouble=Trouble.STATE_DIR, detail="read-only")
    hook = Desk(policy=Policy(channels={ALARM: Ability.POSTS}, notes=(note,)))
    for number in range(7):
        hook.happens(f"problem {number}")
    hook.happens(event("deployed", kind=Kind.RECORD))
    hook.wait(HOUR)
    assert {delivery.message.notes for _, delivery in hook.deliveries} == {(note,)}
