"""Claim, send, settle: what an answer does to a message, and what happens when none comes."""

from dataclasses import replace

import pytest
from office import OK, Post
from samples import EVENT

from bongsu.alerting.decision import Reason
from bongsu.delivery.answer import Answer, Rejected, RetryAfter, Unknown
from bongsu.delivery.reposts import REPOSTS_MAX
from bongsu.delivery.sender import DEAD_PROBE_S, DOUBTFUL_PAUSE_S
from bongsu.messages.delivery import Verb
from bongsu.messages.message import State, Trouble
from bongsu.messages.summary import Summary

HOUR = 3_600.0


# -- one message


def test_a_yes_settles_it_and_the_receipt_serves_what_follows(post: Post) -> None:
    post.enqueue(Verb.POST)
    post.enqueue(Verb.STACK)
    assert [post.step(), post.step(), post.step()] == [0.0, 0.0, None]
    assert [(told.verb, told.receipt) for told in post.told] == [(Verb.POST, None), (Verb.STACK, {"ts": "1.0"})]
    assert post.rows() == []


ANSWERS = [
    # answer, when it is tried again, is it a repeat then?
    (RetryAfter("rate_limited", 30.0), 30.0, False),
    (RetryAfter("refused"), 1.0, False),
    (Unknown("timeout"), 1.0, True),
]


@pytest.mark.parametrize(("answer", "wait_s", "repeat"), ANSWERS)
def test_without_a_yes_it_waits_and_says_repeat_only_when_it_may_have_arrived(
    post: Post, answer: Answer, wait_s: float, repeat: bool
) -> None:
    post.answers = [answer]
    post.enqueue(Verb.POST)
    assert [post.step(), post.step()] == [0.0, wait_s]
    post.work(wait_s)
    assert [told.message.repeat for told in post.told] == [False, repeat]
    assert post.rows() == []


def test_pauses_grow_to_a_minute(post: Post) -> None:
    post.otherwise = RetryAfter("refused")
    post.enqueue(Verb.POST)
    waits = []
    for _ in range(9):
        post.step()
        waits.append(post.step())
        post.clock.advance(waits[-1] or 0.0)
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_repeats_of_what_is_never_answered_are_twelve_an_hour_at_most(post: Post) -> None:
    post.otherwise = Unknown("timeout")
    post.enqueue(Verb.POST)
    post.work(HOUR)
    before = len(post.told)
    post.work(HOUR)
    assert len(post.told) - before <= HOUR / DOUBTFUL_PAUSE_S


@pytest.mark.parametrize("jump", [-10 * HOUR, -60.0])
def test_a_clock_set_back_makes_nobody_wait(post: Post, jump: float) -> None:
    post.sender = post.hire("me", is_paced=True)
    post.answers = [OK, OK, OK, RetryAfter("rate_limited", 3_000.0)]
    for number in range(5):
        post.enqueue(Verb.POST, f"{number}/1")
    post.work(2.0)
    post.clock.jump(jump)
    post.work(10.0)
    assert post.rows() == []


def test_one_message_a_second_after_a_burst_of_three(post: Post) -> None:
    post.sender = post.hire("me", is_paced=True)
    for number in range(6):
        post.enqueue(Verb.POST, f"{number}/1")
    post.work(0.0)
    assert len(post.told) == 3
    post.work(3.0)
    assert len(post.told) == 6


def test_a_layout_that_is_refused_goes_once_more_as_plain_text(post: Post) -> None:
    post.answers = [Rejected("invalid_blocks", plain=True)]
    post.enqueue(Verb.POST)
    post.work()
    assert [told.plain for told in post.told] == [False, True]
    assert post.rows() == []


def test_a_refused_layout_within_a_backlog_costs_no_message(post: Post) -> None:
    """One of them was refused before; the digest of all is another layout."""
    post.answers = [Rejected("invalid_blocks", plain=True), RetryAfter("rate_limited", 400.0)]
    for number in range(5):
        post.enqueue(Verb.POST, f"{number}/1")
    post.work()
    post.clock.advance(400.0)
    post.answers = [Rejected("invalid_blocks", plain=True)]
    post.work()
    assert [told.plain for told in post.told] == [False, True, False, True]
    assert post.rows() == []


def test_what_is_refused_for_good_stays_to_be_looked_at_and_is_said(post: Post) -> None:
    post.otherwise = Rejected("invalid_blocks", plain=True)
    post.enqueue(Verb.POST)
    post.work()
    assert [(row.state, row.word) for row in post.rows()] == [("dead", "invalid_blocks")]
    assert "invalid_blocks" in post.said["rejected alarm invalid_blocks"]


# -- follow-ups


DELETED = Rejected("message_not_found", gone=True)
NEW_NUMBERS = [
    # what was said of it, the state, is it posted anew?
    (DELETED, State.FIRING, True),
    (DELETED, State.ACKNOWLEDGED, False),  # somebody has taken it on, and may have tidied up
    (DELETED, State.SILENCED, False),
    (Rejected("edit_window_closed", gone=True), State.FIRING, False),  # each edit would be a new message
    (Rejected("cant_update_message", gone=True), State.FIRING, False),
]


@pytest.mark.parametrize(("answer", "state", "is_posted"), NEW_NUMBERS)
def test_new_numbers_are_posted_anew_only_where_somebody_deleted_a_message_that_still_counts(
    post: Post, answer: Answer, state: State, is_posted: bool
) -> None:
    post.enqueue(Verb.POST)
    post.work()
    post.answers = [answer]
    post.enqueue(Verb.EDIT, reason=Reason.UPDATED, state=state, count=30)
    post.work()
    assert post.rows() == []
    assert post.verbs()[2:] == [("alarm", "post")] * is_posted


def test_a_message_that_was_deleted_is_posted_once_for_each_time_and_three_times_at_most(post: Post) -> None:
    post.enqueue(Verb.POST)
    post.work()
    for _ in range(5):
        post.answers = [DELETED]
        post.enqueue(Verb.EDIT, reason=Reason.UPDATED)
        post.enqueue(Verb.EDIT, reason=Reason.UPDATED)
        post.work(10.0)
    assert [verb for _, verb in post.verbs()].count("post") == 1 + REPOSTS_MAX
    assert post.rows() == []


def test_an_edit_that_has_more_to_say_than_numbers_is_always_posted_anew(post: Post) -> None:
    post.enqueue(Verb.POST)
    post.work()
    for _ in range(5):
        post.answers = [Rejected("edit_window_closed", gone=True)]
        post.enqueue(Verb.EDIT, reason=Reason.GROWING)
        post.work(10.0)
    assert [verb for _, verb in post.verbs()].count("post") == 6


def test_an_edit_that_is_posted_anew_needs_no_reply_in_its_own_thread(post: Post) -> None:
    post.enqueue(Verb.EDIT, reason=Reason.GROWING)
    post.enqueue(Verb.REPLY, reason=Reason.GROWING)
    post.work()
    assert post.verbs() == [("alarm", "post")]


@pytest.mark.parametrize("verb", [Verb.REPLY, Verb.STACK])
def test_a_nicety_without_its_message_is_dropped(post: Post, verb: Verb) -> None:
    post.enqueue(verb)
    post.work()
    assert (post.told, post.rows()) == ([], [])


def test_a_failed_post_goes_before_what_came_meanwhile(post: Post) -> None:
    def meanwhile() -> Answer:
        post.enqueue(Verb.EDIT, reason=Reason.UPDATED, count=30)
        return RetryAfter("refused")

    post.answers = [meanwhile]
    post.enqueue(Verb.POST)
    post.work(5.0)
    assert [(told.verb, told.message.count) for told in post.told] == [
        (Verb.POST, 1),
        (Verb.POST, 1),
        (Verb.EDIT, 30),
    ]


# -- outages


def test_after_an_hour_without_slack_one_digest_comes_with_the_newest_numbers(post: Post) -> None:
    post.otherwise = RetryAfter("refused")
    for number in range(20):
        post.enqueue(Verb.POST, f"{number}/1", event=replace(EVENT, message=f"problem {number}"))
    post.work(HOUR / 2)
    for number in range(20):
        post.enqueue(Verb.POST, f"{number}/1", event=replace(EVENT, message=f"problem {number}"), count=10 + number)
    post.work(HOUR / 2)
    post.told.clear()
    post.otherwise = OK
    post.work(60.0)
    [told] = post.told
    assert (told.message.reason, told.message.problems) == (Reason.DIGEST, 20)
    assert told.message.count == sum(range(10, 30))
    assert told.message.backlog_s == pytest.approx(HOUR, abs=60)
    assert post.rows() == []


def test_three_old_messages_are_still_read_one_by_one(post: Post) -> None:
    post.otherwise = RetryAfter("refused")
    for number in range(3):
        post.enqueue(Verb.POST, f"{number}/1")
        post.enqueue(Verb.STACK, f"{number}/1")
    post.work(HOUR)
    post.told.clear()
    post.otherwise = OK
    post.work(60.0)
    assert post.verbs() == [("alarm", "post"), ("alarm", "stack")] * 3


def test_what_was_posted_before_the_outage_is_edited_and_not_in_the_digest(post: Post) -> None:
    post.enqueue(Verb.POST, "old/1")
    post.work()
    post.otherwise = RetryAfter("refused")
    post.enqueue(Verb.EDIT, "old/1", reason=Reason.QUIET, state=State.QUIET)
    post.enqueue(Verb.REPLY, "old/1", reason=Reason.QUIET, state=State.QUIET)
    for number in range(4):
        post.enqueue(Verb.POST, f"{number}/1")
    post.work(HOUR)
    post.told.clear()
    post.otherwise = OK
    post.work(60.0)
    assert [(told.verb, told.message.reason) for told in post.told] == [
        (Verb.POST, Reason.DIGEST),
        (Verb.EDIT, Reason.QUIET),
    ]


def test_a_digest_whose_answer_was_lost_says_repeat(post: Post) -> None:
    for number in range(4):
        post.enqueue(Verb.POST, f"{number}/1")
    post.clock.advance(HOUR)
    post.answers = [Unknown("timeout")]
    post.work(60.0)
    assert [told.message.repeat for told in post.told] == [False, True]


def test_what_is_told_in_a_digest_has_no_message_to_be_edited(post: Post) -> None:
    for number in range(4):
        post.enqueue(Verb.POST, f"{number}/1")
    post.clock.advance(HOUR)
    post.work()
    post.enqueue(Verb.EDIT, "0/1", reason=Reason.UPDATED)
    post.enqueue(Verb.EDIT, "1/1", reason=Reason.GROWING)
    post.work()
    assert [(told.verb, told.message.reason) for told in post.told] == [
        (Verb.POST, Reason.DIGEST),
        (Verb.POST, Reason.GROWING),
    ]


def test_a_summary_that_waited_is_told_by_itself_after_the_digest(post: Post) -> None:
    summary = Summary(app="shop", environment="production", host="web-1", since=0.0, checks=1)
    post.enqueue(Verb.POST, "summary/1", reason=Reason.SUMMARY, event=None, summary=summary)
    for number in range(4):
        post.enqueue(Verb.POST, f"{number}/1")
    post.clock.advance(HOUR)
    post.work(60.0)
    assert [(told.message.reason, told.message.problems) for told in post.told] == [
        (Reason.DIGEST, 4),
        (Reason.SUMMARY, 0),
    ]
    assert post.told[1].message.summary == summary
    assert post.rows() == []


def test_each_outage_is_said_after_five_minutes(post: Post) -> None:
    for outage in (1, 2):
        post.otherwise = RetryAfter("refused")
        post.enqueue(Verb.POST)
        post.work(290.0)
        assert len(post.said) == outage - 1
        post.work(120.0)
        assert len(post.said) == outage
        post.otherwise = OK
        post.work(60.0)
    assert all("refused" in sentence for sentence in post.said.values())


# -- dead destinations


def test_what_was_meant_for_a_dead_channel_goes_to_another_with_a_note(post: Post) -> None:
    post.dead = {"alarm"}
    post.enqueue(Verb.POST)
    post.enqueue(Verb.STACK)
    post.work()
    assert post.verbs() == [("alarm", "post"), ("devops", "post")]
    [note] = post.told[-1].message.notes
    assert (note.trouble, note.detail) == (Trouble.FALLBACK, "alarm: channel_is_archived")
    assert "channel_is_archived" in post.said["dead alarm channel_is_archived"]
    assert post.rows() == []


def test_new_numbers_for_a_dead_channel_flood_no_other(post: Post) -> None:
    post.dead = {"alarm"}
    post.enqueue(Verb.POST)
    post.work()
    for count in range(2, 20):
        post.enqueue(Verb.EDIT, reason=Reason.UPDATED, count=count)
        post.work(30.0)
    assert post.verbs() == [("alarm", "post"), ("devops", "post")]


def test_a_problem_that_a_dead_server_never_heard_of_is_told_elsewhere_once_and_its_counts_wait(post: Post) -> None:
    post.dead = {"alarm"}
    for total in (1, 3, 6):
        post.enqueue(Verb.FORWARD, "forward/a", reason=Reason.UPDATED, count=1 if total == 1 else 2, total=total)
        post.work(1.0)
    assert post.verbs() == [("alarm", "forward"), ("devops", "forward")]
    assert [(row.destination, row.message.count) for row in post.rows()] == [("alarm", 4)]


def test_when_all_are_dead_everything_waits_and_is_tried_every_quarter_of_an_hour(post: Post) -> None:
    post.dead = {"alarm", "devops"}
    post.enqueue(Verb.POST)
    post.work(HOUR)
    assert len(post.told) <= 2 * (HOUR / DEAD_PROBE_S + 1)
    post.dead = set()
    post.work(DEAD_PROBE_S)
    assert post.rows() == []


# -- senders that die, and those that live too long


class Died(BaseException):
    """kill -9."""


def die() -> Answer:
    raise Died


def test_who_comes_after_a_dead_sender_says_repeat(post: Post) -> None:
    post.answers = [die]
    post.enqueue(Verb.POST)
    with pytest.raises(Died):
        post.step()
    post.sender = post.hire("next")
    post.work()
    assert [told.message.repeat for told in post.told] == [False, True]
    assert post.rows() == []


def test_a_sender_that_could_not_settle_tries_again_itself(post: Post) -> None:
    post.answers = [die]
    post.enqueue(Verb.POST)
    with pytest.raises(Died):
        post.step()
    post.work()
    assert [told.message.repeat for told in post.told] == [False, True]


def test_without_the_lease_nothing_is_sent(post: Post) -> None:
    post.enqueue(Verb.POST)
    former, post.sender = post.sender, post.hire("next")
    assert former.step(post.store, "alarm") is None
    assert post.told == []


def test_a_slow_sender_does_not_undo_what_its_successor_did(post: Post) -> None:
    def overtaken() -> Answer:
        post.sender = post.hire("next")
        post.work()
        return RetryAfter("refused")

    post.answers = [overtaken]
    post.enqueue(Verb.POST)
    post.step()
    assert post.rows() == []
    assert [told.message.repeat for told in post.told] == [False, True]
