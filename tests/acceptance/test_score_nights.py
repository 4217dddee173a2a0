"""Quiet hours: only the worst is told at once, the rest is one digest in the morning."""

import pytest
from acts import fails, silences
from score import Score, at, every

NIGHT = '[quiet_hours]\nfrom = "22:00"\nto = "07:00"\n'


def test_only_the_fatal_wakes_anybody(score: Score) -> None:
    score(
        NIGHT,
        events=[
            at("23:00:00", fails("LoginError", 3)),
            at("+1 02:00:00", fails("CampusError")),
            at("+1 03:00:00", fails("DiskFull", level="fatal")),
        ],
        expect={
            "alarm": [
                "+1 03:00:00 first_seen · DiskFull",
                "+1 03:30:00 quiet · DiskFull",
                "+1 07:00:00 digest · 2 different problems at once · LoginError · ×3 · CampusError",
            ]
        },
        till="+1 12:00",
    )


def test_a_minute_before_the_night_and_with_its_end_all_is_told_at_once(score: Score) -> None:
    score(
        NIGHT,
        events=[at("21:59:50", fails("LoginError")), at("+1 07:00:01", fails("CampusError"))],
        expect={
            "alarm": [
                "21:59:50 first_seen · LoginError",
                "+1 07:00:00 digest · 1 problem at once · LoginError",
                "+1 07:00:01 first_seen · CampusError",
                "+1 07:30:01 quiet · CampusError",
            ]
        },
        till="+1 12:00",
    )


def test_what_goes_on_all_night_is_told_once_in_the_morning(score: Score) -> None:
    score(
        NIGHT,
        events=[every("5m", fails("LoginError"), since="22:59:50", till="+1 08:00")],
        expect={
            "alarm": [
                "+1 07:00:00 digest · LoginError · ×97",
                "+1 07:14:50 growing · ×100 in 8 h 15 min",
                "+1 08:29:50 quiet · 109 in 9 h",
            ]
        },
        till="+1 12:00",
    )


def test_a_night_without_trouble_has_no_morning_digest(score: Score) -> None:
    score(
        NIGHT,
        events=[at("18:00", fails("LoginError"))],
        expect={"alarm": ["18:00 first_seen", "18:30 quiet"]},
        till="+3 12:00",
    )


def test_a_weekend_without_trouble_is_silent(score: Score) -> None:
    score(NIGHT, day="2021-09-11", events=[], expect={}, till="+3 00:00")


def test_what_came_up_in_the_evening_and_ends_at_night_is_told_in_the_morning(score: Score) -> None:
    score(
        NIGHT,
        events=[at("21:50:00", fails("LoginError"))],
        expect={"alarm": ["21:50:00 first_seen", "+1 07:00:00 digest · 1 problem at once · LoginError"]},
        till="+1 12:00",
    )


def test_a_reminder_waits_for_the_morning(score: Score) -> None:
    score(
        NIGHT,
        events=[every("29m", fails("LoginError"), since="20:00", till="+1 00:50")],
        expect={"alarm": ["20:00 first_seen", "+1 07:00:00 digest · LoginError · ×11"]},
        till="+1 12:00",
    )


def test_push_says_from_which_level_on_one_is_woken(score: Score) -> None:
    score(
        NIGHT + 'push = "error"\n',
        events=[at("23:00:00", fails("LoginError")), at("23:10:00", fails("OddInput", level="warning"))],
        expect={
            "alarm": ["23:00:00 first_seen", "23:30:00 quiet"],
            "devops": ["+1 07:00:00 digest · OddInput"],
        },
        till="+1 12:00",
    )


def test_with_a_bot_the_night_is_told_in_one_digest_too(score: Score) -> None:
    score(
        NIGHT,
        is_bot=True,
        events=[at("21:50:00", fails("LoginError")), at("23:00:00", fails("CampusError"))],
        expect={
            "alarm": [
                "21:50:00 first_seen · LoginError",
                "21:50:00 file first_seen",
                "22:20:00 edit quiet · LoginError",
                "22:20:00 reply quiet",
                "+1 07:00:00 digest · 1 problem at once · CampusError",
            ]
        },
        till="+1 12:00",
    )


def test_more_of_the_fatal_than_can_be_read_one_by_one_ends_the_waiting(score: Score) -> None:
    score(
        NIGHT + '[alerting]\nquiet_after = "12h"\nremind_every = "7d"\n',
        events=[
            at("23:00:00", fails("LoginError")),
            at("+1 02:00:00", *(fails(f"Fatal{name}", level="fatal") for name in "ABCDEFGHIJKLMNOP")),
        ],
        expect={
            "alarm": [
                *(f"+1 02:00 first_seen · Fatal{name}" for name in "ABCDEFGHIJ"),
                "+1 02:00 digest · 7 different problems at once · LoginError",
            ]
        },
        till="+1 12:00",
    )


NIGHTS = [
    ("Asia/Seoul", "2021-09-07"),
    ("Europe/Berlin", "2021-03-27"),  # 02:00 is followed by 03:00: it has 8 hours
    ("Europe/Berlin", "2021-10-30"),  # 03:00 is followed by 02:00: it has 10 hours
    ("America/New_York", "2021-03-13"),
    ("America/New_York", "2021-11-06"),
]


@pytest.mark.parametrize(("zone", "day"), NIGHTS)
def test_a_night_ends_by_the_clock_on_the_wall_also_when_clocks_are_changed(score: Score, zone: str, day: str) -> None:
    score(
        NIGHT + '[alerting]\nquiet_after = "24h"\n',
        zone=zone,
        day=day,
        events=[at("22:00:00", fails("LoginError")), at("+1 06:59:59", fails("CampusError"))],
        expect={"alarm": ["+1 07:00:00 digest · 2 different problems at once"]},
        till="+1 07:30",
    )


@pytest.mark.parametrize(("zone", "day"), [("Europe/Berlin", "2021-03-27"), ("America/New_York", "2021-03-13")])
def test_a_night_that_ends_in_the_hour_that_is_left_out_ends_with_it(score: Score, zone: str, day: str) -> None:
    score(
        '[quiet_hours]\nfrom = "22:00"\nto = "02:30"\n',
        zone=zone,
        day=day,
        events=[at("23:00:00", fails("LoginError"))],
        expect={"alarm": ["+1 03:30:00 digest · LoginError"]},
        till="+1 12:00",
    )


@pytest.mark.parametrize(
    ("zone", "day", "wall"),
    [
        ("Europe/Berlin", "2021-03-27", "05:30"),  # an hour is left out
        ("Europe/Berlin", "2021-10-30", "03:30"),  # an hour comes twice
        ("America/New_York", "2021-03-13", "05:30"),
        ("America/New_York", "2021-11-06", "03:30"),
    ],
)
def test_a_reminder_comes_four_hours_later_whatever_the_wall_shows(
    score: Score, zone: str, day: str, wall: str
) -> None:
    score(
        zone=zone,
        day=day,
        events=[every("29m", fails("LoginError"), since="+1 00:30", till=f"+1 {wall}")],
        expect={
            "alarm": [
                "+1 00:30:00 first_seen",
                f"+1 {wall}:00 reminder · Still firing after 4 h",
                "+1 03:50-+1 06:10 quiet · 9 in 3 h 52 min",
            ]
        },
        till="+1 12:00",
    )


@pytest.mark.parametrize(("zone", "day"), [("Europe/Berlin", "2021-10-30"), ("America/New_York", "2021-11-06")])
def test_half_an_hour_of_quiet_may_end_before_it_began_on_the_wall(score: Score, zone: str, day: str) -> None:
    twice = "02" if zone == "Europe/Berlin" else "01"
    score(
        zone=zone,
        day=day,
        events=[at(f"+1 {twice}:50:00", fails("LoginError"))],
        expect={"alarm": [f"+1 {twice}:50:00 first_seen", f"+1 {twice}:20:00b quiet · Quiet for 30 min"]},
        till="+1 12:00",
    )


@pytest.mark.parametrize(("zone", "day"), [("Europe/Berlin", "2021-03-27"), ("America/New_York", "2021-11-06")])
def test_a_card_shows_what_the_wall_showed_on_its_day(score: Score, zone: str, day: str) -> None:
    score(
        zone=zone,
        day=day,
        events=[at("09:00:00", fails("LoginError")), at("+2 09:00:00", fails("LoginError"))],
        expect={
            "alarm": [
                "09:00:00 first_seen · 09:00:00",
                "09:30:00 quiet · seen once, at 09:00:00",
                "+2 09:00:00 came_back",
                "+2 09:30:00 quiet · seen once, at 09:00:00",
            ]
        },
        till="+2 12:00",
    )


def test_what_comes_and_goes_all_night_is_counted_from_its_first_time_that_night(score: Score) -> None:
    score(
        NIGHT,
        events=[every("1h", fails("BackupFailed", 2), since="22:30", till="+1 06:30")],
        expect={"alarm": ["+1 07:00:00 digest · BackupFailed · ×18"]},
        till="+1 07:10",
    )


def test_what_waits_for_the_morning_is_told_then_also_if_it_is_silenced_meanwhile(score: Score) -> None:
    score(
        NIGHT,
        events=[
            at("21:35:00", fails("LoginError", 2)),
            at("22:10:00", silences("12h", exception="LoginError")),
            at("22:11:00", fails("LoginError")),
        ],
        expect={"alarm": ["21:35:00 first_seen", "+1 07:00:00 digest · LoginError · ×3"]},
        till="+1 12:00",
    )
