"""Which channel hears of what."""

import pytest
from acts import Act, answers, begins, fails, notifies, says
from score import Score, at

SHOWN = '[[route]]\nwhen = {{ {when} }}\nto = "login"\n'

MATCHES: dict[str, tuple[str, Act, Act]] = {
    # what a rule looks at: the condition, what it takes, and what it leaves to alarm
    "level": ('level = "fatal"', fails("DiskFull", level="fatal"), fails("LoginError")),
    "tag": ('tag.team = "login"', fails("LoginError", team="login"), fails("PayError", team="pay")),
    "exception by its bare name": ('exception = "LoginError"', fails("LoginError"), fails("LoginErrors")),
    "exception by its module": (
        'exception = "sqlalchemy.*"',
        fails("IntegrityError", module="sqlalchemy.exc"),
        fails("IntegrityError", module="sqlite3"),
    ),
    "http_status": ('http_status = ">=502"', answers(503), answers(500)),
}


@pytest.mark.parametrize("what", MATCHES)
def test_a_route_takes_what_it_names_and_leaves_the_rest(score: Score, what: str) -> None:
    when, taken, left = MATCHES[what]
    score(
        SHOWN.format(when=when),
        channels=("alarm", "devops", "login"),
        events=[at("09:00:00", taken), at("09:10:00", left)],
        expect={
            "login": ["09:00:00 first_seen", "09:30:00 quiet"],
            "alarm": ["09:10:00 first_seen", "09:40:00 quiet"],
        },
        till="12:00",
    )


def test_all_conditions_of_a_route_must_hold(score: Score) -> None:
    score(
        SHOWN.format(when='level = "fatal", tag.team = "login"'),
        channels=("alarm", "devops", "login"),
        events=[
            at("09:00:00", fails("A", level="fatal")),
            at("09:01:00", fails("B", team="login")),
            at("09:02:00", fails("C", level="fatal", team="login")),
        ],
        expect={
            "alarm": ["09:00 first_seen · A", "09:01 first_seen · B", "09:30 quiet", "09:31 quiet"],
            "login": ["09:02 first_seen · C", "09:32 quiet"],
        },
        till="12:00",
    )


def test_the_first_route_that_matches_decides(score: Score) -> None:
    score(
        '[[route]]\nwhen = { exception = "Login*" }\nto = "login"\n[[route]]\nto = "devops"\n',
        channels=("alarm", "devops", "login"),
        events=[at("09:00:00", fails("LoginError")), at("09:10:00", fails("PayError"))],
        expect={"login": ["09:00 first_seen", "09:30 quiet"], "devops": ["09:10 first_seen", "09:40 quiet"]},
        till="12:00",
    )


def test_a_route_that_continues_leaves_the_next_their_say(score: Score) -> None:
    score(
        '[[route]]\nwhen = { exception = "Login*" }\nto = "login"\ncontinue = true\n'
        '[[route]]\nwhen = { level = "error" }\nto = ["alarm", "devops"]\n',
        channels=("alarm", "devops", "login"),
        events=[at("09:00:00", fails("LoginError"))],
        expect={channel: ["09:00 first_seen", "09:30 quiet"] for channel in ("alarm", "devops", "login")},
        till="12:00",
    )


def test_in_two_channels_a_problem_is_told_in_both_with_the_same_numbers(score: Score) -> None:
    told = ["09:00 first_seen", "09:10:00 growing · ×12", "09:40:00 quiet · 12 in 10 min"]
    score(
        '[[route]]\nto = ["alarm", "login"]\n',
        channels=("alarm", "devops", "login"),
        events=[at("09:00:00", fails("LoginError")), at("09:10:00", fails("LoginError", 11))],
        expect={"alarm": told, "login": told},
        till="12:00",
    )


def test_what_no_route_takes_goes_where_it_would_go_without(score: Score) -> None:
    score(
        SHOWN.format(when='exception = "Nothing"'),
        channels=("alarm", "devops", "login"),
        events=[
            at("09:00:00", fails("LoginError")),
            at("09:10:00", says("disk full")),
            at("09:20:00", notifies("done")),
        ],
        expect={
            "alarm": ["09:00 first_seen", "09:30 quiet"],
            "devops": ["09:10 first_seen", "09:20 record", "09:40 quiet"],
        },
        till="12:00",
    )


def test_what_the_program_asks_for_comes_before_the_routes(score: Score) -> None:
    score(
        '[[route]]\nto = "alarm"\n',
        channels=("alarm", "devops", "login"),
        events=[at("09:00:00", notifies("deployed", "login"))],
        expect={"login": ["09:00 record"]},
        till="12:00",
    )


def test_another_environment_is_told_in_its_own_channel(score: Score) -> None:
    score(
        '[[route]]\nwhen = { environment = ["staging", "dev*"] }\nto = "dev-test"\n',
        channels=("alarm", "devops", "dev-test"),
        events=[
            at("08:59:00", begins("staged", environment="staging")),
            at("09:00:00", fails("LoginError", on="staged", level="fatal"), fails("PayError")),
        ],
        expect={
            "dev-test": ["09:00 first_seen · LoginError · staging", "09:30 quiet"],
            "alarm": ["09:00 first_seen · PayError", "09:30 quiet"],
        },
        till="12:00",
    )
