"""What is silenced, acknowledged or escalated: who hears of it, and when again."""

from acts import acknowledges, begins, ends_silence, fails, is_killed, notifies, restarts, silences
from score import Score, at, every

LEAD = '[[escalate]]\nafter = "15m"\nto = "lead"\n'
CHAIN = LEAD + '[[escalate]]\nafter = "1h"\nwhen = { level = "fatal" }\nto = ["lead", "boss"]\n'
NIGHT = '[quiet_hours]\nfrom = "22:00"\nto = "07:00"\n'


def test_what_a_silence_holds_back_is_told_at_its_end_if_it_is_still_there(score: Score) -> None:
    score(
        events=[
            every("10m", fails("LoginError"), since="09:00", till="12:00"),
            at("09:15:00", silences("2h", exception="LoginError")),
        ],
        expect={
            "alarm": [
                "09:00 first_seen",
                "11:15:00 silence_ended · The silence has ended, and it still fires: ×14 in 2 h 10 min",
                "12:30:00 quiet · 19 in 3 h",
            ]
        },
        till="18:00",
    )


def test_what_began_and_ended_inside_a_silence_is_never_told(score: Score) -> None:
    score(
        events=[
            at("09:00:00", silences("2h", exception="LoginError")),
            every("5m", fails("LoginError"), since="09:05", till="10:00"),
        ],
        expect={"alarm": []},
        till="18:00",
    )


def test_what_began_inside_a_silence_and_goes_on_is_told_at_its_end(score: Score) -> None:
    score(
        events=[
            at("09:00:00", silences("1h", exception="LoginError")),
            every("5m", fails("LoginError"), since="09:05", till="10:10"),
        ],
        expect={"alarm": ["10:00:00 silence_ended · ×12", "10:40:00 quiet · 14 in 1 h 5 min"]},
        till="18:00",
    )


def test_a_silence_holds_back_what_it_names_and_nothing_else(score: Score) -> None:
    score(
        events=[
            at("09:00:00", silences("4h", exception="sqlalchemy.*")),
            at("09:01:00", fails("IntegrityError", module="sqlalchemy.exc"), fails("LoginError")),
        ],
        expect={"alarm": ["09:01:00 first_seen · LoginError", "09:31:00 quiet · LoginError"]},
        till="18:00",
    )


def test_a_silence_of_one_problem_lets_its_neighbours_speak(score: Score) -> None:
    score(
        events=[
            at("09:00:00", fails("LoginError"), fails("CampusError")),
            at("09:10:00", silences("6h", group="LoginError")),
            every("10m", fails("LoginError", 5), since="09:20", till="11:00"),
            every("10m", fails("CampusError", 5), since="09:20", till="11:00"),
        ],
        expect={
            "alarm": [
                "09:00:00 first_seen · LoginError",
                "09:00:00 first_seen · CampusError",
                "09:30:00 growing · CampusError · ×11",
                "11:30:00 quiet · CampusError · 56",
            ]
        },
        till="18:00",
    )


def test_a_silence_until_a_count_ends_with_it(score: Score) -> None:
    score(
        events=[
            at("09:00:00", silences("12h", exception="LoginError", count=5)),
            every("10m", fails("LoginError"), since="09:10", till="10:30"),
        ],
        expect={"alarm": ["09:50:00 silence_ended · ×5 in 40 min", "11:00:00 quiet · 9 in 1 h 20 min"]},
        till="18:00",
    )


def test_a_silence_until_a_release_ends_when_another_is_seen(score: Score) -> None:
    score(
        events=[
            at("08:59:00", restarts(release="v1.4.1")),
            at("09:00:00", silences("12h", exception="LoginError", release="v1.4.1")),
            every("10m", fails("LoginError"), since="09:10", till="09:30"),
            at("09:35:00", restarts(release="v1.4.2")),
            at("09:40:00", fails("LoginError")),
        ],
        expect={
            "alarm": ["09:40:00 silence_ended · ×4", "10:10:00 quiet"],
        },
        till="18:00",
    )


def test_a_silence_that_somebody_ends_speaks_at_once(score: Score) -> None:
    score(
        events=[
            at("09:00:00", silences("12h", exception="LoginError")),
            every("10m", fails("LoginError"), since="09:10", till="10:10"),
            at("09:45:00", ends_silence()),
        ],
        expect={"alarm": ["09:45:00 silence_ended · ×4", "10:40:00 quiet"]},
        till="18:00",
    )


def test_of_two_silences_the_one_that_lasts_holds(score: Score) -> None:
    score(
        events=[
            at(
                "09:00:00",
                silences("1h", exception="LoginError", name="s1"),
                silences("3h", exception="Login*", name="s2"),
            ),
            every("10m", fails("LoginError"), since="09:10", till="12:30"),
        ],
        expect={"alarm": ["12:00:00 silence_ended · ×18", "13:00:00 quiet"]},
        till="18:00",
    )


def test_a_silence_that_ends_at_night_waits_for_the_morning(score: Score) -> None:
    score(
        NIGHT,
        events=[
            at("21:00:00", silences("2h", exception="LoginError")),
            every("10m", fails("LoginError"), since="21:10", till="23:30"),
        ],
        expect={"alarm": ["+1 07:00:00 digest · LoginError · ×15"]},
        till="+1 12:00",
    )


def test_a_silence_counts_the_hours_also_when_clocks_are_changed(score: Score) -> None:
    score(
        zone="Europe/Berlin",
        day="2021-10-30",
        events=[
            at("+1 01:00:00", silences("3h", exception="LoginError")),
            every("10m", fails("LoginError"), since="+1 01:10", till="+1 04:00"),
        ],
        expect={"alarm": ["+1 03:00:00 silence_ended", "+1 04:30:00 quiet"]},
        till="+1 12:00",
    )


def test_a_silence_is_grey_where_the_message_can_be_changed(score: Score) -> None:
    score(
        is_bot=True,
        counts=True,
        events=[
            at("09:00:00", fails("LoginError")),
            at("09:10:00", silences("1h", exception="LoginError")),
            every("10m", fails("LoginError"), since="09:20", till="10:20"),
        ],
        expect={
            "alarm": [
                "09:00:00 first_seen",
                "09:00:00 file first_seen",
                "09:10:00 edit updated · Silenced",
                *(f"09:{minute}:00 edit updated · Silenced" for minute in (20, 30, 40, 50)),
                "10:00:00 edit updated · ×6 in 1 h · Silenced",
                "10:10:00 edit silence_ended · not Silenced",
                "10:10:00 reply silence_ended · The silence has ended",
                "10:20:00 edit updated · ×8 in",
                "10:50:00 edit quiet",
                "10:50:00 reply quiet",
            ]
        },
        till="12:00",
    )


def test_a_silence_is_shared_by_all_processes_and_survives_them(score: Score) -> None:
    score(
        events=[
            at("09:00:00", begins("two"), silences("2h", exception="LoginError")),
            at("09:10:00", fails("LoginError"), fails("LoginError", on="two")),
            at("09:20:00", is_killed("web")),
            every("10m", fails("LoginError", on="two"), since="09:30", till="11:10"),
        ],
        expect={"alarm": ["11:00:00 silence_ended · ×12", "11:40:00 quiet · 13"]},
        till="18:00",
    )


def test_records_pass_a_silence(score: Score) -> None:
    score(
        events=[at("09:00:00", silences("2h", exception="*")), at("09:10:00", notifies("backup done"))],
        expect={"devops": ["09:10:00 record · backup done"]},
        till="12:00",
    )


# -- escalation


def test_what_nobody_acknowledges_goes_on_to_the_next_channel(score: Score) -> None:
    score(
        LEAD,
        channels=("alarm", "devops", "lead"),
        events=[every("10m", fails("LoginError"), since="09:00", till="09:40")],
        expect={
            "alarm": [
                "09:00 first_seen",
                "09:15:00 escalated · Nobody has acknowledged it for 15 min",
                "10:10:00 quiet",
            ],
            "lead": ["09:15:00 escalated · LoginError · ×2", "10:10:00 quiet"],
        },
        till="12:00",
    )


def test_an_acknowledgement_stops_the_escalation(score: Score) -> None:
    score(
        LEAD,
        channels=("alarm", "devops", "lead"),
        events=[
            every("10m", fails("LoginError"), since="09:00", till="10:40"),
            at("09:14:59", acknowledges("LoginError")),
        ],
        expect={"alarm": ["09:00 first_seen", "10:30 growing · ×10 · Acknowledged", "11:10:00 quiet"]},
        till="12:00",
    )


def test_an_acknowledged_problem_that_comes_back_is_escalated_anew(score: Score) -> None:
    score(
        LEAD,
        channels=("alarm", "devops", "lead"),
        events=[
            at("09:00:00", fails("LoginError")),
            at("09:10:00", acknowledges("LoginError")),
            every("10m", fails("LoginError"), since="11:00", till="11:10"),
        ],
        expect={
            "alarm": ["09:00 first_seen", "09:30:00 quiet", "11:00 came_back", "11:15:00 escalated", "11:40:00 quiet"],
            "lead": ["11:15:00 escalated", "11:40:00 quiet"],
        },
        till="12:00",
    )


def test_steps_are_taken_in_order_and_only_by_what_they_name(score: Score) -> None:
    score(
        CHAIN,
        channels=("alarm", "devops", "lead", "boss"),
        events=[
            every("20m", fails("DiskFull", level="fatal"), since="09:00", till="10:20"),
            every("20m", fails("LoginError"), since="09:05", till="10:25"),
        ],
        expect={
            "alarm": [
                "09:00 first_seen · DiskFull",
                "09:05 first_seen · LoginError",
                "09:15:00 escalated · DiskFull",
                "09:20:00 escalated · LoginError",
                "10:00:00 escalated · DiskFull · for 1 h",
                "10:50:00 quiet · DiskFull",
                "10:55:00 quiet · LoginError",
            ],
            "lead": [
                "09:15:00 escalated · DiskFull",
                "09:20:00 escalated · LoginError",
                "10:00:00 escalated · DiskFull",
                "10:50:00 quiet · DiskFull",
                "10:55:00 quiet · LoginError",
            ],
            "boss": ["10:00:00 escalated · DiskFull", "10:50:00 quiet · DiskFull"],
        },
        till="12:00",
    )


def test_at_night_an_escalation_waits_unless_it_is_fatal(score: Score) -> None:
    score(
        LEAD + NIGHT,
        channels=("alarm", "devops", "lead"),
        events=[
            every("10m", fails("LoginError"), since="+1 03:00", till="+1 03:30"),
            every("10m", fails("DiskFull", level="fatal"), since="+1 04:00", till="+1 04:20"),
        ],
        expect={
            "alarm": [
                "+1 04:00 first_seen · DiskFull",
                "+1 04:15:00 escalated · DiskFull",
                "+1 04:50:00 quiet · DiskFull",
                "+1 07:00:00 digest · LoginError",
            ],
            "lead": [
                "+1 04:15:00 escalated · DiskFull",
                "+1 04:50:00 quiet · DiskFull",
                "+1 07:00:00 digest · LoginError",
            ],
        },
        till="+1 12:00",
    )


def test_what_is_silenced_is_not_escalated(score: Score) -> None:
    score(
        LEAD,
        channels=("alarm", "devops", "lead"),
        events=[
            every("10m", fails("LoginError"), since="09:00", till="10:00"),
            at("09:05:00", silences("50m", exception="LoginError")),
        ],
        expect={
            "alarm": ["09:00 first_seen", "09:55:00 silence_ended", "09:55 escalated", "10:30:00 quiet"],
            "lead": ["09:55 escalated · Nobody has acknowledged it for 55 min", "10:30:00 quiet"],
        },
        till="12:00",
    )


def test_what_happened_before_a_silence_and_was_not_told_yet_is_told_when_it_ends(score: Score) -> None:
    score(
        events=[
            at("09:00:00", fails("LoginError"), fails("PayError")),
            at("09:05:00", fails("LoginError", 3)),
            at("09:10:00", silences("4h", exception="*")),
            at("09:15:00", fails("LoginError"), fails("PayError")),
        ],
        expect={
            "alarm": [
                "09:00 first_seen · LoginError",
                "09:00 first_seen · PayError",
                "09:45:00 quiet · LoginError",
            ]
        },
        till="18:00",
    )
