"""The machine's clock is set: no message is repeated, none is held for the hour that comes twice."""

from acts import clock_turns, fails, notifies, silences
from score import Score, at, every


def test_a_clock_set_back_an_hour_makes_nothing_wait_for_it(score: Score) -> None:
    score(
        events=[
            at("12:00:00", fails("LoginError")),
            at("12:10:00", clock_turns("-1h")),
            at("11:15:00", fails("CampusError"), notifies("done")),
            at("11:20:00", fails("LoginError", 9)),
        ],
        expect={
            "alarm": [
                "12:00 first_seen · LoginError",
                "11:15 first_seen · CampusError",
                "11:20:00 growing · LoginError · ×10",
                "11:45 quiet · CampusError",
                "11:50 quiet · LoginError",
            ],
            "devops": ["11:15:00 record"],
        },
        till="18:00",
    )


def test_a_clock_set_forward_an_hour_ends_what_was_quiet_for_it(score: Score) -> None:
    score(
        events=[
            at("12:00:00", fails("LoginError")),
            at("12:10:00", clock_turns("1h")),
            at("13:15:00", fails("LoginError")),
        ],
        expect={"alarm": ["12:00 first_seen", "13:10:00 quiet", "13:15:00 came_back", "13:45:00 quiet"]},
        till="18:00",
    )


def test_a_clock_that_is_corrected_twice_leaves_reminders_in_step(score: Score) -> None:
    score(
        events=[
            every("20m", fails("LoginError"), since="12:00", till="13:00"),
            at("13:01:00", clock_turns("-1h")),
            every("20m", fails("LoginError"), since="12:20", till="13:00"),
            at("13:02:00", clock_turns("1h")),
            at("14:03:00", fails("CampusError")),
        ],
        expect={
            "alarm": [
                "12:00 first_seen",
                "14:02 quiet · LoginError",
                "14:03 first_seen · CampusError",
                "14:33 quiet · CampusError",
            ]
        },
        till="18:00",
    )


def test_a_silence_does_not_outlast_a_clock_that_is_set_back(score: Score) -> None:
    score(
        events=[
            at("12:00:00", silences("30m", exception="LoginError")),
            every("5m", fails("LoginError"), since="12:05", till="12:20"),
            at("12:21:00", clock_turns("-1h")),
            at("11:25:00", fails("LoginError")),
        ],
        expect={"alarm": ["11:21:00-11:25:00 silence_ended · LoginError", "11:55 quiet"]},
        till="12:00",
    )


def test_the_night_follows_the_clock_that_was_set(score: Score) -> None:
    score(
        '[quiet_hours]\nfrom = "22:00"\nto = "07:00"\n[alerting]\nquiet_after = "24h"\nremind_every = "7d"\n',
        events=[
            at("21:30:00", clock_turns("1h")),
            at("22:31:00", fails("LoginError")),
            at("23:00:00", clock_turns("-1h")),
            at("22:30:00", fails("CampusError")),
        ],
        expect={"alarm": ["+1 07:00:00 digest · 2 different problems at once"]},
        till="+1 12:00",
    )
