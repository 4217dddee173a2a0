"""What is told of a process: one problem through its stages, and the words of each."""

from dataclasses import replace

import pytest
from cards import BEGAN, ENGLISH, FIRST_SEEN, KOREAN
from timelines import MINUTE, Desk, desk, event, raised

from bongsu.alerting.decision import Reason
from bongsu.event import Ending, Event, Finding, Kind, Level, Problem, Process, ProcessState, Why, from_json, to_json
from bongsu.grouping import fingerprint
from bongsu.messages import sentences, sentry, slack, text
from bongsu.messages.message import Message, State
from bongsu.routing import Ability

MIB = 1 << 20
EXIT_3, KILLED = Ending(code=3), Ending(signal="SIGKILL", why=Why.OUT_OF_MEMORY)
CHECKIN = Process(
    name="checkin",
    watcher="run",
    state=ProcessState.EXITED,
    pid=4711,
    ending=EXIT_3,
    uptime_s=90.0,
    peak_bytes=300 * MIB,
    command="gunicorn checkin:app",
    output=("starting", "<!channel> no such table: member", "\tat  open\r (db.js:3)"),
)


def ended(problem: Problem = Problem.EXITED, ending: Ending = EXIT_3, **numbers: float) -> Event:
    finding = Finding(problem=problem, name="checkin", ending=ending, **numbers)  # type: ignore[arg-type]
    process = replace(CHECKIN, ending=ending)
    return replace(event("checkin"), kind=Kind.PROCESS, level=problem.level, finding=finding, process=process)


def died_of(exception: Event, problem: Problem, **numbers: float) -> Event:
    finding = Finding(problem=problem, name="checkin", ending=EXIT_3, **numbers)  # type: ignore[arg-type]
    return replace(exception, level=Level.FATAL, finding=finding, process=CHECKIN)


def card(told: Event) -> Message:
    return replace(FIRST_SEEN, at=BEGAN, event=told, request_ids=(), users=0)


# -- one problem


def test_an_end_a_loop_and_giving_up_are_one_problem_told_by_its_cause() -> None:
    stages = [ended(), ended(Problem.CRASH_LOOP), ended(Problem.GAVE_UP)]
    assert len({fingerprint(each) for each in stages}) == 1
    others = [
        ended(ending=Ending(code=1)),
        ended(ending=Ending(signal="SIGKILL")),
        ended(ending=KILLED),
        ended(ending=Ending()),
        ended(Problem.MEMORY),
        ended(Problem.HUNG),
    ]
    assert len({fingerprint(each) for each in [stages[0], *others]}) == 1 + len(others)


def test_a_core_dump_is_a_setting_of_the_host_and_no_other_cause() -> None:
    plain, dumped = Ending(signal="SIGSEGV"), Ending(signal="SIGSEGV", why=Why.CORE_DUMPED)
    assert fingerprint(ended(ending=plain)) == fingerprint(ended(ending=dumped))


def test_a_process_that_dies_of_an_exception_is_the_problem_that_its_library_would_tell() -> None:
    assert fingerprint(died_of(raised(), Problem.EXITED)) == fingerprint(raised())


@pytest.mark.parametrize("watcher", ["pm2", "supervisor", "systemd", "docker"])
def test_two_services_of_one_watcher_never_share_a_problem(watcher: str) -> None:
    one, other = (
        replace(died_of(raised(), Problem.EXITED), process=replace(CHECKIN, name=name, watcher=watcher))
        for name in ("checkin", "billing")
    )
    assert len({fingerprint(one), fingerprint(other), fingerprint(raised())}) == 3


def test_it_is_kept_as_json() -> None:
    told = ended(Problem.CRASH_LOOP, KILLED, count=16, span_s=7.0)
    assert from_json(to_json(told)) == told


# -- through its stages


def test_a_webhook_hears_of_the_next_stage_at_once_and_of_nothing_else_before_its_time() -> None:
    hook = desk(Ability.POSTS)
    loop(hook)
    hook.wait(10 * MINUTE)
    assert hook.told() == [
        (0, "post", Reason.FIRST_SEEN, 1),
        (4, "post", Reason.WORSENED, 5),
        (16, "post", Reason.WORSENED, 16),
    ]


def test_a_bot_has_one_message_for_all_stages() -> None:
    bot = desk(Ability.EDITS)
    loop(bot)
    bot.wait(10 * MINUTE)
    assert [verb for _, verb, _, _ in bot.told()].count("post") == 1
    assert [told for told in bot.told() if told[2] is Reason.WORSENED] == [
        (4, "edit", Reason.WORSENED, 5),
        (4, "reply", Reason.WORSENED, 5),
        (16, "edit", Reason.WORSENED, 16),
        (16, "reply", Reason.WORSENED, 16),
    ]


def test_what_is_milder_does_not_hide_what_is_worse() -> None:
    hook = desk(Ability.POSTS)
    loop(hook)
    hook.happens(ended())
    hook.wait(2 * 3_600 + 2 * 3_600)
    _, last = hook.deliveries[-1]
    assert last.message.reason is Reason.REMINDER
    assert last.message.event is not None
    assert last.message.event.finding is not None
    assert last.message.event.finding.problem is Problem.GAVE_UP


def test_a_stage_that_others_counted_counts_nothing() -> None:
    hook = desk(Ability.POSTS)
    hook.happens(ended(), times=5)
    hook.happens(ended(Problem.CRASH_LOOP), times=0)
    assert hook.told()[-1] == (0, "post", Reason.WORSENED, 5)


def test_a_stage_that_is_the_first_word_of_it_counts_once() -> None:
    hook = desk(Ability.POSTS)
    hook.happens(ended(Problem.CRASH_LOOP), times=0)
    assert hook.told() == [(0, "post", Reason.FIRST_SEEN, 1)]


def loop(at: Desk) -> None:
    for number in range(16):
        at.happens(ended(Problem.EXITED if number < 4 else Problem.CRASH_LOOP))
        at.wait(1)
    at.happens(ended(Problem.GAVE_UP), times=0)


# -- its words

TITLES = [
    (ended(), "checkin: exit 3", "checkin이(가) 종료 코드 3으로 끝났습니다"),
    (
        ended(ending=KILLED),
        "checkin: killed by SIGKILL (out of memory)",
        "checkin이(가) SIGKILL 신호(메모리 부족)로 끝났습니다",
    ),
    (
        ended(ending=Ending(signal="SIGSEGV", why=Why.CORE_DUMPED)),
        "checkin: SIGSEGV (core dumped)",
        "checkin이(가) SIGSEGV 오류(코어 덤프)로 끝났습니다",
    ),
    (
        ended(ending=Ending(why=Why.MEMORY_LIMIT)),
        "checkin: over its memory limit",
        "checkin이(가) 메모리 한도 초과로 끝났습니다",
    ),
    (ended(ending=Ending()), "checkin: ended for a reason unknown", "checkin이(가) 알 수 없는 이유로 끝났습니다"),
    (
        ended(Problem.CRASH_LOOP, Ending(code=1), count=16, span_s=7.4),
        "checkin: crash loop, 16 restarts in 7 s, last exit 1",
        "checkin이(가) 반복해서 종료되고 있습니다. 7초 동안 16회 재시작했고 마지막 원인은 종료 코드 1입니다",
    ),
    (
        ended(Problem.GAVE_UP, Ending(code=1), count=16, span_s=7.4),
        "checkin: restarted no more after 16 restarts in 7 s, last exit 1",
        "checkin이(가) 7초 동안 16회 재시작한 뒤 멈췄습니다. 마지막 원인은 종료 코드 1입니다",
    ),
    (
        ended(Problem.GAVE_UP, Ending(code=1), count=1),
        "checkin: not restarted, exit 1",
        "checkin이(가) 종료 코드 1로 끝났고 다시 시작되지 않습니다",
    ),
    (
        ended(Problem.MEMORY, used_bytes=512 * MIB, limit_bytes=500_000_000),
        "checkin: 512 MiB of memory, 477 MiB allowed",
        "checkin이(가) 메모리를 512 MiB 사용하고 있습니다. 한도는 477 MiB입니다",
    ),
    (
        ended(Problem.HUNG, span_s=600),
        "checkin hangs: no sign of life for 10 min",
        "checkin이(가) 10분째 응답하지 않습니다",
    ),
    (died_of(raised("no room"), Problem.EXITED), "Error: no room", "Error: no room"),
    (
        died_of(raised("no room"), Problem.CRASH_LOOP, count=5, span_s=3),
        "checkin: crash loop, 5 restarts in 3 s, last Error: no room",
        "checkin이(가) 반복해서 종료되고 있습니다. 3초 동안 5회 재시작했고 마지막 원인은 Error: no room입니다",
    ),
]


@pytest.mark.parametrize(("told", "english", "korean"), TITLES, ids=[english for _, english, _ in TITLES])
def test_the_cause_stands_in_the_title(told: Event, english: str, korean: str) -> None:
    assert sentences.title(card(told), ENGLISH) == english
    assert sentences.title(card(told), KOREAN) == korean


@pytest.mark.parametrize("problem", Problem)
def test_every_problem_has_a_title_in_every_language(problem: Problem) -> None:
    for style in (ENGLISH, KOREAN):
        assert sentences.title(card(ended(problem)), style).strip()


def test_a_phone_reads_the_name_once() -> None:
    assert text.line(card(ended()), ENGLISH).startswith("🔴 [production] checkin: exit 3")


def test_the_card_says_how_it_ran_and_what_it_said_last() -> None:
    shown = text.card(card(ended()), ENGLISH)
    for told in ("starting\n│ <!channel> no such", "UPTIME 1 min", "MEMORY 300 MiB", "COMMAND gunicorn checkin:app"):
        assert told in shown


def test_a_card_with_a_stack_says_how_the_process_ended() -> None:
    shown = text.card(card(died_of(raised(), Problem.EXITED)), ENGLISH)
    assert "END exit 3" in shown
    assert "no such table" not in shown
    assert "no such table" in text.full_stack(card(died_of(raised(), Problem.EXITED)))


def test_the_last_lines_are_shown_when_not_all_fit() -> None:
    output = tuple(f"{number} {'x' * 140}" for number in range(50))
    told = replace(ended(), process=replace(CHECKIN, output=output))
    shown = text.card(card(told), ENGLISH)
    assert "49 x" in shown
    assert "│ 0 x" not in shown


def test_what_a_program_writes_is_no_markup() -> None:
    assert "<!channel>" not in slack.payload(card(ended()), ENGLISH)["text"]
    assert '"type": "text", "text": "starting\\n<!channel>' in str(slack.payload(card(ended()), ENGLISH)).replace(
        "'", '"'
    )


def test_what_a_program_writes_keeps_its_spaces() -> None:
    assert "│     at  open (db.js:3)" in text.card(card(ended()), ENGLISH)
    assert "\n      at  open (db.js:3)" in text.full_stack(card(ended()))


def test_a_recovery_says_how_long_it_runs() -> None:
    over = Finding(problem=Problem.CRASH_LOOP, name="checkin", span_s=61.0)
    message = replace(card(ended()), reason=Reason.RESOLVED, state=State.QUIET, finding=over)
    assert sentences.reason(message, ENGLISH) == "Runs again, for 1 min"
    assert sentences.reason(message, KOREAN) == "checkin이(가) 1분째 다시 정상으로 실행되고 있습니다"


def test_another_server_gets_the_process_with_its_event() -> None:
    envelope = sentry.envelope(card(ended()), sent_at=BEGAN, sdk_version="1").decode()
    assert '"signal":' not in envelope or '"code":3' in envelope
    assert '"command":"gunicorn checkin:app"' in envelope
