"""Problems with a shared cause are told as one: the first alone and at once, those after it in one digest."""

from dataclasses import replace
from datetime import time

import pytest
from cards import ENGLISH, KOREAN
from hypothesis import given
from hypothesis import strategies as st
from timelines import HOUR, MINUTE, SCHEDULE, START, Desk, desk, event

from bongsu.alerting import storm as storms
from bongsu.alerting.causes import CAUSES_MAX, Cause, CauseKind
from bongsu.alerting.decision import Reason
from bongsu.alerting.deploys import Deploy
from bongsu.alerting.storm import Storm
from bongsu.event import CapturedException, Event, Finding, Kind, Level, Problem, Relation
from bongsu.messages import sentences, text
from bongsu.messages.message import Entry, Message, State, from_json, to_json
from bongsu.pipeline import Policy
from bongsu.routing import ALARM, Ability
from bongsu.routing.quiet_hours import QuietHours

ABILITIES = [Ability.POSTS, Ability.EDITS]


def refused(name: str, by: str = "db:5432", *, at: float = START, level: Level = Level.ERROR) -> Event:
    """One endpoint's own error, which grew out of a connection that was refused."""
    own = CapturedException(type="Failed", module="rooms", message=name)
    cause = CapturedException(
        type="ConnectionRefusedError",
        module="builtins",
        message=f"Error connecting to {by}",
        relation=Relation.CAUSE,
    )
    return replace(event(name, at=at), kind=Kind.EXCEPTION, level=level, exceptions=(own, cause))


def at_once(stormy: Desk, *happened: Event | str) -> None:
    for each in happened:
        stormy.happens(each)


def told(stormy: Desk) -> list[tuple[float, str]]:
    """When, and the name of the problem; of a digest its title, without what Bongsu follows up."""
    return [
        (at - START, sent.message.event.message if sent.message.event else sentences.title(sent.message, ENGLISH))
        for at, sent in stormy.deliveries
        if sent.verb.value == "post" and sent.message.reason is not Reason.QUIET
    ]


DB = "ConnectionRefusedError db:5432"


@pytest.mark.parametrize("ability", ABILITIES)
def test_the_first_is_told_at_once_and_those_after_it_together(ability: Ability) -> None:
    stormy = desk(ability)
    at_once(stormy, *(refused(f"/{number}") for number in range(4)))
    stormy.wait(HOUR)
    assert told(stormy) == [(0, "/0"), (5, f"3 problems with one cause: {DB}")]


def test_a_digest_of_one_reads_well() -> None:
    stormy = desk(Ability.POSTS)
    at_once(stormy, refused("/a"), refused("/b"))
    stormy.wait(HOUR)
    assert told(stormy) == [(0, "/a"), (5, f"1 problem with the same cause as before: {DB}")]


@pytest.mark.parametrize("ability", ABILITIES)
def test_a_storm_of_3_000_with_one_cause_is_one_message_and_a_digest_that_counts_them(ability: Ability) -> None:
    stormy = desk(ability)
    for number in range(3_000):
        stormy.now = START + number / 100
        stormy.happens(refused(f"/{number}", at=stormy.now), times=1 + number % 3)
    stormy.wait(20 * MINUTE)
    assert [name for _, name in told(stormy)] == ["/0", f"2 999 problems with one cause: {DB}"]
    digest = stormy.deliveries[-1][1].message
    assert 1 + digest.count == sum(1 + number % 3 for number in range(3_000))
    assert len(digest.entries) == 5
    assert sentences.reason(digest, ENGLISH) == "×5 999 within a second, since 16:33:20"


def test_one_every_few_seconds_is_a_digest_a_minute() -> None:
    stormy = desk(Ability.POSTS)
    for number in range(30):
        stormy.happens(refused(f"/{number}", at=stormy.now))
        stormy.wait(10)
    stormy.wait(10 * MINUTE)
    counted = [sent.message.problems for _, sent in stormy.deliveries if sent.message.reason is Reason.DIGEST]
    assert sum(counted) == 29
    assert len(counted) <= 6


@pytest.mark.parametrize("ability", ABILITIES)
def test_their_growth_is_told_together_too(ability: Ability) -> None:
    stormy = desk(ability)
    at_once(stormy, *(refused(f"/{number}") for number in range(40)))
    for number in range(40):
        stormy.happens(refused(f"/{number}"), times=20)
    stormy.wait(5 * MINUTE)
    names = [name for _, name in told(stormy)]
    assert set(names) == {"/0", f"39 problems with one cause: {DB}"}
    assert len(names) <= 4


def test_after_a_calm_window_the_first_is_told_at_once_again() -> None:
    stormy = desk(Ability.POSTS)
    for name in ("/a", "/b"):
        stormy.happens(refused(name, at=stormy.now))
        stormy.wait(SCHEDULE.storm_window_s + 1)
    assert told(stormy) == [(0, "/a"), (61, "/b")]


def test_of_two_causes_at_once_each_has_its_first_message() -> None:
    stormy = desk(Ability.POSTS)
    for number in range(4):
        at_once(stormy, refused(f"/{number}"), refused(f"/pay/{number}", "pay:443"))
    stormy.wait(MINUTE)
    assert told(stormy) == [(0, "/0"), (0, "/pay/0"), (5, "6 different problems at once: top 5 and +1 more")]
    digest = stormy.deliveries[-1][1].message
    assert sentences.reason(digest, ENGLISH).startswith("3 of them have one cause: ConnectionRefusedError ")


def test_what_has_another_cause_is_told_at_once_while_a_digest_is_open() -> None:
    stormy = desk(Ability.POSTS)
    at_once(stormy, refused("/a"), refused("/b"), "no room")
    assert told(stormy) == [(0, "/a"), (0, "no room")]


def test_a_digest_of_a_cause_that_a_storm_joins_is_that_of_the_storm_until_it_closes() -> None:
    stormy = desk(Ability.POSTS)
    at_once(stormy, refused("/a"), refused("/b"), *(f"problem {number}" for number in range(6)))
    for number in range(6):
        stormy.wait(4)
        stormy.happens(event(f"later {number}", at=stormy.now))
    alone = [name for _, name in told(stormy)]
    assert alone == ["/a", *(f"problem {number}" for number in range(4))]


def test_what_is_worse_than_all_that_was_told_of_the_cause_has_its_own_message() -> None:
    stormy = desk(Ability.POSTS)
    levels = [Level.WARNING, Level.WARNING, Level.ERROR, Level.ERROR, Level.WARNING, Level.FATAL, Level.FATAL]
    at_once(stormy, *(refused(f"/{at}", level=level) for at, level in enumerate(levels)))
    stormy.wait(MINUTE)
    assert told(stormy) == [
        *[(0, name) for name in ("/0", "/2", "/5", "/6")],
        (5, f"3 problems with one cause: {DB}"),
    ]


def test_what_is_the_first_of_its_cause_shares_nothing_though_it_is_alone_in_its_digest() -> None:
    stormy = desk(Ability.POSTS)
    at_once(stormy, *(f"problem {number}" for number in range(5)), refused("/a"))
    stormy.wait(MINUTE)
    digest = stormy.deliveries[-1][1].message
    assert (digest.problems, digest.cause) == (1, None)


def test_what_an_open_digest_shares_is_not_forgotten_over_many_other_causes() -> None:
    stormy = desk(Ability.POSTS)
    for number in range(80):
        stormy.happens(refused(f"/{number}"), times=2)
    for number in range(2 * CAUSES_MAX):
        stormy.now += 0.01
        at_once(stormy, refused(f"/{number}/other", f"host-{number}:80", at=stormy.now))
    stormy.wait(MINUTE)
    digest = stormy.deliveries[-1][1].message
    assert digest.cause is not None
    assert (digest.cause.text, digest.cause.problems) == (DB, 79)


def test_beyond_the_budget_a_shared_cause_is_told_of_a_part() -> None:
    stormy = desk(Ability.POSTS)
    at_once(stormy, *(f"problem {number}" for number in range(7)), *(refused(f"/{number}") for number in range(3)))
    stormy.wait(MINUTE)
    digest = stormy.deliveries[-1][1].message
    assert digest.problems == 5
    assert sentences.reason(digest, ENGLISH).startswith(f"3 of them have one cause: {DB} · ")
    assert sentences.reason(digest, KOREAN).startswith(f"이 중 3건은 원인이 같습니다: {DB} · ")


def test_a_digest_counts_its_own_problems_alone() -> None:
    stormy = desk(Ability.POSTS)
    at_once(stormy, *(refused(f"/{number}") for number in range(9)))
    stormy.wait(10)
    stormy.happens(refused("/late"), times=9)
    at_once(stormy, *(f"problem {number}" for number in range(9)))
    stormy.wait(MINUTE)
    assert told(stormy)[-1] == (65, "6 different problems at once: top 5 and +1 more")
    assert stormy.deliveries[-1][1].message.cause is None


def test_at_night_what_is_told_at_once_does_not_wake_the_digest_that_waits_for_the_morning() -> None:
    night = QuietHours(begin=time(0), end=time(23, 59), push=Level.ERROR)
    stormy = Desk(policy=Policy(channels={ALARM: Ability.POSTS}, quiet_hours=night))
    at_once(stormy, refused("/asleep", level=Level.WARNING), refused("/a"), refused("/b"), refused("/c"))
    stormy.wait(5 * MINUTE)
    assert told(stormy) == [(0, "/a"), (0, "/b"), (0, "/c")]


def test_what_was_held_back_at_night_says_in_the_morning_what_it_shares() -> None:
    night = QuietHours(begin=time(0), end=time(23, 59))
    stormy = Desk(policy=Policy(channels={ALARM: Ability.POSTS}, quiet_hours=night))
    for number in range(4):
        stormy.happens(refused(f"/{number}", at=stormy.now))
        stormy.wait(10 * MINUTE)
    stormy.wait(24 * HOUR)
    assert [name for _, name in told(stormy)] == [f"4 problems with one cause: {DB}"]


def test_a_problem_that_flaps_all_night_counts_once_for_its_cause() -> None:
    night = QuietHours(begin=time(0), end=time(23, 59))
    stormy = Desk(policy=Policy(channels={ALARM: Ability.POSTS}, quiet_hours=night))
    at_once(stormy, *(f"problem {number}" for number in range(5)))
    for _ in range(6):
        stormy.happens(refused("/a", at=stormy.now))
        stormy.wait(40 * MINUTE)
    stormy.wait(24 * HOUR)
    assert [name for _, name in told(stormy)] == ["6 different problems at once: top 5 and +1 more"]
    assert [sent.message.cause for _, sent in stormy.deliveries] == [None]


def test_what_a_release_brought_is_told_together_from_the_third_on() -> None:
    policy = Policy(channels={ALARM: Ability.POSTS}, deploys=(Deploy(release="v1.4.2", at=START - 2 * MINUTE),))
    stormy = Desk(policy=policy)
    at_once(stormy, "a", "b", "c", "d")
    stormy.wait(MINUTE)
    assert told(stormy) == [
        (0, "a"),
        (0, "b"),
        (5, "2 problems since release v1.4.2 (deployed 2 min before)"),
    ]


def test_what_a_host_has_is_told_together_where_several_are_known() -> None:
    stormy = desk(Ability.POSTS)
    at_once(stormy, replace(event("elsewhere"), host="web-1"))
    at_once(stormy, *(replace(event(f"problem {number}"), host="web-3") for number in range(4)))
    stormy.wait(MINUTE)
    assert told(stormy)[3:] == [(5, "2 problems, all on host web-3")]


def test_on_the_only_host_problems_have_their_own_messages() -> None:
    stormy = desk(Ability.POSTS)
    at_once(stormy, *(replace(event(f"problem {number}"), host="web-1") for number in range(4)))
    assert len(told(stormy)) == 4


HISTORIES = st.lists(
    st.tuples(st.sampled_from(["db:1", "pay:2", ""]), st.sampled_from(Level), st.integers(0, 40), st.integers(1, 9)),
    max_size=60,
)


@pytest.mark.parametrize("ability", ABILITIES)
@given(history=HISTORIES)
def test_every_problem_is_told_once_within_a_minute_alone_or_in_a_digest(
    ability: Ability, history: list[tuple[str, Level, int, int]]
) -> None:
    stormy = desk(ability)
    for number, (by, level, pause, times) in enumerate(history):
        stormy.wait(pause)
        name = f"/{number}"
        problem = refused(name, by, at=stormy.now) if by else event(name, at=stormy.now)
        stormy.happens(replace(problem, level=level), times)
    stormy.wait(MINUTE)
    told_ = [sent.message for _, sent in stormy.deliveries if sent.message.reason in (Reason.FIRST_SEEN, Reason.DIGEST)]
    told_ = list({message.at if message.event is None else message.event.id: message for message in told_}.values())
    assert sum(message.problems or 1 for message in told_) == len(history)
    assert sum(message.count for message in told_) == sum(times for *_, times in history)
    assert all(message.cause is None or 0 < message.cause.problems <= message.problems for message in told_)


def test_the_first_of_a_cause_is_never_late() -> None:
    """Many causes, each once in a minute that is within the budget."""
    stormy = desk(Ability.POSTS)
    for number in range(40):
        stormy.happens(refused(f"/{number}", f"host-{number}:80", at=stormy.now))
        stormy.wait(12)
    assert told(stormy) == [(12 * number, f"/{number}") for number in range(40)]


# -- what is fatal


@pytest.mark.parametrize("seconds", [3, 7], ids=["before its digest", "after its digest"])
def test_a_crash_loop_that_begins_seconds_after_a_storm_is_told_at_once(seconds: float) -> None:
    stormy = desk(Ability.POSTS)
    at_once(stormy, *(f"problem {number}" for number in range(8)))
    stormy.wait(seconds)
    loop = Finding(problem=Problem.CRASH_LOOP, name="worker", count=3, span_s=20)
    stormy.happens(replace(event("worker", at=stormy.now), kind=Kind.PROCESS, level=Level.FATAL, finding=loop))
    assert told(stormy)[-1] == (seconds, "worker")


def test_what_is_fatal_is_bounded_too() -> None:
    stormy = desk(Ability.POSTS)
    at_once(stormy, *(replace(event(f"{number}"), level=Level.FATAL) for number in range(3_000)))
    stormy.wait(MINUTE)
    assert len(told(stormy)) == 2 * SCHEDULE.storm_budget + 1


def test_a_row_of_a_digest_says_what_was_found() -> None:
    loop = Finding(problem=Problem.CRASH_LOOP, name="worker", count=3, span_s=20)
    sample = replace(event("worker: ended"), kind=Kind.PROCESS, finding=loop)
    by_trace = replace(refused("no room"), finding=loop)
    missed = Finding(problem=Problem.MISSED, name="backup", span_s=90, allowed_s=60)
    entries = tuple(Entry.of(each, 1) for each in (sample, by_trace, replace(event("backup"), finding=missed)))
    rows = [name for name, _, _ in text.entries(digest(entries=entries), KOREAN)]
    assert rows == [
        "worker이(가) 반복해서 종료되고 있습니다. 20초 동안 3회 재시작했고 마지막 원인은 알 수 없는 이유입니다",
        "worker이(가) 반복해서 종료되고 있습니다. 20초 동안 3회 재시작했고 마지막 원인은 Failed: no room입니다",
        "backup이(가) 1분째 신호를 보내지 않고 있습니다. 주기는 1분입니다",
    ]


# -- in words, and kept


def digest(cause: Cause | None = None, problems: int = 3, entries: tuple[Entry, ...] = ()) -> Message:
    return Message(
        reason=Reason.DIGEST,
        state=State.FIRING,
        at=START,
        episode_began_at=START,
        problems=problems,
        entries=entries,
        cause=cause,
    )


WORDS = [
    # kind, how many, in English, in Korean
    (CauseKind.UPSTREAM, 3, "3 problems with one cause: x{}", "원인이 같은 문제 3건: x{}"),
    (
        CauseKind.UPSTREAM,
        1,
        "1 problem with the same cause as before: x{}",
        "앞서 알린 것과 원인이 같은 문제 1건: x{}",
    ),
    (
        CauseKind.RELEASE,
        3,
        "3 problems since release x{} (deployed 2 min before)",
        "릴리스 x{} 이후 문제 3건이 발생했습니다 (배포 2분 뒤)",
    ),
    (CauseKind.HOST, 3, "3 problems, all on host x{}", "호스트 x{}에서만 문제 3건이 발생했습니다"),
    (CauseKind.HOST, 1, "1 problem on host x{}", "호스트 x{}: 문제 1건이 발생했습니다"),
]


@pytest.mark.parametrize(("kind", "problems", "english", "korean"), WORDS)
def test_what_they_share_in_words(kind: CauseKind, problems: int, english: str, korean: str) -> None:
    message = digest(Cause(kind=kind, text="x{}", at=START - 2 * MINUTE, problems=problems), problems)
    assert [sentences.title(message, style) for style in (ENGLISH, KOREAN)] == [english, korean]


@pytest.mark.parametrize("kind", CauseKind)
@pytest.mark.parametrize("problems", [9_999, 10_001])
def test_a_cause_of_any_length_hides_no_number(kind: CauseKind, problems: int) -> None:
    message = digest(Cause(kind=kind, text="x" * 5_000, problems=9_999), problems)
    assert f"{problems:,}" in text.line(message, KOREAN)
    assert "9 999" in text.plain(message, ENGLISH)
    assert len(sentences.title(message, ENGLISH)) < 200
    assert len(sentences.reason(message, ENGLISH)) < 200


def test_a_digest_survives_the_store_with_its_cause_and_what_was_found() -> None:
    loop = Finding(problem=Problem.CRASH_LOOP, name="worker", count=3, span_s=20)
    entry = Entry.of(replace(event("worker"), finding=loop), 7)
    message = digest(Cause(kind=CauseKind.RELEASE, text="v1", at=START, problems=3), entries=(entry,))
    assert from_json(to_json(message)) == message


def test_a_digest_of_an_earlier_version_is_still_read() -> None:
    data = to_json(digest(entries=(Entry.of(event(), 1),)))
    del data["cause"]
    for entry in data["entries"]:
        del entry["finding"], entry["raised"]
    assert from_json(data) == digest(entries=(Entry.of(event(), 1),))


def test_a_book_survives_the_store_and_one_of_an_earlier_version_is_still_read() -> None:
    storm, _ = storms.admit(Storm(), START, SCHEDULE, keys=["upstream:1", "host:2"])
    assert storms.from_json(storms.to_json(storm)) == storm
    data = storms.to_json(storm)
    del data["causes"], data["is_shared"]
    assert storms.from_json(data) == replace(storm, causes=())


def test_a_clock_set_back_forgets_no_cause_and_keeps_none_for_ever() -> None:
    storm, _ = storms.admit(Storm(), START, SCHEDULE, keys=["upstream:1"])
    earlier = START - HOUR
    again, alone = storms.admit(storm, earlier, SCHEDULE, keys=["upstream:1"])
    assert not alone
    calm, alone = storms.admit(storms.written(again, earlier + 5), earlier + 70, SCHEDULE, keys=["upstream:1"])
    assert alone
    assert len(calm.causes) == 1


def test_a_clock_set_back_ends_the_streak_of_a_host_no_later() -> None:
    storm, keys = Storm(), ["host:1"]
    for key in ("host:1", "host:2", "host:1", "host:1"):
        storm, alone = storms.admit(storm, START, SCHEDULE, keys=[key])
    assert not alone
    earlier = START - HOUR
    storm, alone = storms.admit(storm, earlier, SCHEDULE, keys=keys)
    assert not alone
    storm, alone = storms.admit(storms.written(storm, earlier + 5), earlier + 61, SCHEDULE, keys=keys)
    assert alone
    storm, _ = storms.admit(storm, earlier + 62, SCHEDULE, keys=["host:2"])
    for _ in range(2):
        storm, alone = storms.admit(storm, earlier + 63, SCHEDULE, keys=keys)
    assert not alone
