"""Words of pm2, in the order in which a real one said them, and what they were."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from bongsu.event import Ending, Why
from bongsu.watchers.pm2.hearing import App, Exited, Heard, Killed, OverMemory, Staged, Stopping, Threw, Wrote
from bongsu.watchers.pm2.life import TOLD_MAX
from bongsu.watchers.pm2.reporting import Reporter
from bongsu.watchers.pm2.settings import DEFAULTS, Pm2Settings, Switch
from bongsu.watchers.pm2.turns import MORE_EXCEPTIONS, UPDATE_S, Turns
from bongsu.watchers.report import Report, Turn
from bongsu.watchers.tables import Wishes

START = 1_000.0
LATE = START + 3_600.0  # everything that waits is over
WEB = App(name="web", id="3", status="online", started_at=START, command="node web.js", cwd="/srv")
STACK = "TypeError: no such seat\n    at seat (/srv/web.js:12:9)\n    at Timeout._onTimeout (/srv/web.js:30:3)\n"
TRACEBACK = (
    'Traceback (most recent call last):\n  File "/srv/web.py", line 3, in <module>\n    f()\nKeyboardInterrupt\n'
)


class Case:
    """One watcher; words come in with the time that has passed since WEB was started."""

    def __init__(
        self,
        on: frozenset[Switch] = DEFAULTS,
        has_told: Callable[[int, float], bool] = lambda pid, since: False,
        lives: Callable[[int], bool] = lambda pid: False,
        wishes: Wishes | None = None,
    ) -> None:
        settings = Pm2Settings(on=on, wishes=wishes or Wishes(), servername="web-1")
        self.turns = Turns(Reporter(settings=settings, has_told=has_told), lives)
        self.reports: list[Report] = []

    def __call__(self, after_s: float, *words: Heard) -> "Case":
        self._pass(START + after_s)
        for word in words:
            self.reports += self.turns.hear(word, START + after_s)
        return self

    def _pass(self, until: float) -> None:
        """Let time pass as the loop does."""
        while (due_at := self.turns.due_at()) is not None and due_at <= until:
            self.reports += self.turns.passed(due_at)

    def running(self) -> "Case":
        """WEB runs, and that was told."""
        self.reports += self.turns.back([replace(WEB, pid=77)], START, START)
        self.reports.clear()
        return self

    def over(self) -> list[str]:
        """What was reported in the end, in short."""
        self._pass(LATE)
        return [short(report) for report in self.reports]


def short(report: Report) -> str:
    words = [report.turn.value]
    if report.is_announced:
        words.append("announced")
    elif report.turn is Turn.ENDED:
        words.append("asked" if report.process.by_operator else "died")
    return " ".join([*words, *(["trace"] if report.trace else []), *(["told"] if report.is_told else [])])


def stage(name: str, status: str = "online", started_at: float = START, **more: object) -> Staged:
    return Staged(stage=name, app=replace(WEB, status=status, started_at=started_at, **more), at=0.0)  # type: ignore[arg-type]


def exited(code: int, signal: str = "SIGINT") -> Exited:
    return Exited(id="3", code=code, signal=signal)


STOPPING = Stopping(id="3")
STOP = (STOPPING, exited(0), stage("exit", "stopping"))  # the first exit; the second is 0.1 s later
SECOND_EXIT = stage("exit", "stopped")


def online(after_s: float) -> Staged:
    return stage("online", "launching", START + after_s)


# -- what each sequence is

SEQUENCES = {
    "a crash": (
        [(5.0, exited(1), stage("exit", "stopped")), (5.01, online(5.01))],
        ["ended died", "started"],
    ),
    "pm2 stop": (
        [(5.0, *STOP), (5.1, SECOND_EXIT), (5.102, stage("stop", "stopped"))],
        ["ended asked", "ended announced"],
    ),
    "pm2 restart": (
        [(5.0, *STOP), (5.1, SECOND_EXIT), (5.12, online(5.12), stage("restart"))],
        ["ended asked", "started", "restarted announced"],
    ),
    "pm2 restart, the second exit after the start": (
        [(5.0, *STOP), (5.1, online(5.1), SECOND_EXIT, stage("restart"))],
        ["ended asked", "started", "restarted announced"],
    ),
    "pm2 reload in fork mode": (
        [(5.0, *STOP), (5.1, SECOND_EXIT), (5.12, online(5.12), stage("reload"))],
        ["ended asked", "started", "reloaded announced"],
    ),
    "pm2 reload in cluster mode": (
        [
            (5.0, online(5.0)),
            (5.1, Stopping(id="_old_3"), Exited(id="_old_3", code=0, signal="SIGINT")),
            (5.1, stage("exit", "stopping", id="_old_3")),
            (5.2, stage("exit", "stopped", id="_old_3"), stage("reload", started_at=START + 5.0)),
        ],
        ["started", "reloaded announced"],
    ),
    "a restart by its cron, or because a file changed": (
        [(5.0, *STOP), (5.1, SECOND_EXIT), (5.12, online(5.12))],
        ["ended asked", "started"],
    ),
    "a stop that takes long": (
        [(5.0, STOPPING), (35.0, exited(0, "SIGKILL"), stage("exit", "stopping")), (35.1, SECOND_EXIT)],
        ["ended asked"],
    ),
    "the memory limit": (
        [
            (5.0, OverMemory(id="3", used_bytes=9, limit_bytes=5), *STOP),
            (5.1, SECOND_EXIT),
            (5.12, online(5.12)),
        ],
        ["over_memory", "ended died", "started"],
    ),
    "pm2 gives up": (
        [(5.0, exited(1), stage("restart overlimit", "errored"), stage("exit", "errored"))],
        ["ended died", "gave_up"],
    ),
    "a crash that nobody could read": (
        [(5.0, stage("exit", "stopped", exit_code=7))],
        ["ended died"],
    ),
    "pm2 start of a stopped app": (
        [(5.0, *STOP), (5.1, SECOND_EXIT, stage("stop", "stopped")), (60.0, online(60.0), stage("restart"))],
        ["ended asked", "ended announced", "started", "started announced"],
    ),
    "pm2 stop between two runs": (
        [(5.0, exited(1), stage("exit", "stopped")), (6.0, STOPPING, SECOND_EXIT, stage("stop", "stopped"))],
        ["ended died", "ended asked", "ended announced"],
    ),
    "pm2 kill": (
        [(5.0, *STOP), (5.1, SECOND_EXIT), (7.0, Killed())],
        ["ended asked"],
    ),
}


@pytest.mark.parametrize("name", SEQUENCES)
def test_what_was_said_is_what_it_was(name: str) -> None:
    words, told = SEQUENCES[name]
    case = Case().running()
    for step in words:
        case(*step)
    assert case.over() == told


# -- how it ended

ENDINGS = [
    (exited(1), {}, "", Ending(code=1)),
    (exited(42), {}, "", Ending(code=42)),
    (exited(0, "SIGKILL"), {}, "", Ending(signal="SIGKILL")),
    (exited(0), {}, "", Ending()),
    (exited(0), {"is_restarted": False}, "", Ending(code=0)),
    (exited(0), {"is_restarted": False}, STACK, Ending()),
    (exited(0, "SIGABRT"), {}, "FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory\n",
     Ending(signal="SIGABRT", why=Why.HEAP_EXHAUSTED)),
    (exited(0, "nonsense"), {}, "", Ending()),
    (None, {"exit_code": 3}, "", Ending(code=3)),
    (None, {"exit_code": 0}, "", Ending()),
]  # fmt: skip


@pytest.mark.parametrize(("words", "app", "output", "ending"), ENDINGS)
def test_an_ending_is_never_more_than_pm2_lets_anybody_know(
    words: Exited | None, app: dict[str, object], output: str, ending: Ending
) -> None:
    case = Case().running()
    case(5.0, *([Wrote(app=WEB, text=output, is_error=True)] if output else []), *([words] if words else []))
    case(5.0, stage("exit", "stopped", **app)).over()
    [end] = [report for report in case.reports if report.turn is Turn.ENDED]
    assert end.process.ending == ending
    assert (end.process.pid, end.process.uptime_s, end.host) == (77, 5.0, "web-1")


# -- stacks

THREW = Threw(app=WEB, type="TypeError", message="no such seat", stack=STACK.rstrip())


def wrote(text: str) -> Wrote:
    return Wrote(app=WEB, text=text, is_error=True)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([(5.0, wrote(STACK), THREW)], ["failed trace"]),
        ([(5.0, THREW), (5.1, wrote(STACK))], ["failed trace"]),
        ([(5.0, *(wrote(char) for char in STACK))], ["failed trace"]),
        ([(5.0, wrote(STACK)), (8.0, wrote(STACK))], ["failed trace", "failed trace"]),
        ([(5.0, wrote(STACK), THREW), (5.01, exited(1), stage("exit", "stopped"))], ["ended died trace"]),
        ([(5.0, exited(1), stage("exit", "stopped")), (5.05, wrote(STACK))], ["ended died trace"]),
        ([(5.0, wrote(STACK)), (5.01, exited(0, "SIGKILL"), stage("exit"))], ["failed trace", "ended died"]),
        ([(5.0, wrote(STACK)), (7.0, exited(1), stage("exit", "stopped"))], ["failed trace", "ended died"]),
        ([(5.0, STOPPING), (5.01, wrote(TRACEBACK), exited(0), stage("exit", "stopping"))], ["ended asked"]),
        ([(5.0, wrote(STACK)), (5.01, *STOP)], ["failed trace", "ended asked"]),
    ],
)  # fmt: skip
def test_a_stack_is_what_it_died_of_or_what_it_outlived(words: list[tuple[float, Heard]], told: list[str]) -> None:
    case = Case().running()
    for step in words:
        case(*step)
    assert case.over() == told


def test_of_a_flood_of_exceptions_some_are_told_and_all_are_counted() -> None:
    case = Case().running()
    case(5.0, *(wrote(STACK.replace("seat", f"seat{number}")) for number in range(1_000))).over()
    failed = [report for report in case.reports if report.turn is Turn.FAILED]
    lines = [report for report in case.reports if report.turn is Turn.LINE]
    assert len(failed) <= 2 * TOLD_MAX
    assert {report.text for report in lines} == {MORE_EXCEPTIONS}
    assert len(failed) + sum(report.times for report in lines) == 1_000


def test_the_library_inside_has_told_already() -> None:
    asked: list[tuple[int, float]] = []
    case = Case(has_told=lambda pid, since: bool(asked.append((pid, since)) or True)).running()
    case(5.0, wrote(STACK), exited(1), stage("exit", "stopped"))
    assert case.over() == ["ended died trace told"]
    assert asked == [(77, START)]


def test_what_died_in_another_way_was_told_by_nobody() -> None:
    case = Case(has_told=lambda pid, since: True).running()
    case(5.0, exited(0, "SIGKILL"), stage("exit", "stopped"))
    assert case.over() == ["ended died"]


# -- switches

SWITCHED_OFF = [
    (Switch.EXIT, [(5.0, exited(1), stage("exit", "stopped"))], ["ended died told"]),
    (Switch.EXCEPTION, [(5.0, wrote(STACK))], []),
    (Switch.STOP, [(5.0, *STOP), (5.1, SECOND_EXIT, stage("stop", "stopped"))], ["ended asked"]),
    (Switch.RESTART, [(5.0, *STOP), (5.1, online(5.1), stage("restart"))], ["ended asked", "started"]),
    (Switch.RELOAD, [(5.0, *STOP), (5.1, online(5.1), stage("reload"))], ["ended asked", "started"]),
    (Switch.OVERLIMIT, [(5.0, exited(1), stage("restart overlimit"), stage("exit", "errored"))], ["ended died"]),
]


@pytest.mark.parametrize(("switch", "words", "told"), SWITCHED_OFF)
def test_a_switch_that_is_off_is_not_told_but_still_counts(
    switch: Switch, words: list[tuple[float, Heard]], told: list[str]
) -> None:
    case = Case(on=DEFAULTS - {switch}).running()
    for step in words:
        case(*step)
    assert case.over() == told


def test_lines_are_told_only_when_asked_for() -> None:
    for on, times in ((DEFAULTS, []), (DEFAULTS | {Switch.ERROR}, [2])):
        case = Case(on=on).running()
        case(5.0, wrote("order 1 failed\norder 2 failed\n"), Wrote(app=WEB, text="fine\n", is_error=False)).over()
        assert [report.times for report in case.reports] == times


def test_last_words_that_an_end_shows_are_not_told_beside_it() -> None:
    case = Case(on=DEFAULTS | {Switch.ERROR}).running()
    case(5.0, wrote("no memory\n"))(5.1, exited(0, "SIGABRT"), stage("exit"))
    assert case.over() == ["ended died"]
    assert case.reports[0].process.output == ("no memory",)


def test_each_start_is_announced_when_asked_for() -> None:
    case = Case(on=DEFAULTS | {Switch.ONLINE}).running()
    assert case(5.0, exited(1), stage("exit"), online(5.1)).over() == ["ended died", "started announced"]


def test_who_is_ignored_is_not_heard_and_a_channel_is_asked_for() -> None:
    case = Case(wishes=Wishes(ignore=("we*",)))
    case(5.0, online(5.0), wrote(STACK), exited(1), stage("exit"))
    assert case.over() == []
    case = Case(wishes=Wishes(channels={"web": "shop"})).running()
    case(5.0, exited(1), stage("exit"))
    assert case.over() == ["ended died"]
    assert case.reports[0].channel == "shop"


# -- lists, and the daemon


def listed(case: Case, *apps: App, after_s: float = 60.0, back: bool = False) -> list[str]:
    take = case.turns.back if back else case.turns.listed
    case.reports = take(apps, START + after_s, START + after_s)
    return case.over()


def test_who_is_listed_no_more_was_deleted() -> None:
    case = Case().running()
    case(5.0, *STOP)(5.1, SECOND_EXIT)(7.0)
    assert case.turns.wants_list
    assert listed(case) == ["deleted", "deleted announced"]


def test_a_list_that_is_older_than_what_was_heard_says_nothing() -> None:
    case = Case()
    case(5.0, online(5.0))(6.0)
    case.reports += case.turns.back((), START + 4.9, START + 6.0)
    assert case.over() == ["started", "back"]


MEANWHILE = [
    ((replace(WEB, pid=77),), []),
    ((replace(WEB, started_at=START + 30.0, pid=78),), ["ended died", "started"]),
    ((replace(WEB, status="stopped"),), ["ended died"]),
    ((replace(WEB, status="errored", exit_code=1),), ["ended died", "gave_up"]),
    ((), ["ended asked", "deleted", "deleted announced"]),
]


@pytest.mark.parametrize(("apps", "told"), MEANWHILE)
def test_what_happened_while_nobody_listened_is_told_from_the_list(apps: tuple[App, ...], told: list[str]) -> None:
    assert listed(Case().running(), *apps, back=True) == told


AFTER_DEATH = [
    ((replace(WEB, started_at=START + 50.0, pid=9),), False, ["back", "ended died told", "started"]),
    ((), False, ["back", "ended died"]),
    ((), True, ["back"]),  # it runs on, without pm2
]


@pytest.mark.parametrize(("apps", "lives", "told"), AFTER_DEATH)
def test_the_death_of_pm2_is_told_once_and_then_who_did_not_come_back(
    apps: tuple[App, ...], lives: bool, told: list[str]
) -> None:
    case = Case(lives=lambda pid: lives).running()
    [lost] = case.turns.lost(START + 5.0)
    assert (lost.turn, lost.process.name, lost.process.by_operator) == (Turn.LOST, "pm2", False)
    assert listed(case, *apps, back=True) == told


@pytest.mark.parametrize(("on", "told"), [(DEFAULTS, ["lost"]), (DEFAULTS - {Switch.KILL}, [])])
def test_pm2_kill_is_by_an_operator(on: frozenset[Switch], told: list[str]) -> None:
    case = Case(on=on).running()
    case(5.0, *STOP)(5.1, SECOND_EXIT, Killed()).reports.clear()
    case.reports += case.turns.lost(START + 5.2)
    case.over()
    lost = [report for report in case.reports if report.turn is Turn.LOST]
    assert [short(report) for report in lost] == told
    assert [report.at for report in lost] == [START + 5.2 for _ in told]
    assert all(report.process.by_operator for report in case.reports)


def test_pm2_update_which_kills_the_daemon_and_has_it_back_is_no_loss() -> None:
    case = Case().running()
    case(5.0, *STOP)(5.1, SECOND_EXIT, Killed()).reports.clear()
    assert [short(report) for report in case.turns.lost(START + 5.2)] == ["ended asked"]
    again = replace(WEB, started_at=START + 7.0, pid=78)
    assert listed(case, again, after_s=5.2 + UPDATE_S / 2, back=True) == ["back", "started"]


def test_a_later_watcher_knows_what_this_one_knew() -> None:
    known = Case().running().turns.known()
    later = Case()
    later.turns.remember(known, is_lost=False)
    assert listed(later, replace(WEB, pid=77), back=True) == ["back"]
    assert later.turns.known() == known


def test_a_death_that_was_not_told_yet_is_told_by_a_later_watcher() -> None:
    case = Case().running()
    case(5.0, exited(1), stage("exit", "stopped"), online(5.01))
    later = Case()
    later.turns.remember(case.turns.known(), is_lost=False)
    assert listed(later, replace(WEB, started_at=START + 5.01, pid=78), back=True) == ["back", "ended died", "started"]
