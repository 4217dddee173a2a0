"""The night: the worst is told at once, the rest in the morning."""

from dataclasses import replace
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest
from timelines import HOUR, MINUTE, Desk, desk, event

from bongsu.alerting.decision import Reason
from bongsu.event import Level
from bongsu.routing import Ability
from bongsu.routing.quiet_hours import QuietHours

SEOUL, NEW_YORK = ZoneInfo("Asia/Seoul"), ZoneInfo("America/New_York")
NIGHT = QuietHours(begin=time(22), end=time(8), zone=SEOUL)


def at(text: str, zone: ZoneInfo = SEOUL) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=zone).timestamp()


TIMES = [
    ("2021-09-07 21:59:59", None),
    ("2021-09-07 22:00", "2021-09-08 08:00"),
    ("2021-09-08 00:30", "2021-09-08 08:00"),
    ("2021-09-08 07:59:59", "2021-09-08 08:00"),
    ("2021-09-08 08:00", None),
    ("2021-09-08 14:26", None),
]


@pytest.mark.parametrize(("now", "till"), TIMES)
def test_they_begin_and_end_by_the_clock_on_the_wall(now: str, till: str | None) -> None:
    assert NIGHT.till(at(now)) == (at(till) if till else None)


def test_they_may_lie_within_a_day() -> None:
    lunch = replace(NIGHT, begin=time(12), end=time(13))
    assert lunch.till(at("2021-09-07 12:30")) == at("2021-09-07 13:00")
    assert lunch.till(at("2021-09-07 11:30")) is None
    assert lunch.till(at("2021-09-07 13:00")) is None


@pytest.mark.parametrize(
    ("evening", "hours"),
    [("2021-03-13 22:00", 9), ("2021-11-06 22:00", 11), ("2021-11-07 22:00", 10)],
    ids=["spring", "autumn", "any other"],
)
def test_the_night_of_a_time_change_is_an_hour_shorter_or_longer(evening: str, hours: int) -> None:
    night = replace(NIGHT, zone=NEW_YORK)
    begins = at(evening, NEW_YORK)
    assert night.till(begins) == begins + hours * HOUR


def nightly(ability: Ability = Ability.POSTS) -> Desk:
    asleep = desk(ability)
    asleep.now = at("2021-09-07 23:00")
    asleep.policy = replace(asleep.policy, quiet_hours=NIGHT)
    return asleep


def told(asleep: Desk) -> list[tuple[str, str, int]]:
    return [
        (f"{datetime.fromtimestamp(when, UTC).astimezone(SEOUL):%H:%M}", sent.message.reason, sent.message.problems)
        for when, sent in asleep.deliveries
        if sent.message.reason is not Reason.UPDATED
    ]


def test_what_happens_at_night_is_one_digest_in_the_morning() -> None:
    asleep = nightly()
    for number in range(3):
        asleep.happens(f"problem {number}")
        asleep.wait(HOUR)
    asleep.wait(12 * HOUR)
    assert told(asleep) == [("08:00", Reason.DIGEST, 3)]


def test_the_worst_is_told_at_once_and_the_rest_waits_on() -> None:
    asleep = nightly()
    asleep.happens("a problem")
    asleep.wait(MINUTE)
    asleep.happens(replace(event("the worst", at=asleep.now), level=Level.FATAL))
    asleep.wait(10 * HOUR)
    assert told(asleep) == [
        ("23:01", Reason.FIRST_SEEN, 0),
        ("23:31", Reason.QUIET, 0),
        ("08:00", Reason.DIGEST, 1),
    ]


def test_a_quiet_night_has_no_digest() -> None:
    asleep = nightly()
    asleep.wait(24 * HOUR)
    assert asleep.deliveries == []


def test_a_message_of_the_evening_is_edited_at_night_and_its_growth_is_in_its_thread() -> None:
    bot = nightly(Ability.EDITS)
    bot.now = at("2021-09-07 21:59")
    bot.happens("no room")
    bot.wait(5 * MINUTE)
    bot.happens("no room", times=20)
    bot.wait(MINUTE)
    verbs = [sent.verb.value for _, sent in bot.deliveries]
    assert "edit" in verbs
    assert verbs.count("post") == 1


def test_after_the_night_all_is_as_by_day() -> None:
    asleep = nightly()
    asleep.happens("at night")
    asleep.wait(10 * HOUR)
    asleep.happens("by day")
    assert told(asleep) == [("08:00", Reason.DIGEST, 1), ("09:00", Reason.FIRST_SEEN, 0)]


def test_a_storm_of_the_worst_is_told_within_a_minute() -> None:
    asleep = nightly()
    asleep.happens("a problem")
    asleep.wait(MINUTE)
    for number in range(20):
        asleep.happens(replace(event(f"worst {number}", at=asleep.now), level=Level.FATAL))
    asleep.happens("another problem")
    asleep.wait(MINUTE)
    assert told(asleep)[-1] == ("23:01", Reason.DIGEST, 12)


def test_a_digest_that_is_open_when_the_night_begins_does_not_wait() -> None:
    asleep = nightly()
    asleep.now = at("2021-09-07 21:59:58")
    for number in range(7):
        asleep.happens(f"problem {number}")
    asleep.wait(3)
    asleep.happens("at night")
    asleep.wait(MINUTE)
    assert told(asleep)[-1] == ("22:00", Reason.DIGEST, 3)
