"""A channel that cannot be reached: another is told instead, each message once, and nothing is lost."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from random import Random

import pytest
from office import OK, Post
from samples import EVENT

from bongsu.alerting.decision import Reason
from bongsu.delivery.answer import Answer, Rejected, RetryAfter, Unknown
from bongsu.delivery.deliver import Deliver
from bongsu.delivery.fallback import is_unreachable
from bongsu.messages.delivery import Verb
from bongsu.messages.message import Note, Trouble
from bongsu.messages.summary import Summary
from bongsu.store import Line

AFTER_S = 300.0
HOUR = 3_600.0
DOWN = RetryAfter("refused")
DEAD = Rejected("channel_is_archived", dead=True)
CHANNELS = ("alarm", "devops", "backup")


@pytest.fixture
def post() -> Iterator[Post]:
    office = Post(channels=CHANNELS, deliver=Deliver(fallback="backup", fallback_after_s=AFTER_S), look_s=1.0)
    yield office
    office.store.close()


def told_in(post: Post, channel: str) -> list[tuple[Reason, str]]:
    """What a channel took."""
    return [
        (told.message.reason, told.message.event.message if told.message.event else "")
        for told in post.told
        if told.channel == channel
    ]


def problem(post: Post, number: int, verb: Verb = Verb.POST, **facts: object) -> None:
    post.enqueue(verb, f"{number}/1", event=replace(EVENT, message=f"problem {number}"), **facts)


UNREACHABLE = [
    # down since, dead, now, is it?
    (None, None, 1_000.0, False),
    (100.0, None, 399.0, False),
    (100.0, None, 400.0, True),
    (100.0, "channel_is_archived", 400.0, False),  # that is another rule
    (900.0, None, 400.0, False),  # the clock was put back
]


@pytest.mark.parametrize(("down_since", "dead", "now", "expected"), UNREACHABLE)
def test_a_destination_is_unreachable_when_it_has_failed_for_that_long(
    down_since: float | None, dead: str | None, now: float, expected: bool
) -> None:
    line = Line(destination="alarm", channel="alarm", down_since=down_since, dead_word=dead)
    assert is_unreachable(line, now, AFTER_S) is expected


@pytest.mark.parametrize("trouble", [DOWN, Unknown("timeout"), RetryAfter("rate_limited", 3_000.0)])
def test_after_five_minutes_the_fallback_is_told_with_a_note_and_not_before(post: Post, trouble: Answer) -> None:
    post.answers_of = {"alarm": trouble}
    problem(post, 1)
    post.work(AFTER_S - 5.0)
    assert told_in(post, "backup") == []
    post.work(70.0)  # the pause between two attempts is a minute
    assert told_in(post, "backup") == [(Reason.FIRST_SEEN, "problem 1")]
    [note] = post.told[-1].message.notes
    assert note == Note(trouble=Trouble.FALLBACK, detail=f"alarm: {trouble.word}")
    assert post.rows() == []


def test_what_the_fallback_was_told_is_not_sent_again_when_the_first_is_back(post: Post) -> None:
    post.answers_of = {"alarm": DOWN}
    problem(post, 1)
    post.work(HOUR)
    post.clock.advance(HOUR)
    post.told.clear()
    post.answers_of = {}
    problem(post, 2)
    post.work(120.0)
    assert (told_in(post, "alarm"), told_in(post, "backup")) == ([(Reason.FIRST_SEEN, "problem 2")], [])


def test_what_is_told_first_by_its_own_channel_is_never_told_by_the_fallback(post: Post) -> None:
    post.answers_of = {"alarm": DOWN, "backup": DOWN}
    problem(post, 1)
    post.work(HOUR)
    post.told.clear()
    post.answers_of = {"backup": DOWN}
    post.work(120.0)
    post.answers_of = {}
    post.work(HOUR)
    assert told_in(post, "alarm") == [(Reason.FIRST_SEEN, "problem 1")]
    assert [each for each in post.told if each.channel == "backup" and each.message.event] == []


def test_many_that_waited_are_one_digest_in_the_fallback(post: Post) -> None:
    post.answers_of = {"alarm": DOWN}
    for number in range(20):
        problem(post, number)
    post.work(AFTER_S + 70.0)
    [told] = [told for told in post.told if told.channel == "backup"]
    assert (told.message.reason, told.message.problems) == (Reason.DIGEST, 20)
    assert [note.trouble for note in told.message.notes] == [Trouble.FALLBACK]
    assert post.rows() == []


def test_a_server_that_stands_in_is_told_each_problem_and_never_a_digest(post: Post) -> None:
    post.servers = frozenset({"backup"})
    post.sender = post.hire("me")
    post.answers_of = {"alarm": DOWN}
    for number in range(20):
        problem(post, number)
    post.work(AFTER_S + 70.0)
    assert len(told_in(post, "backup")) == 20
    assert post.rows() == []


def test_a_server_that_takes_over_from_a_dead_channel_is_told_each_problem_that_waited(post: Post) -> None:
    post.deliver, post.servers = Deliver(fallback="backup", fallback_after_s=24 * HOUR), frozenset({"backup"})
    post.sender = post.hire("me")
    post.answers_of = {"alarm": DOWN}
    for number in range(20):
        problem(post, number)
    post.work(HOUR)
    post.answers_of = {"alarm": DEAD}
    post.work(HOUR)
    assert len(told_in(post, "backup")) == 20
    assert post.rows() == []


def test_a_summary_waits_for_its_own_channel(post: Post) -> None:
    summary = Summary(app="shop", environment="production", host="web-1", since=0.0, checks=1)
    post.answers_of = {"alarm": DOWN}
    post.enqueue(Verb.POST, "summary/1", reason=Reason.SUMMARY, event=None, summary=summary)
    post.work(HOUR)
    assert [told for told in post.told if told.channel == "backup"] == []
    post.answers_of = {}
    post.work(120.0)
    assert post.rows() == []


def test_during_a_long_outage_new_problems_reach_the_fallback_within_seconds(post: Post) -> None:
    post.answers_of = {"alarm": DOWN}
    problem(post, 1)
    post.work(AFTER_S + 70.0)
    problem(post, 2)
    post.work(10.0)
    assert told_in(post, "backup") == [(Reason.FIRST_SEEN, "problem 1"), (Reason.FIRST_SEEN, "problem 2")]


def test_what_people_have_seen_is_edited_when_it_can_be_and_its_growth_is_told_meanwhile(post: Post) -> None:
    problem(post, 1)
    post.work()
    post.answers_of = {"alarm": DOWN}
    for verb in (Verb.EDIT, Verb.REPLY):
        problem(post, 1, verb, reason=Reason.GROWING, count=100)
    post.work(AFTER_S + 70.0)
    assert told_in(post, "backup") == [(Reason.GROWING, "problem 1")]
    post.told.clear()
    post.answers_of = {}
    post.work(60.0)
    assert post.verbs() == [("alarm", "edit")]
    assert post.rows() == []


@pytest.mark.parametrize("verb", [Verb.POST, Verb.EDIT])
def test_growth_of_what_nobody_has_seen_is_told_with_it_and_not_beside_it(post: Post, verb: Verb) -> None:
    post.answers_of = {"alarm": DOWN}
    for each in (verb, Verb.REPLY, Verb.STACK):
        problem(post, 1, each, reason=Reason.GROWING, count=100)
    post.work(HOUR)
    assert told_in(post, "backup") == [(Reason.GROWING, "problem 1")]
    assert post.rows() == []


def test_a_server_that_counts_gets_everything_when_it_is_back_and_people_hear_of_it_once(post: Post) -> None:
    post.answers_of = {"alarm": DOWN}
    for total in (1, 3, 6):
        problem(post, 1, Verb.FORWARD, reason=Reason.UPDATED, count=1 if total == 1 else total // 2, total=total)
        post.work(AFTER_S + 70.0)
    assert told_in(post, "backup") == [(Reason.UPDATED, "problem 1")]
    post.told.clear()
    post.answers_of = {}
    post.work(60.0)
    assert sum(told.message.count for told in post.told if told.channel == "alarm") == 1 + 1 + 3
    assert [told for told in post.told if told.channel == "backup"] == []
    assert post.rows() == []


def test_each_outage_of_a_server_that_counts_is_told_anew(post: Post) -> None:
    for _ in range(2):
        post.answers_of = {"alarm": DOWN}
        problem(post, 1, Verb.FORWARD)
        post.work(AFTER_S + 70.0)
        post.answers_of = {}
        post.work(60.0)
    assert len(told_in(post, "backup")) == 2
    assert post.rows() == []


def test_a_dead_channel_turns_to_the_fallback_at_once_and_before_all_others(post: Post) -> None:
    post.answers_of = {"alarm": DEAD}
    problem(post, 1)
    post.work()
    assert post.verbs() == [("alarm", "post"), ("backup", "post")]


def test_when_the_fallback_is_dead_too_another_that_lives_is_told(post: Post) -> None:
    post.answers_of = {"alarm": DEAD, "backup": DEAD}
    problem(post, 1)
    post.work(5.0)
    assert post.verbs() == [("alarm", "post"), ("backup", "post"), ("devops", "post")]
    assert post.rows() == []


@pytest.mark.parametrize("trouble", [DOWN, DEAD, Unknown("timeout")])
def test_a_fallback_that_fails_falls_back_nowhere_and_keeps_nothing(post: Post, trouble: Answer) -> None:
    post.answers_of = {"alarm": DOWN, "backup": trouble}
    problem(post, 1)
    post.work(HOUR)
    assert told_in(post, "devops") == []
    assert [row.destination for row in post.rows()] == ["alarm"]
    post.answers_of = {}
    post.work(HOUR / 2)
    assert post.rows() == []


def test_an_unreachable_fallback_keeps_its_own_messages(post: Post) -> None:
    post.answers_of = {"backup": DOWN}
    post.enqueue(Verb.POST, to="backup")
    post.work(HOUR)
    assert {told.channel for told in post.told} == {"backup"}
    assert [row.destination for row in post.rows()] == ["backup"]


def test_a_message_that_the_fallback_refuses_waits_for_its_own_channel(post: Post) -> None:
    post.answers_of = {"alarm": DOWN, "backup": Rejected("too_large")}
    problem(post, 1)
    post.work(HOUR)
    assert len(told_in(post, "backup")) == 1
    post.answers_of = {}
    post.told.clear()
    post.work(120.0)
    assert told_in(post, "alarm") == [(Reason.FIRST_SEEN, "problem 1")]
    assert post.rows() == []


def test_a_layout_that_the_fallback_refuses_is_told_there_as_plain_text(post: Post) -> None:
    post.answers_of = {"alarm": DOWN}
    problem(post, 1)
    post.work(AFTER_S - 10.0)
    post.answers_of = {"alarm": DOWN, "backup": Rejected("invalid_blocks", plain=True)}
    post.work(70.0)
    assert [told.plain for told in post.told if told.channel == "backup"][:2] == [False, True]


def test_what_may_have_arrived_says_so_in_the_fallback(post: Post) -> None:
    post.answers_of = {"alarm": Unknown("timeout")}
    problem(post, 1)
    post.work(AFTER_S + 70.0)
    assert post.told[-1].channel == "backup"
    assert post.told[-1].message.repeat


def test_what_is_said_of_the_outage_names_the_channel_that_is_told(post: Post) -> None:
    post.answers_of = {"alarm": DOWN}
    for seconds in (AFTER_S + 70.0, 70.0):
        problem(post, 1)
        post.work(seconds)
        post.clock.advance(70.0)
    [sentence] = post.said.values()
    assert sentence.endswith("sent when it is back. Channel backup is told meanwhile.")


def test_what_is_said_of_the_outage_names_no_fallback_that_is_dead(post: Post) -> None:
    post.answers_of, post.dead = {"alarm": DOWN}, {"backup"}
    post.enqueue(Verb.POST, "0/1", to="backup")
    problem(post, 1)
    post.work(AFTER_S + 70.0)
    assert post.said[next(key for key in post.said if key.startswith("down"))].endswith("sent when it is back.")


def test_without_a_fallback_everything_waits(post: Post) -> None:
    post.deliver = Deliver()
    post.sender = post.hire("me")
    post.answers_of = {"alarm": DOWN}
    problem(post, 1)
    post.work(HOUR)
    assert {told.channel for told in post.told} == {"alarm"}


def test_a_fallback_at_the_same_address_is_none(post: Post) -> None:
    post.deliver = Deliver(fallback="alarm")
    post.sender = post.hire("me")
    post.answers_of = {"alarm": DOWN}
    problem(post, 1)
    post.work(HOUR)
    assert {told.channel for told in post.told} == {"alarm"}


# -- histories


class Died(BaseException):
    """kill -9."""


PROBLEMS = 30
FATES: list[Answer | None] = [DOWN, Unknown("timeout"), Unknown("gateway: 502"), RetryAfter("rate_limited", 30.0), None]


@dataclass
class History:
    """One seeded history of outages of the channel and its fallback, answers that are lost, and senders that die."""

    seed: int
    shown: Counter[str] = field(default_factory=Counter)  # by key: how often people saw it
    silent: Counter[str] = field(default_factory=Counter)  # how often without "(repeat)"
    doubts: Counter[str] = field(default_factory=Counter)  # how often the sender could not know that they did
    moods: dict[str, float] = field(default_factory=lambda: dict.fromkeys(CHANNELS, 0.0))  # how often each fails
    asked: int = 0

    def __post_init__(self) -> None:
        self.dice = Random(self.seed)
        self.post = Post(channels=CHANNELS, deliver=Deliver(fallback="backup", fallback_after_s=AFTER_S), look_s=1.0)
        self.post.otherwise = OK

    def live(self) -> None:
        for number in range(PROBLEMS):
            if self.dice.random() < 0.3:
                self.moods = {name: self.dice.choice([0.0, 0.3, 1.0, 1.0]) for name in ("alarm", "backup")}
            problem(self.post, number)
            self._work(self.dice.choice([0.0, 5.0, 60.0, 400.0]))
        self.moods = {}
        self._work(HOUR)

    def _work(self, seconds: float) -> None:
        until = self.post.clock.now() + seconds
        while True:
            for name in CHANNELS:
                while self._step(name) == 0.0:
                    pass
            if self.post.clock.now() >= until:
                return
            self.post.clock.advance(min(5.0, until - self.post.clock.now()))

    def _step(self, name: str) -> float | None:
        self.post.answers = [self._answer]
        try:
            return self.post.step(name)
        except Died:
            self.post.sender = self.post.hire(f"next {self.asked}")
            return 0.0

    def _answer(self) -> Answer:
        self.asked += 1
        told = self.post.told[-1]
        fails = self.dice.random() < self.moods.get(told.channel, 0.0)
        fate = self.dice.choice(FATES) if fails else OK
        arrives = fate in (OK, None) or (isinstance(fate, Unknown) and self.dice.random() < 0.5)
        if arrives:
            self._show(in_doubt=fate != OK)
        if fate is None:
            raise Died
        return fate

    def _show(self, *, in_doubt: bool) -> None:
        """People see what is being sent: one message, or all that a digest is made of."""
        for key in {row.key for row in self.post.rows() if row.state == "sending"}:
            self.shown[key] += 1
            self.silent[key] += not self.post.told[-1].message.repeat
            self.doubts[key] += in_doubt


@pytest.mark.parametrize("seed", range(120))
def test_nothing_is_lost_and_nothing_is_told_twice_that_was_not_in_doubt(seed: int) -> None:
    history = History(seed)
    history.live()
    assert history.post.rows() == []
    assert set(history.shown) == {f"{number}/1" for number in range(PROBLEMS)}, "lost"
    for key, times in history.shown.items():
        assert times <= 1 + history.doubts[key], f"{key} was told {times} times"
        assert history.silent[key] <= 1, f"a repeat of {key} that does not say so"
    history.post.store.close()


def test_the_histories_are_full_of_stand_ins() -> None:
    states = Counter[str]()
    for seed in range(20):
        history = History(seed)
        history.live()
        states.update(told.channel for told in history.post.told)
        states["notes"] += sum(bool(told.message.notes) for told in history.post.told)
        history.post.store.close()
    assert states["backup"] > 50
    assert states["notes"] > 50
