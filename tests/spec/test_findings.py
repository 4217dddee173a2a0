"""What a watch has found, from its group to the words on the card."""

from dataclasses import replace

import pytest
from cards import BEGAN, ENGLISH, FIRST_SEEN, KOREAN
from timelines import HOUR, SCHEDULE, START, desk, event, occurrence, raised

from bongsu.alerting import group as groups
from bongsu.alerting.decision import Reason
from bongsu.alerting.group import Phase
from bongsu.event import Event, Finding, Kind, Level, Problem, from_json, to_json
from bongsu.grouping import fingerprint
from bongsu.messages import sentences, sentry, slack, text
from bongsu.messages.message import Message, State
from bongsu.messages.style import Style
from bongsu.routing import Ability

KINDS = {Problem.UNMET: Kind.EXPECTATION, Problem.ANSWER: Kind.HTTP, Problem.BURST: Kind.HTTP}


def found(problem: Problem, name: str = "nightly-backup", *, at: float = START, **numbers: float) -> Event:
    finding = Finding(problem=problem, name=name, **numbers)  # type: ignore[arg-type]
    return replace(event(name, at=at, kind=KINDS.get(problem, Kind.HEARTBEAT)), level=problem.level, finding=finding)


# -- one problem


def test_a_finding_is_one_problem_by_its_kind_environment_name_and_problem() -> None:
    missed = found(Problem.MISSED, span_s=90_000)
    assert fingerprint(missed) == fingerprint(replace(missed, message="other words", release="2", host="elsewhere"))
    others = [
        found(Problem.LATE),
        found(Problem.MISSED, "hourly-report"),
        replace(missed, environment="staging"),
        replace(missed, kind=Kind.EXPECTATION),
        replace(missed, finding=None),
    ]
    assert len({fingerprint(each) for each in [missed, *others]}) == 1 + len(others)


def test_a_failed_run_is_one_problem_whatever_it_failed_of() -> None:
    failed = replace(raised(), kind=Kind.HEARTBEAT, finding=Finding(problem=Problem.FAILED, name="nightly-backup"))
    assert fingerprint(failed) == fingerprint(replace(found(Problem.FAILED), message="disk full"))


@pytest.mark.parametrize("problem", Problem)
def test_it_is_kept_as_json(problem: Problem) -> None:
    told = found(problem, span_s=3.5, allowed_s=2.0, count=3, wanted=4)
    assert from_json(to_json(told)) == told


# -- silence is no recovery

LASTING = {
    *(Problem.UNMET, Problem.MISSED, Problem.FAILED, Problem.KILLED, Problem.TOO_LONG, Problem.BURST),
    *(Problem.CRASH_LOOP, Problem.GAVE_UP, Problem.HUNG, Problem.LOST),
}


@pytest.mark.parametrize("problem", Problem)
def test_what_lasts_never_goes_quiet_and_what_does_not_does(problem: Problem) -> None:
    group, _ = groups.occur(None, ["alarm"], occurrence(found(problem)), START)
    later = START + 100 * HOUR
    after, _ = groups.tick(group, later, SCHEDULE)
    assert groups.is_over(group, later, SCHEDULE) is (problem not in LASTING)
    assert (after.phase is Phase.FIRING) is (problem in LASTING)


def test_it_fires_on_with_reminders_until_something_good_is_seen_and_comes_back_after_it() -> None:
    hook = desk(Ability.POSTS)
    hook.happens(found(Problem.MISSED))
    hook.wait(9 * HOUR)
    hook.is_over("nightly-backup", Finding(problem=Problem.MISSED, name="nightly-backup", span_s=9 * HOUR))
    hook.wait(9 * HOUR)
    hook.is_over("nightly-backup")
    hook.happens(found(Problem.MISSED, at=hook.now))
    assert hook.told() == [
        (0, "post", Reason.FIRST_SEEN, 1),
        (4 * HOUR, "post", Reason.REMINDER, 1),
        (8 * HOUR, "post", Reason.REMINDER, 1),
        (9 * HOUR, "post", Reason.RESOLVED, 1),
        (18 * HOUR, "post", Reason.CAME_BACK, 1),
    ]
    resolved = hook.deliveries[3][1].message
    assert resolved.state is State.QUIET
    assert resolved.finding is not None
    assert resolved.finding.span_s == 9 * HOUR


def test_a_bot_turns_the_card_green_and_replies() -> None:
    bot = desk(Ability.EDITS)
    bot.happens(found(Problem.UNMET))
    bot.wait(HOUR)
    bot.is_over("nightly-backup")
    assert bot.told() == [
        (0, "post", Reason.FIRST_SEEN, 1),
        (HOUR, "edit", Reason.RESOLVED, 1),
        (HOUR, "reply", Reason.RESOLVED, 1),
    ]


def test_a_server_that_decides_for_itself_hears_of_the_problem_only() -> None:
    server = desk(Ability.FORWARDS)
    server.happens(found(Problem.UNMET))
    server.is_over("nightly-backup")
    assert server.told() == [(0, "forward", Reason.UPDATED, 1)]


def test_what_only_a_digest_told_of_is_over_without_a_word() -> None:
    hook = desk(Ability.POSTS)
    for number in range(6):
        hook.happens(found(Problem.MISSED, f"job {number}"))
    hook.is_over("job 5")
    assert [reason for _, _, reason, _ in hook.told("job 5")] == []


# -- in words


WORDS: dict[str, tuple[Event, str, str]] = {
    "too few": (
        found(Problem.UNMET, "checkin.login", wanted=1, span_s=600.0),
        "checkin.login: 0 in 10 min, at least 1 expected",
        "checkin.login이(가) 10분 동안 0건에 그쳤습니다. 최소 1건이어야 합니다",
    ),
    "missed": (
        found(Problem.MISSED, span_s=90_000.0, allowed_s=86_400.0),
        "nightly-backup is missed: nothing heard for 1 d 1 h, expected every 1 d",
        "nightly-backup이(가) 1일 1시간째 신호를 보내지 않고 있습니다. 주기는 1일입니다",
    ),
    "late": (
        found(Problem.LATE, span_s=7_380.0),
        "nightly-backup came 2 h 3 min late",
        "nightly-backup이(가) 신호를 2시간 3분 늦게 보냈습니다",
    ),
    "failed with an exception": (
        replace(raised(), kind=Kind.HEARTBEAT, finding=Finding(problem=Problem.FAILED, name="nightly-backup")),
        "nightly-backup failed: Error: no room",
        "nightly-backup이(가) 실패했습니다: Error: no room",
    ),
    "failed with a text": (
        replace(found(Problem.FAILED), message="disk full"),
        "nightly-backup failed: disk full",
        "nightly-backup이(가) 실패했습니다: disk full",
    ),
    "failed without one": (
        replace(found(Problem.FAILED), message=""),
        "nightly-backup failed",
        "nightly-backup이(가) 실패했습니다",
    ),
    "killed": (
        found(Problem.KILLED, span_s=60.0),
        "nightly-backup did not end: its process is gone, 1 min after the run began",
        "nightly-backup이(가) 끝나지 못했습니다. 실행 1분 만에 프로세스가 사라졌습니다",
    ),
    "overlapping": (
        found(Problem.OVERLAPPING, count=2),
        "nightly-backup overlaps: 2 runs at once",
        "nightly-backup이(가) 겹쳐서 동시에 2개 실행되고 있습니다",
    ),
    "too long": (
        found(Problem.TOO_LONG, span_s=3_700.0, allowed_s=3_600.0),
        "nightly-backup takes too long: running for 1 h 1 min, at most 1 h expected",
        "nightly-backup이(가) 1시간 1분째 실행 중입니다. 늦어도 1시간 안에 끝나야 합니다",
    ),
    "an answer": (
        found(Problem.ANSWER, "503 GET /orders/{id}"),
        "503 GET /orders/{id}",
        "503 GET /orders/{id}",
    ),
    "a burst": (
        found(Problem.BURST, "5xx", count=34, wanted=1_200, span_s=300.0),
        "5xx: 34 of 1 200 answers in 5 min",
        "5xx 응답이 급증했습니다. 5분 동안 1,200건 중 34건입니다",
    ),
}


@pytest.mark.parametrize(("happened", "english", "korean"), WORDS.values(), ids=WORDS)
def test_the_title_says_what_was_found(happened: Event, english: str, korean: str) -> None:
    message = replace(FIRST_SEEN, event=happened)
    assert sentences.title(message, ENGLISH) == english
    assert sentences.title(message, KOREAN) == korean


OVER: dict[str, tuple[Finding | None, str, str]] = {
    "enough again": (
        Finding(problem=Problem.UNMET, name="checkin.login", count=3, span_s=600.0),
        "Enough again after 2 h: 3 in 10 min",
        "checkin.login이(가) 2시간 만에 정상으로 돌아왔습니다. 10분 동안 3건입니다",
    ),
    "heard again": (
        Finding(problem=Problem.MISSED, name="nightly-backup", span_s=7_380.0),
        "Heard again, 2 h 3 min late",
        "nightly-backup이(가) 다시 신호를 보냈습니다. 2시간 3분 늦었습니다",
    ),
    "went well": (
        Finding(problem=Problem.FAILED, name="nightly-backup"),
        "Went well again, after 2 h",
        "nightly-backup이(가) 2시간 만에 다시 성공했습니다",
    ),
    "went well after it was killed": (
        Finding(problem=Problem.KILLED, name="nightly-backup"),
        "Went well again, after 2 h",
        "nightly-backup이(가) 2시간 만에 다시 성공했습니다",
    ),
    "ended": (
        Finding(problem=Problem.TOO_LONG, name="nightly-backup", span_s=7_380.0),
        "Ended after 2 h 3 min",
        "nightly-backup이(가) 2시간 3분 만에 끝났습니다",
    ),
    "no burst any more": (
        Finding(problem=Problem.BURST, name="5xx", count=2, wanted=800, span_s=300.0),
        "Over after 2 h: 2 of 800 answers in 5 min",
        "5xx 응답이 2시간 만에 정상으로 돌아왔습니다. 5분 동안 800건 중 2건입니다",
    ),
    "forgotten": (
        None,
        "No longer watched, after 2 h: ×1",
        "더 이상 감시하지 않습니다. 2시간 동안 1회 발생했습니다",
    ),
}


@pytest.mark.parametrize(("finding", "english", "korean"), OVER.values(), ids=OVER)
def test_the_end_says_how_it_stands(finding: Finding | None, english: str, korean: str) -> None:
    told = finding or Finding(problem=Problem.MISSED, name="nightly-backup")
    message = replace(
        FIRST_SEEN,
        reason=Reason.RESOLVED,
        state=State.QUIET,
        at=BEGAN + 7_200,
        event=found(told.problem),
        finding=finding,
        request_ids=(),
    )
    assert sentences.reason(message, ENGLISH) == english
    assert sentences.reason(message, KOREAN) == korean
    assert english in text.line(message, ENGLISH)
    assert slack.reply(message, ENGLISH)["text"] == f"🟢 {english}"


@pytest.mark.parametrize("style", [ENGLISH, KOREAN], ids=["en", "ko"])
def test_every_lasting_problem_has_words_for_its_end(style: Style) -> None:
    for problem in LASTING:
        message = Message(reason=Reason.RESOLVED, state=State.QUIET, at=0.0, finding=Finding(problem=problem, name="x"))
        assert sentences.reason(message, style)


def test_a_burst_names_the_worst_routes_below_its_title() -> None:
    burst = replace(
        found(Problem.BURST, "5xx", count=3, wanted=4, span_s=300.0),
        message="5xx: 3 of 4 answers in 5 min\n2 × GET /a\n1 × GET /b",
    )
    card = text.card(replace(FIRST_SEEN, event=burst, request_ids=()), KOREAN)
    assert "2 × GET /a\n│ 1 × GET /b" in card
    assert "5xx: 3 of 4" not in card


def test_levels_say_how_bad_it_is() -> None:
    warnings = {problem for problem in Problem if problem.level is Level.WARNING}
    assert warnings == {Problem.LATE, Problem.OVERLAPPING, Problem.TOO_LONG, Problem.MEMORY}


def test_another_server_gets_name_and_problem_as_tags() -> None:
    message = replace(FIRST_SEEN, event=found(Problem.MISSED))
    envelope = sentry.envelope(message, sent_at=START, sdk_version="1").decode()
    assert '"heartbeat":"nightly-backup"' in envelope
    assert '"problem":"missed"' in envelope
