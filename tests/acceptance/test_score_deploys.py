"""What begins after a deploy says so."""

from acts import deploys, fails, restarts
from score import Score, at

RELEASED = [at("11:59:00", restarts(release="v1.4.2")), at("12:00:00", deploys("v1.4.2"))]


def test_a_problem_says_how_long_after_the_deploy_it_began_and_asks_for_a_way_back(score: Score) -> None:
    score(
        events=[*RELEASED, at("12:04:10", fails("LoginError"))],
        expect={
            "devops": ["12:00:00 record · Deployed checkin v1.4.2 by minji"],
            "alarm": [
                "12:04:10 first_seen · v1.4.2, 4 min before · Not seen before v1.4.2 · is rolling back an option?",
                "12:34:10 quiet · not rolling back",
            ],
        },
        till="18:00",
    )


def test_after_half_an_hour_nobody_is_asked_to_roll_back(score: Score) -> None:
    score(
        events=[*RELEASED, at("12:30:00", fails("LoginError"))],
        expect={
            "devops": ["12:00 record"],
            "alarm": ["12:30:00 first_seen · v1.4.2, 30 min before · not rolling back", "13:00:00 quiet"],
        },
        till="18:00",
    )


def test_a_problem_that_was_known_before_is_not_the_release_s(score: Score) -> None:
    score(
        events=[at("09:00:00", fails("LoginError")), *RELEASED, at("12:04:00", fails("LoginError"))],
        expect={
            "devops": ["12:00 record"],
            "alarm": [
                "09:00 first_seen · not DEPLOY",
                "09:30 quiet",
                "12:04:00 came_back · v1.4.2, 4 min before · not rolling back",
                "12:34:00 quiet",
            ],
        },
        till="18:00",
    )


def test_a_problem_that_fires_through_a_deploy_says_nothing_of_it(score: Score) -> None:
    score(
        events=[at("11:50:00", fails("LoginError")), *RELEASED, at("12:10:00", fails("LoginError", 9))],
        expect={
            "devops": ["12:00 record"],
            "alarm": ["11:50 first_seen", "12:10:00 growing · ×10 · not v1.4.2", "12:40:00 quiet · not DEPLOY"],
        },
        till="18:00",
    )


def test_of_two_deploys_the_last_one_counts_and_after_a_day_none_does(score: Score) -> None:
    score(
        events=[
            at("12:00:00", deploys("v1.4.2")),
            at("13:00:00", deploys("v1.4.3")),
            at("13:10:00", fails("LoginError")),
            at("+1 13:00:00", fails("CampusError")),
        ],
        expect={
            "devops": ["12:00 record", "13:00 record"],
            "alarm": [
                "13:10 first_seen · Not seen before v1.4.3, which was deployed 10 min before · not v1.4.2",
                "13:40 quiet",
                "+1 13:00 first_seen · CampusError · not DEPLOY",
                "+1 13:30 quiet",
            ],
        },
        till="+1 18:00",
    )
