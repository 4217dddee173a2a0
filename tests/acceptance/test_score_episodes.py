"""One problem through time: when it is told again, and when it is not."""

from acts import fails, notifies, says, slack_refuses
from score import Score, at, every


def test_a_problem_is_told_when_it_begins_and_when_it_is_quiet(score: Score) -> None:
    score(
        events=[at("09:00:00", fails("LoginError"))],
        expect={
            "alarm": [
                "09:00:00 first_seen · LoginError · First seen just now",
                "09:30:00 quiet · Quiet for 30 min: seen once",
            ]
        },
        till="18:00",
    )


def test_what_flaps_within_the_half_hour_is_one_episode(score: Score) -> None:
    score(
        events=[every("25m", fails("LoginError"), since="09:00", till="12:20")],
        expect={"alarm": ["09:00 first_seen", "12:50 quiet · 9 in 3 h 20 min"]},
        till="18:00",
    )


def test_what_flaps_more_slowly_is_told_as_coming_back(score: Score) -> None:
    score(
        events=[every("40m", fails("LoginError", 2), since="09:00", till="10:20")],
        expect={
            "alarm": [
                "09:00:00 first_seen",
                "09:30:00 quiet · 2 within a second",
                "09:40:00 came_back · It is back: first seen 09:00:00, ×3 in all",
                "10:10:00 quiet · 2 within a second",
                "10:20:00 came_back · ×5 in all",
                "10:50:00 quiet · ×2 (×6 in all)",
            ]
        },
        till="18:00",
    )


def test_a_growing_problem_is_told_at_10_100_and_1_000(score: Score) -> None:
    score(
        events=[every("5m", fails("LoginError", 10), since="09:00", till="17:20")],
        expect={
            "alarm": [
                "09:00:00 first_seen",
                "09:01:00 growing · ×10 within a second",
                "09:45:00 growing · ×100 in 45 min",
                "13:45:00 reminder · Still firing after 4 h 45 min: ×580",
                "17:15:00 growing · ×1 000 in 8 h 15 min",
                "17:50:00 quiet · 1 010 in 8 h 20 min",
            ]
        },
        till="19:00",
    )


def test_a_burst_is_one_step_and_is_told_a_minute_after_the_first_word(score: Score) -> None:
    score(
        events=[at("09:00:00", fails("LoginError")), at("09:00:02", fails("LoginError", 4_999))],
        expect={
            "alarm": [
                "09:00:00 first_seen",
                "09:01:00 growing · ×5 000 in 2 s",
                "09:30:02 quiet · 5 000",
            ]
        },
        till="10:00",
    )


def test_what_goes_on_is_reminded_of_every_four_hours_of_silence(score: Score) -> None:
    score(
        events=[every("29m", fails("LoginError"), since="06:00", till="18:00")],
        expect={
            "alarm": [
                "06:00 first_seen",
                "10:00 reminder · Still firing after 4 h: ×9, last seen 09:52",
                "10:21 growing · ×10",
                "14:21 reminder · Still firing after 8 h 21 min",
                "18:06 quiet · 25 in 11 h 36 min",
            ]
        },
        till="20:00",
    )


def test_the_file_says_when_to_speak_again(score: Score) -> None:
    score(
        '[alerting]\nquiet_after = "2h"\nremind_every = "1h"\ngrowth_every = "10m"\n',
        events=[at("09:00:00", fails("LoginError")), at("09:01:00", fails("LoginError", 20))],
        expect={
            "alarm": [
                "09:00:00 first_seen",
                "09:10:00 growing · ×21",
                "10:10:00 reminder",
                "11:01:00 quiet · Quiet for 2 h",
            ]
        },
        till="12:00",
    )


def test_two_problems_have_messages_of_their_own(score: Score) -> None:
    score(
        events=[
            at("09:00:00", fails("LoginError", 3)),
            at("09:10:00", fails("CampusError")),
            at("09:20", fails("LoginError")),
        ],
        expect={
            "alarm": [
                "09:00:00 first_seen · LoginError",
                "09:10:00 first_seen · CampusError",
                "09:40:00 quiet · CampusError",
                "09:50:00 quiet · LoginError · 4 in 20 min",
            ]
        },
        till="10:00",
    )


def test_each_record_is_a_message_however_equal_they_are(score: Score) -> None:
    score(
        events=[every("10s", notifies("cleaned up"), since="09:00:00", till="09:02:00")],
        expect={
            "devops": [f"09:{second // 60:02}:{second % 60:02} record · cleaned up" for second in range(0, 121, 10)],
        },
        till="12:00",
    )


def test_a_warning_goes_to_devops(score: Score) -> None:
    score(
        events=[at("09:00", says("disk 91 % full")), at("09:10", says("disk 92 % full"))],
        expect={"devops": ["09:00 first_seen · disk 91 % full", "09:40 quiet · 2 in 10 min"]},
        till="10:00",
    )


def test_with_a_bot_an_episode_is_one_message_and_growth_stands_in_its_thread(score: Score) -> None:
    score(
        is_bot=True,
        events=[at("09:00:00", fails("LoginError")), at("09:00:30", fails("LoginError", 11))],
        counts=True,
        expect={
            "alarm": [
                "09:00:00 first_seen · LoginError",
                "09:00:00 file first_seen",
                "09:00:30 edit updated · ×12 in 30 s",
                "09:01:00 edit growing · ×12",
                "09:01:00 reply growing · ×12 in 30 s",
                "09:30:30 edit quiet · 12 in 30 s",
                "09:30:30 reply quiet · Quiet for 30 min",
            ]
        },
        till="10:00",
    )


def test_with_a_bot_numbers_are_renewed_every_five_seconds_at_first_and_then_every_thirty(score: Score) -> None:
    score(
        is_bot=True,
        events=[
            at("09:00:00", fails("LoginError")),
            every("3s", fails("LoginError"), since="09:00:03", till="09:00:15"),
            every("40s", fails("LoginError"), since="09:02:00", till="09:03:20"),
        ],
        counts=True,
        expect={
            "alarm": [
                "09:00:00 first_seen",
                "09:00:00 file first_seen",
                "09:00:05 edit updated · ×2",
                "09:00:10 edit updated · ×4",
                "09:00:15 edit updated · ×6",
                "09:02:00 edit updated · ×7",
                "09:02:40 edit updated · ×8",
                "09:03:20 edit updated · ×9",
                "09:33:20 edit quiet",
                "09:33:20 reply quiet",
            ]
        },
        till="10:00",
    )


def test_a_message_deleted_in_slack_is_posted_anew_when_there_is_something_to_say(score: Score) -> None:
    score(
        is_bot=True,
        events=[
            at("09:00:00", fails("LoginError")),
            at("09:10:00", slack_refuses("message_not_found", times=1), fails("LoginError", 9)),
        ],
        expect={
            "alarm": [
                "09:00:00 first_seen",
                "09:00:00 file first_seen",
                "09:10:00 growing · ×10",
                "09:40:00 edit quiet",
                "09:40:00 reply quiet",
            ]
        },
        till="10:00",
    )
