"""Many problems at once: a few have messages of their own, the rest is one digest."""

from acts import fails
from score import Score, at, every

QUIET_LATER = '[alerting]\nquiet_after = "24h"\nremind_every = "7d"\n'


def _problems(first: int, last: int) -> list[str]:
    """Names of exceptions that have nothing in common."""
    return [f"Problem{number:04}" for number in range(first, last)]


def test_three_thousand_problems_are_five_messages_and_one_digest(score: Score) -> None:
    score(
        QUIET_LATER,
        events=[at("09:00:00", *(fails(name) for name in _problems(0, 3_000)))],
        expect={
            "alarm": [
                *("09:00 first_seen",) * 5,
                "09:00 digest · 2 995 different problems at once · top 5 and +2 990 more",
            ]
        },
        till="18:00",
    )


def test_a_storm_that_goes_on_is_one_digest_a_minute(score: Score) -> None:
    score(
        QUIET_LATER,
        events=[at(f"09:00:{second:02}", *(fails(f"P{second}x{n}") for n in range(5))) for second in range(60)],
        expect={"alarm": [*("09:00 first_seen",) * 5, "09:01:00-09:02:00 digest · 295 different problems at once"]},
        till="18:00",
    )


def test_five_problems_in_a_minute_are_no_storm(score: Score) -> None:
    score(
        QUIET_LATER,
        events=[at("09:00:00", *(fails(name) for name in _problems(0, 5)))],
        expect={"alarm": ["09:00 first_seen"] * 5},
        till="18:00",
    )


def test_the_budget_is_what_the_file_says(score: Score) -> None:
    score(
        QUIET_LATER + 'storm_budget = 2\nstorm_window = "5m"\n',
        events=[at("09:00:00", *(fails(name) for name in _problems(0, 4)))],
        expect={"alarm": ["09:00 first_seen", "09:00 first_seen", "09:00-09:05 digest · 2 different problems at once"]},
        till="18:00",
    )


def test_each_channel_has_a_budget_of_its_own(score: Score) -> None:
    score(
        QUIET_LATER + '[[route]]\nwhen = { exception = "Login*" }\nto = ["alarm", "login"]\n',
        channels=("alarm", "devops", "login"),
        events=[at("09:00:00", *(fails(name) for name in _problems(0, 8)), fails("LoginError"))],
        expect={
            "alarm": [*("09:00 first_seen",) * 5, "09:00 digest · 4 different problems at once"],
            "login": ["09:00 first_seen · LoginError"],
        },
        till="18:00",
    )


def test_a_storm_in_two_channels_is_a_digest_in_both(score: Score) -> None:
    told = [*("09:00 first_seen",) * 5, "09:00 digest · 15 different problems at once"]
    score(
        QUIET_LATER + '[[route]]\nto = ["alarm", "login"]\n',
        channels=("alarm", "devops", "login"),
        events=[at("09:00:00", *(fails(name) for name in _problems(0, 20)))],
        expect={"alarm": told, "login": told},
        till="18:00",
    )


def test_what_a_digest_told_of_and_grows_gets_a_message(score: Score) -> None:
    score(
        QUIET_LATER,
        events=[
            at("09:00:00", *(fails(name) for name in _problems(0, 8))),
            every("10m", fails("Problem0007"), since="09:30", till="11:10"),
        ],
        expect={
            "alarm": [
                *("09:00 first_seen",) * 5,
                "09:00 digest · 3 different problems at once · Problem0007",
                "10:50:00 growing · Problem0007 · ×10",
            ]
        },
        till="18:00",
    )


def test_what_a_digest_told_of_ends_without_a_word(score: Score) -> None:
    score(
        events=[at("09:00:00", *(fails(name) for name in _problems(0, 8)))],
        expect={
            "alarm": [
                *("09:00 first_seen",) * 5,
                "09:00 digest · 3 different problems at once",
                *("09:30 quiet",) * 5,
            ]
        },
        till="18:00",
    )


def test_what_happens_again_after_its_digest_is_told_when_it_is_over(score: Score) -> None:
    again = at("09:05:00", *(fails(name, 2) for name in _problems(0, 8)))
    score(
        events=[at("09:00:00", *(fails(name) for name in _problems(0, 8))), again],
        expect={
            "alarm": [
                *("09:00 first_seen",) * 5,
                "09:00 digest · 3 different problems at once",
                *("09:35 quiet · 3 in 5 min",) * 5,
                "09:45:00 digest · 3 problems of earlier digests are over · ×9",
            ]
        },
        till="18:00",
    )
