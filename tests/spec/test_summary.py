"""The summary: when it is due, which problems it names, and how it reads."""

import json
from dataclasses import replace
from datetime import datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from cards import BEGAN, ENGLISH, KOREAN

from bongsu import config
from bongsu.alerting import summary as summaries
from bongsu.alerting.decision import Reason
from bongsu.alerting.summary import Account, Chosen, Every, Glance, Rhythm
from bongsu.config import summary as configured
from bongsu.errors import ConfigError
from bongsu.event import Finding, Level, Problem
from bongsu.messages import judge, limits, slack, text
from bongsu.messages import message as messages
from bongsu.messages.message import Message, State
from bongsu.messages.style import Style
from bongsu.messages.summary import Ending, Item, Items, Standing, Summary, Way

HOUR, DAY = 3_600.0, 86_400.0
SEOUL, BERLIN, NEW_YORK = ZoneInfo("Asia/Seoul"), ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")
DAILY = Rhythm(channel="devops", zone=SEOUL)
WEEKDAYS = replace(DAILY, every=Every.WEEKDAY)
WEEKLY = replace(DAILY, every=Every.WEEK, on=2)


def at(text: str, zone: ZoneInfo = SEOUL) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=zone).timestamp()


# -- when

NEXT: list[tuple[str, Rhythm, str, str]] = [
    ("today", DAILY, "2021-09-07 08:59:59", "2021-09-07 09:00"),
    ("at the moment it is the next one", DAILY, "2021-09-07 09:00", "2021-09-08 09:00"),
    ("after midnight", DAILY, "2021-09-08 00:10", "2021-09-08 09:00"),
    ("at the end of the year", DAILY, "2021-12-31 23:59", "2022-01-01 09:00"),
    ("on a working day", WEEKDAYS, "2021-09-10 08:00", "2021-09-10 09:00"),
    ("after the weekend", WEEKDAYS, "2021-09-10 09:00", "2021-09-13 09:00"),
    ("on the day of the week", WEEKLY, "2021-09-08 08:00", "2021-09-08 09:00"),
    ("a week later", WEEKLY, "2021-09-08 09:00", "2021-09-15 09:00"),
    ("at midnight", replace(DAILY, at=time(0)), "2021-09-07 09:00", "2021-09-08 00:00"),
]


@pytest.mark.parametrize(("rhythm", "now", "moment"), [row[1:] for row in NEXT], ids=[row[0] for row in NEXT])
def test_the_next_moment_is_the_first_after_now(rhythm: Rhythm, now: str, moment: str) -> None:
    assert summaries.next_moment(rhythm, at(now)) == at(moment)
    assert summaries.last_moment(rhythm, at(moment)) == at(moment)


CHANGES: list[tuple[str, ZoneInfo, time, str, float]] = [
    # the night of the change begins at noon; hours until the moment of the next day
    ("Berlin in spring", BERLIN, time(9), "2021-03-27 12:00", 20),
    ("Berlin in autumn", BERLIN, time(9), "2021-10-30 12:00", 22),
    ("New York in spring", NEW_YORK, time(9), "2021-03-13 12:00", 20),
    ("New York in autumn", NEW_YORK, time(9), "2021-11-06 12:00", 22),
    ("Seoul knows no change", SEOUL, time(9), "2021-03-27 12:00", 21),
    ("a time that is skipped is an hour later", BERLIN, time(2, 30), "2021-03-27 12:00", 14.5),
    ("of a time that comes twice it is the first", BERLIN, time(2, 30), "2021-10-30 12:00", 14.5),
]


@pytest.mark.parametrize(("zone", "of_day", "noon", "hours"), [row[1:] for row in CHANGES], ids=[r[0] for r in CHANGES])
def test_the_clock_on_the_wall_decides_also_where_it_is_changed(
    zone: ZoneInfo, of_day: time, noon: str, hours: float
) -> None:
    rhythm = replace(DAILY, at=of_day, zone=zone)
    moment = summaries.next_moment(rhythm, at(noon, zone))
    assert moment == at(noon, zone) + hours * HOUR
    assert summaries.next_moment(rhythm, moment) - moment > 22 * HOUR


DUE: list[tuple[str, Rhythm, str, str, bool]] = [
    ("not before the moment", DAILY, "2021-09-06 09:00", "2021-09-07 08:59", False),
    ("at the moment", DAILY, "2021-09-06 09:00", "2021-09-07 09:00", True),
    ("once", DAILY, "2021-09-07 09:00", "2021-09-07 09:01", False),
    ("late, after a night's sleep of the machine", DAILY, "2021-09-06 09:00", "2021-09-07 20:59", True),
    ("not half a day late", DAILY, "2021-09-06 10:00", "2021-09-07 21:01", False),
    ("after a long absence once, at any hour", DAILY, "2021-09-01 09:00", "2021-09-07 03:00", True),
    ("a script of the night tells every other one", DAILY, "2021-09-06 02:00", "2021-09-08 02:00", True),
    ("not in the first minutes of an installation", DAILY, "2021-09-07 08:55", "2021-09-07 09:00", False),
    ("the morning after one of the evening", DAILY, "2021-09-06 20:00", "2021-09-07 09:00", True),
    ("not again when the clock is put back over it", DAILY, "2021-09-07 09:00:05", "2021-09-07 08:50", False),
    ("nor when it comes there again", DAILY, "2021-09-07 09:00:05", "2021-09-07 09:00:01", False),
    ("not on Saturday", WEEKDAYS, "2021-09-10 09:00", "2021-09-11 09:00", False),
    ("on Monday, for the weekend", WEEKDAYS, "2021-09-10 09:00", "2021-09-13 09:00", True),
    ("not on another day of the week", WEEKLY, "2021-09-08 09:00", "2021-09-14 09:00", False),
    ("on the day of the week", WEEKLY, "2021-09-08 09:00", "2021-09-15 09:00", True),
    ("a weekly one on the day after, too", WEEKLY, "2021-09-08 09:00", "2021-09-16 11:00", True),
]


@pytest.mark.parametrize(("rhythm", "since", "now", "due"), [row[1:] for row in DUE], ids=[row[0] for row in DUE])
def test_it_is_due(rhythm: Rhythm, since: str, now: str, due: bool) -> None:
    assert summaries.is_due(rhythm, at(since), at(now)) is due


@pytest.mark.parametrize("zone", [BERLIN, NEW_YORK, SEOUL], ids=str)
@pytest.mark.parametrize("of_day", [time(0), time(2, 30), time(9)], ids=str)
def test_a_year_has_as_many_as_days_whenever_one_looks(zone: ZoneInfo, of_day: time) -> None:
    rhythm = replace(DAILY, at=of_day, zone=zone)
    now = since = at("2021-01-01 12:00", zone)
    told = 0
    while now < at("2022-01-01 12:00", zone):
        now += 1_700.0
        if summaries.is_due(rhythm, since, now):
            since, told = now, told + 1
    assert told == 365


def test_an_account_of_the_future_begins_anew() -> None:
    future = Account(since=BEGAN + 400 * DAY, told_at=BEGAN, totals={"a": 5})
    assert summaries.rebased(future, BEGAN) == Account(since=BEGAN, told_at=BEGAN)
    assert summaries.rebased(replace(future, since=BEGAN + HOUR), BEGAN).totals == {"a": 5}


# -- what


def glance(name: str, **more: Any) -> Glance:
    usual = Glance(
        fingerprint=name,
        is_firing=True,
        is_silenced=False,
        total=10,
        count=10,
        first_seen_at=BEGAN - DAY,
        began_at=BEGAN - DAY,
        ended_at=BEGAN - DAY,
        active_at=BEGAN,
    )
    return replace(usual, **more)


SINCE = Account(since=BEGAN, told_at=BEGAN, totals={"old": 4, "gone": 10})
NEW, OLD, OVER = (
    glance("new", first_seen_at=BEGAN + 5, total=3),
    glance("old"),
    glance("gone", is_firing=False, ended_at=BEGAN + 9),
)
LONG_OVER = glance("past", is_firing=False, active_at=BEGAN - HOUR)


def test_each_problem_is_in_one_list_with_its_occurrences_since() -> None:
    chosen = summaries.chosen([OLD, NEW, OVER, LONG_OVER], SINCE, BEGAN + DAY)
    assert (chosen.begun, chosen.over, chosen.firing) == (["new"], ["gone"], ["old"])
    assert [chosen.times[name] for name in ("new", "gone", "old", "past")] == [3, 0, 6, 0]
    assert chosen.noisiest == []  # both are shown already
    assert chosen.has_news


NEWS: list[tuple[str, list[Glance], bool]] = [
    ("nothing at all", [], False),
    ("what was over before", [LONG_OVER], False),
    ("what is new", [NEW], True),
    ("what is new and silenced", [replace(NEW, is_silenced=True)], True),
    ("what is over", [OVER], True),
    ("what fires", [OLD], True),
    ("what was over by a clock since put back", [replace(OVER, ended_at=BEGAN + 400 * DAY)], False),
    ("what fires and is silenced", [replace(OLD, is_silenced=True)], False),
]


@pytest.mark.parametrize(("found", "has_news"), [row[1:] for row in NEWS], ids=[row[0] for row in NEWS])
def test_there_is_something_to_tell_or_not(found: list[Glance], has_news: bool) -> None:
    assert summaries.chosen(found, SINCE, BEGAN + DAY).has_news is has_news


def test_the_noisiest_are_told_where_the_lists_are_too_short_to_show_them() -> None:
    quiet = [glance(f"new{each}", first_seen_at=BEGAN + 1, total=9) for each in range(9)]
    loud = glance("loud", is_firing=False, total=5_000, ended_at=BEGAN - 1, began_at=BEGAN)
    chosen = summaries.chosen([*quiet, loud], replace(SINCE, totals={"loud": 10}), BEGAN + DAY)
    assert chosen.noisiest == ["loud", "new0", "new1"]


def test_what_was_not_kept_counts_from_the_episode_that_began_since() -> None:
    back = glance("back", total=100, count=7, began_at=BEGAN + 5)
    still = glance("still", total=100, count=7, began_at=BEGAN - 5)
    assert summaries.chosen([back, still], SINCE, BEGAN + DAY).times == {"back": 7, "still": 0}


def test_the_totals_kept_are_those_of_what_may_happen_again_first() -> None:
    many = [glance(f"{each:05}", is_firing=False, active_at=BEGAN + each) for each in range(summaries.TOTALS_MAX + 5)]
    firing = glance("firing", active_at=BEGAN - 40 * DAY)
    found = summaries.kept([*many, firing])
    assert len(found) == summaries.TOTALS_MAX
    assert found["firing"] == 10
    assert "00000" not in found


def test_the_order_of_the_problems_in_the_store_changes_nothing() -> None:
    found = [glance(str(each), total=each % 3 + 10, first_seen_at=BEGAN + each % 2) for each in range(30)]
    one, other = summaries.chosen(found, SINCE, BEGAN + DAY), summaries.chosen(found[::-1], SINCE, BEGAN + DAY)
    assert one == replace(other, times=one.times)
    assert summaries.kept(found) == summaries.kept(found[::-1])
    assert isinstance(one, Chosen)


def test_an_account_survives_its_store() -> None:
    assert summaries.from_json(json.loads(json.dumps(summaries.to_json(SINCE)))) == SINCE


# -- how it reads

LOGIN = Item(
    title="IntegrityError: NOT NULL constraint failed: member.employee_no",
    location="checkin/members.py:41",
    level=Level.ERROR,
    standing=Standing.FIRING,
    count=1_240,
    began_at=BEGAN - HOUR,
    raised=True,
)
MISSED = Item(
    title="nightly is missed",
    location="",
    level=Level.ERROR,
    standing=Standing.FIRING,
    count=0,
    began_at=BEGAN - 30 * HOUR,
    finding=Finding(problem=Problem.MISSED, name="nightly", span_s=7_200, allowed_s=3_600),
)
FULL = Summary(
    app="checkin",
    environment="production",
    host="web-1",
    since=BEGAN - DAY,
    begun=Items(shown=(LOGIN, replace(LOGIN, title="KeyError: 'x'", standing=Standing.OVER, count=3)), number=7),
    over=Items(shown=(replace(LOGIN, title="TimeoutError", standing=Standing.OVER, count=20),), number=1),
    firing=Items(shown=(MISSED, replace(MISSED, standing=Standing.ACKNOWLEDGED)), number=2),
    noisiest=Items(shown=(LOGIN,), number=1),
    endings=(Ending(why="the database moves", until=BEGAN + HOUR, held=12),),
    ways=(
        Way(channel="alarm", word="channel_is_archived", is_dead=True, waiting=3, oldest_at=BEGAN - HOUR),
        Way(channel="backup", word="timeout", rejected=1, rejected_word="invalid_blocks"),
    ),
    checks=4,
)
EMPTY = Summary(app="checkin", environment="production", host="web-1", since=BEGAN - DAY, checks=4)


def told(summary: Summary) -> Message:
    return Message(reason=Reason.SUMMARY, state=State.NEUTRAL, at=BEGAN, count=0, total=0, summary=summary)


IN_ENGLISH = """\
🔵 [production] Summary of checkin on web-1 since 09-06 14:26: 7 new problems, 1 problem over, 2 still firing, \
1 silence ends soon, 2 channels have trouble

7 new problems
  ×1 240  IntegrityError: NOT NULL constraint failed: member.employee_no  checkin/members.py:41
  ×3  KeyError: 'x'  checkin/members.py:41 · over
  +5 more

1 problem over
  ×20  TimeoutError  checkin/members.py:41

2 still firing
  nightly is missed: nothing heard for 2 h, expected every 1 h · since 09-06 08:26
  nightly is missed: nothing heard for 2 h, expected every 1 h · Acknowledged

Most frequent
  ×1 240  IntegrityError: NOT NULL constraint failed: member.employee_no  checkin/members.py:41

1 silence ends soon
  until 09-07 15:26  the database moves · ×12 held back

2 channels have trouble
  alarm · takes no messages: channel_is_archived, 3 messages wait, the oldest for 1 h
  backup · not reached: timeout, 1 message rejected: invalid_blocks"""

IN_KOREAN = """\
🔵 [production] checkin (web-1) 요약 (09-06 14:26 이후): 새로운 문제 7건, 해소된 문제 1건, 계속 발생 중인 문제 2건, \
곧 끝나는 알림 중지 1건, 전송에 문제가 있는 채널 2개

새로운 문제 7건
  1,240회  IntegrityError: NOT NULL constraint failed: member.employee_no  checkin/members.py:41
  3회  KeyError: 'x'  checkin/members.py:41 · 해소됨
  그 밖에 5건

해소된 문제 1건
  20회  TimeoutError  checkin/members.py:41

계속 발생 중인 문제 2건
  nightly이(가) 2시간째 신호를 보내지 않고 있습니다. 주기는 1시간입니다 · 09-06 08:26부터
  nightly이(가) 2시간째 신호를 보내지 않고 있습니다. 주기는 1시간입니다 · 확인함

가장 많이 발생한 문제
  1,240회  IntegrityError: NOT NULL constraint failed: member.employee_no  checkin/members.py:41

곧 끝나는 알림 중지 1건
  09-07 15:26까지  the database moves · 알리지 않은 발생 12회

전송에 문제가 있는 채널 2개
  alarm · 메시지를 받지 않음: channel_is_archived, 메시지 3건 대기 중, 가장 오래된 것은 1시간째
  backup · 연결할 수 없음: timeout, 거부된 메시지 1건: invalid_blocks"""


@pytest.mark.parametrize(("style", "expected"), [(ENGLISH, IN_ENGLISH), (KOREAN, IN_KOREAN)], ids=["en", "ko"])
def test_it_reads_in_both_languages(style: Style, expected: str) -> None:
    assert text.plain(told(FULL), style) == expected


@pytest.mark.parametrize(
    ("style", "expected"),
    [
        (
            ENGLISH,
            "🔵 [production] checkin on web-1 is alive: nothing to tell since 09-06 14:26 (4 checks are watched)",
        ),
        (KOREAN, "🔵 [production] checkin (web-1) 이상 없음: 09-06 14:26 이후 알릴 일이 없습니다 (점검 4개 감시 중)"),
    ],
    ids=["en", "ko"],
)
def test_without_news_it_is_a_sign_of_life(style: Style, expected: str) -> None:
    assert text.line(told(EMPTY), style) == expected


def test_slack_gets_a_list_for_each_section() -> None:
    payload = slack.payload(told(FULL), ENGLISH)
    assert judge.judge(payload) == []
    heading, lists = payload["blocks"]
    assert [each["type"] for each in heading["elements"]] == ["rich_text_section"]
    kinds = [each["type"] for each in lists["elements"]]
    assert kinds.count("rich_text_list") == 6
    assert "attachments" not in payload
    assert payload["text"].startswith("🔵 [production] Summary of checkin")


def test_the_largest_one_stays_within_the_budget() -> None:
    wide = "&<" * 200
    item = replace(LOGIN, title=wide, location=wide, count=10**12, standing=Standing.ACKNOWLEDGED)
    items = Items(shown=(item,) * 9, number=10**9)
    way = Way(channel=wide, word=wide, waiting=10**9, oldest_at=-1e18, rejected=10**9, rejected_word=wide)
    huge = Summary(
        app=wide,
        environment=wide,
        host=wide,
        since=BEGAN,
        begun=items,
        over=items,
        firing=items,
        noisiest=replace(items, shown=(item,) * 3),
        endings=(Ending(why=wide, until=1e30, held=10**12),) * 400,
        ways=(way,) * 90,
    )
    for style in (ENGLISH, KOREAN):
        payload = slack.payload(told(huge), style)
        assert judge.judge(payload) == []
        assert judge.characters(payload) <= limits.BUDGET_CHARACTERS
        assert len(payload["text"]) <= limits.BUDGET_TEXT
        assert len(slack.payload(told(huge), style, plain=True)["text"]) <= limits.BUDGET_PLAIN


@pytest.mark.parametrize("summary", [FULL, EMPTY], ids=["full", "empty"])
def test_it_survives_the_outbox(summary: Summary) -> None:
    message = told(summary)
    assert messages.from_json(json.loads(json.dumps(messages.to_json(message)))) == message


# -- what people write

CHANNELS = ("alarm", "devops", "dev-test")


def read(given: Any, environment: str = "production") -> tuple[Rhythm | None, list[str]]:
    problems: list[str] = []
    return configured.read(given, "Asia/Seoul", environment, CHANNELS, problems), problems


READ: list[tuple[dict[str, Any], str, Rhythm | None]] = [
    ({}, "production", DAILY),
    ({}, "staging", None),
    ({"every": "day"}, "staging", replace(DAILY, channel="dev-test")),
    ({"every": "never"}, "production", None),
    (
        {"at": "18:30", "every": "week", "on": "fri", "channel": "alarm"},
        "production",
        replace(DAILY, at=time(18, 30), every=Every.WEEK, on=4, channel="alarm"),
    ),
    ({"at": time(7), "every": "weekday"}, "production", replace(WEEKDAYS, at=time(7))),
]


@pytest.mark.parametrize(("given", "environment", "rhythm"), READ, ids=[f"{row[0]} {row[1]}" for row in READ])
def test_the_table_is_a_rhythm(given: Any, environment: str, rhythm: Rhythm | None) -> None:
    assert read(given, environment) == (rhythm, [])


WRONG: list[tuple[Any, str]] = [
    ("09:00", "summary: must be a table"),
    ({"at": "9"}, "summary.at: write a time of the day"),
    ({"at": "24:00"}, "summary.at: write a time of the day"),
    ({"every": "month"}, "summary.every: 'month' is not known; choose one of day, weekday, week, never"),
    ({"on": "monday"}, "summary.on: 'monday' is not known; choose one of mon, tue"),
    ({"every": "weekday", "on": "sun"}, "summary.on: sun is no weekday"),
    ({"channel": "devop"}, "summary.channel: there is no channel 'devop'; did you mean devops?"),
    ({"channel": ["devops"]}, "summary.channel: there is no channel list"),
    ({"evry": "day"}, "summary: unknown key 'evry'; did you mean every?"),
    ({"every": "never", "at": 9}, "summary.at: write a time of the day"),
]


@pytest.mark.parametrize(("given", "problem"), WRONG, ids=[problem for _, problem in WRONG])
def test_a_mistake_is_named(given: Any, problem: str) -> None:
    _, problems = read(given)
    assert [each for each in problems if each.startswith(problem)], problems


def test_a_problem_names_its_line(tmp_path: Path) -> None:
    path = tmp_path / "bongsu.toml"
    path.write_text('to = "console:"\n[summary]\nat = "09:00"\nchannel = "devop"\n')
    with pytest.raises(ConfigError) as caught:
        config.load({"config": path}, {})
    assert caught.value.problems == (f"{path}:4: summary.channel: there is no channel 'devop'; did you mean devops?",)


def test_it_is_on_wherever_somebody_gave_an_address() -> None:
    rhythm = config.load({"to": "file:told.jsonl", "timezone": "Asia/Seoul"}, {}).summary
    assert rhythm == DAILY
    assert config.load({"timezone": "Asia/Seoul"}, {}).summary is None
