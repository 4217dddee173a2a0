"""Slack fails: nothing is lost, nothing is replayed by the hundred, and somebody else is told."""

from acts import (
    fails,
    notifies,
    restarts,
    slack_is_down,
    slack_is_up,
    slack_loses_an_answer,
    slack_recovers,
    slack_refuses,
)
from outside import listening
from score import Score, at, every

BACKUP = '[deliver]\nfallback = "backup"\n'


def test_a_short_outage_only_delays(score: Score) -> None:
    score(
        events=[
            at("09:00:00", slack_is_down),
            at("09:00:10", fails("LoginError"), notifies("import done")),
            at("09:03:00", slack_is_up),
        ],
        expect={
            "alarm": ["09:03:00-09:04:00 first_seen · LoginError · 09:00:10", "09:30:10 quiet"],
            "devops": ["09:03:00-09:04:00 record · import done"],
        },
        till="12:00",
    )


def test_over_midnight_all_that_waited_becomes_one_digest(score: Score) -> None:
    score(
        events=[
            at("23:00:00", slack_is_down),
            every("7m", fails("LoginError"), since="23:10", till="+1 00:30"),
            at("23:30:00", fails("CampusError", 3)),
            at("23:40:00", fails("DiskFull")),
            at("+1 00:10:00", fails("PayError")),
            at("+1 00:35:00", slack_is_up),
        ],
        expect={
            "alarm": [
                "+1 00:35:00-+1 00:36:00 digest · While Slack was unreachable for 1 h 25 min: 4 problems · LoginError",
            ]
        },
        till="+1 00:36",
    )


def test_what_was_told_and_ended_in_the_outage_says_so_at_its_end(score: Score) -> None:
    score(
        events=[
            at("22:00:00", fails("LoginError")),
            at("22:10:00", slack_is_down),
            at("+1 02:00:00", slack_is_up),
        ],
        expect={"alarm": ["22:00 first_seen", "+1 02:00:00-+1 02:01:00 quiet · seen once, at 22:00:00"]},
        till="+1 12:00",
    )


def test_after_five_minutes_the_fallback_hears_what_slack_should_have(score: Score) -> None:
    score(
        BACKUP,
        backup=["backup"],
        events=[
            at("09:00:00", slack_is_down),
            at("09:00:10", fails("LoginError")),
            at("09:20:00", slack_is_up),
        ],
        expect={
            "backup": ["09:05:10-09:06:15 first_seen · LoginError · Meant for another channel · alarm"],
            "alarm": ["09:30:10 quiet"],
        },
        till="12:00",
    )


def test_many_problems_are_one_digest_for_the_fallback(score: Score) -> None:
    score(
        BACKUP,
        backup=["backup"],
        events=[
            at("09:00:00", slack_is_down),
            at("09:00:10", fails("A")),
            at("09:01:00", fails("B"), fails("C"), fails("D")),
            at("09:20:00", slack_is_up),
        ],
        expect={
            "backup": ["09:05:10-09:06:15 digest · 4 problems"],
            "alarm": ["09:30 quiet · A", *("09:31 quiet",) * 3],
        },
        till="12:00",
    )


def test_a_dead_channel_turns_to_the_fallback_at_once(score: Score) -> None:
    score(
        BACKUP,
        backup=["backup"],
        events=[
            at("08:59:00", slack_refuses("channel_is_archived")),
            at("09:00:00", fails("LoginError")),
        ],
        expect={"backup": ["09:00:00 first_seen · LoginError · alarm: channel_is_archived", "09:30 quiet"]},
        till="12:00",
    )


def test_a_dead_channel_that_lives_again_hears_what_comes_next(score: Score) -> None:
    score(
        BACKUP,
        backup=["backup"],
        events=[
            at("08:59:00", slack_refuses("channel_is_archived")),
            at("09:00:00", fails("LoginError")),
            at("09:10:00", slack_recovers),
            at("11:00:00", fails("CampusError")),
        ],
        expect={
            "backup": ["09:00:00 first_seen · LoginError"],
            "alarm": ["09:30 quiet · LoginError", "11:00 first_seen · CampusError", "11:30 quiet"],
        },
        till="12:00",
    )


def test_a_429_is_waited_out_to_the_second(score: Score) -> None:
    score(
        events=[
            at("09:00:00", slack_refuses("rate_limited", times=1, retry_after="42"), fails("LoginError")),
        ],
        expect={"alarm": ["09:00:42 first_seen", "09:30:00 quiet"]},
        till="12:00",
    )


def test_a_problem_that_grows_while_slack_says_wait_is_told_with_its_newest_count(score: Score) -> None:
    score(
        events=[
            at("09:00:00", slack_refuses("rate_limited", times=1, retry_after="120"), fails("LoginError")),
            at("09:00:30", fails("LoginError", 49)),
        ],
        expect={"alarm": ["09:02:00 growing · ×50", "09:30:30 quiet · 50"]},
        till="12:00",
    )


def test_a_lost_answer_is_repeated_and_says_so(score: Score) -> None:
    score(
        events=[at("09:00:00", slack_loses_an_answer, fails("LoginError"))],
        expect={
            "alarm": [
                "09:00:00 first_seen · not (repeat)",
                "09:00:01 first_seen · (repeat)",
                "09:30 quiet · not (repeat)",
            ]
        },
        till="12:00",
    )


def test_an_outage_survives_the_process(score: Score) -> None:
    score(
        events=[
            at("09:00:00", slack_is_down),
            at("09:00:10", fails("LoginError")),
            at("09:01:00", restarts()),
            at("09:03:00", slack_is_up),
        ],
        expect={"alarm": ["09:03:00-09:04:00 first_seen", "09:30 quiet"]},
        till="12:00",
    )


def test_with_a_bot_an_edit_that_waited_is_made_and_a_new_message_is_not_needed(score: Score) -> None:
    score(
        is_bot=True,
        events=[
            at("09:00:00", fails("LoginError")),
            at("09:05:00", slack_is_down),
            at("09:06:00", fails("LoginError", 30)),
            at("09:08:00", slack_is_up),
        ],
        expect={
            "alarm": [
                "09:00:00 first_seen",
                "09:00:00 file first_seen",
                "09:08:00-09:09:00 edit growing · ×31",
                "09:08:00-09:09:02 reply growing",
                "09:36:00 edit quiet",
                "09:36:00 reply quiet",
            ]
        },
        till="12:00",
    )


WATCHED = '[deliver]\nheartbeat_url = "env:HEARTBEAT"\n'


def test_a_sign_of_life_goes_out_each_minute_as_long_as_slack_takes_messages(score: Score) -> None:
    with listening() as outside:
        score(
            WATCHED,
            environ=outside.environ,
            events=[
                at("00:00:00", fails("LoginError")),
                at("00:04:30", outside.has_heard(5), slack_is_down),
                at("00:04:50", fails("CampusError")),
                at("00:09:45", outside.has_heard(5)),
                at("00:14:00", outside.has_heard(0), slack_is_up),
                at("00:20:30", outside.has_heard(6, 7)),
            ],
            expect={
                "alarm": ["00:00 first_seen · LoginError", "00:14:00-00:15:00 first_seen · CampusError"],
            },
            till="00:21",
        )


def test_an_idle_program_gives_signs_of_life_too(score: Score) -> None:
    with listening() as outside:
        score(
            WATCHED,
            environ=outside.environ,
            events=[at("00:10:30", outside.has_heard(11)), at("00:20:30", outside.has_heard(10))],
            expect={},
            till="00:21",
        )


def test_a_dead_channel_without_a_fallback_ends_the_signs_of_life(score: Score) -> None:
    with listening() as outside:
        score(
            WATCHED,
            environ=outside.environ,
            events=[
                at("00:00:10", slack_refuses("channel_is_archived"), fails("LoginError")),
                at("00:05:00", outside.has_heard(6)),
                at("00:20:00", outside.has_heard(0)),
            ],
            expect={},
            till="00:21",
        )
