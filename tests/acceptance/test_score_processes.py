"""Several processes, some of which die; and processes that others watch."""

from acts import (
    begins,
    dies_at_next_send,
    expects_heartbeat,
    fails,
    hears_heartbeat,
    is_killed,
    notifies,
    program_ends,
    program_gave_up,
    program_starts,
    restarts,
)
from score import Score, at, every

TWO = at("08:59:00", begins("two"))


def test_the_same_problem_in_two_processes_is_one_message_with_the_counts_of_both(score: Score) -> None:
    score(
        events=[
            TWO,
            at("09:00:00", fails("LoginError", 4), fails("LoginError", 3, on="two")),
            at("09:05:00", fails("LoginError", 5), fails("LoginError", 8, on="two")),
        ],
        expect={"alarm": ["09:00:00 first_seen", "09:05:00 growing", "09:35:00 quiet · 20 in 5 min"]},
        till="12:00",
    )


def test_what_a_killed_process_has_captured_is_told_by_its_sibling(score: Score) -> None:
    score(
        events=[TWO, at("09:00:00", fails("LoginError", 7), is_killed("web"))],
        expect={"alarm": ["09:00:00-09:00:10 first_seen", "09:30:00-09:30:10 quiet · 7 within a second"]},
        till="12:00",
    )


def test_what_the_only_process_has_captured_is_told_at_the_next_start(score: Score) -> None:
    score(
        events=[
            at("09:00:00", fails("LoginError", 7), notifies("import done"), is_killed("web")),
            at("11:00:00", begins("web")),
        ],
        expect={
            "alarm": ["11:00 first_seen · 09:00:00", "11:30 quiet · 7 within a second, last seen 09:00:00"],
            "devops": ["11:00 record · import done"],
        },
        till="12:00",
    )


def test_a_sender_that_dies_with_a_message_on_its_way_is_replaced_and_the_repeat_says_so(score: Score) -> None:
    score(
        events=[TWO, at("09:00:00", dies_at_next_send("web"), fails("LoginError"))],
        expect={
            "alarm": ["09:00:00 first_seen · not (repeat)", "09:00:00-09:00:10 first_seen · (repeat)", "09:30 quiet"]
        },
        till="12:00",
    )


def test_a_restart_in_the_middle_of_an_episode_begins_none(score: Score) -> None:
    score(
        events=[
            every("10m", fails("LoginError"), since="09:00", till="10:20"),
            *(at(f"09:{minute:02}:00", restarts()) for minute in (5, 15, 25, 35, 45)),
        ],
        expect={"alarm": ["09:00 first_seen", "10:50:00 quiet · 9 in 1 h 20 min"]},
        till="12:00",
    )


def test_a_process_that_nobody_ran_for_longer_than_the_quiet_time_begins_a_new_episode(score: Score) -> None:
    score(
        events=[
            at("09:00:00", fails("LoginError")),
            at("09:10:00", is_killed("web")),
            at("12:00:00", begins("web"), fails("LoginError")),
        ],
        expect={"alarm": ["09:00 first_seen", "12:00 quiet", "12:00 came_back", "12:30 quiet"]},
        till="18:00",
    )


# -- signs of life, and watched programs


def test_a_job_that_is_missed_at_night_is_told_in_the_morning_and_that_it_is_back(score: Score) -> None:
    score(
        '[quiet_hours]\nfrom = "22:00"\nto = "07:00"\n',
        events=[
            at("20:00:00", expects_heartbeat("nightly", every="1h", grace="5m")),
            every("1h", hears_heartbeat("nightly"), since="20:00", till="23:00"),
            at("+1 08:30:00", hears_heartbeat("nightly")),
        ],
        expect={
            "alarm": [
                "+1 07:00:00 digest · nightly is missed",
                "+1 08:05:00 reminder · Still firing after 8 h",
                "+1 08:30:00 resolved · Heard again",
            ]
        },
        till="+1 08:45",
    )


def test_a_job_that_is_missed_is_told_when_its_grace_is_over(score: Score) -> None:
    score(
        events=[
            at("09:00:00", expects_heartbeat("import", every="1h", grace="5m")),
            every("1h", hears_heartbeat("import"), since="09:00", till="11:00"),
            at("13:00:00", hears_heartbeat("import")),
        ],
        expect={
            "alarm": ["12:05:00 first_seen · import is missed", "13:00:00 resolved · Heard again"],
        },
        till="14:00",
    )


def test_a_crash_loop_is_one_problem_that_worsens_and_recovers(score: Score) -> None:
    score(
        events=[
            *(at(f"09:00:{second:02}", program_starts("api"), program_ends("api", 3)) for second in range(0, 50, 10)),
            at("09:00:50", program_gave_up("api")),
            at("09:20:00", program_starts("api")),
        ],
        expect={"alarm": ["09:00:00 first_seen", "09:00 worsened · crash loop", "09:00:50 worsened", "09:21 resolved"]},
        till="12:00",
    )
