"""What the event listener makes of a real supervisord: reports, before anything is told."""

import json
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from children import PROGRAMS
from shell import wait_until
from supervisord import Supervisord

from bongsu.watchers.supervisor.block import block

BURST = 70  # processes: 210 events

TRACEBACK = """\
import sys, time
def 결제(): raise ValueError("결제 실패: 카드")
time.sleep(float(sys.argv[1]))
결제()
"""
SURVIVOR = """\
import time, traceback
try: raise KeyError("stock")
except KeyError: traceback.print_exc()
time.sleep(600)
"""
ONCE = {"autorestart": "false", "startsecs": 0}
PROGRAMS_WATCHED: dict[str, dict[str, object]] = {
    "exit7": {"command": "/bin/sh -c 'exit 7'", **ONCE},
    "wanted3": {"command": "/bin/sh -c 'exit 3'", "exitcodes": "0,3", **ONCE},
    "clean": {"command": "/bin/sh -c 'exit 0'", **ONCE},
    "hasty": {"command": "/bin/sh -c 'exit 4'", "startsecs": 1, "startretries": 1},
    "absent": {"command": "/no/such/command", "startretries": 0},
    "locked": {"command": "%(here)s/locked", "startretries": 0},
    "empty": {"command": "%(here)s/empty", "startretries": 0},
    "killed": {"command": "/bin/sleep 600", "startsecs": 0},
    "faulty": {"command": "/bin/sleep 600", "startsecs": 0},
    "served": {"command": "/bin/sleep 600", "startsecs": 0},
    "pay": {"command": f"{sys.executable} %(here)s/pay.py 0.5", **ONCE},
    "stock": {"command": f"{sys.executable} %(here)s/stock.py", "startsecs": 0},
    "burst": {
        "command": "/bin/true",
        "process_name": "%(program_name)s_%(process_num)02d",
        "numprocs": BURST,
        "autostart": "false",
        **ONCE,
    },
}

Reports = list[dict[str, Any]]


class Watched:
    """A supervisord, and the reports of its listener."""

    def __init__(self, supervisord: Supervisord, path: Path) -> None:
        self.supervisord = supervisord
        self._path = path

    def reports(self, name: str = "", *turns: str) -> Reports:
        lines = self._path.read_text().splitlines() if self._path.exists() else []
        found: Reports = [json.loads(line) for line in lines]
        return [each for each in found if (not name or each["name"] == name) and (not turns or each["turn"] in turns)]

    def wait(self, name: str, *turns: str, number: int = 1) -> Reports:
        """The reports of that name, once there are so many."""
        wait_until(lambda: len(self.reports(name, *turns)) >= number)
        return self.reports(name, *turns)


def _start(folder: Path, programs: dict[str, dict[str, object]]) -> tuple[Supervisord, Watched]:
    path = folder / "reports"
    command = [sys.executable, str(PROGRAMS / "supervisor_listener.py"), str(path)]
    errors = f"stderr_logfile={folder}/listener.err\n"
    supervisord = Supervisord(block(command) + errors, programs, {})
    (supervisord.folder / "pay.py").write_text(TRACEBACK)
    (supervisord.folder / "stock.py").write_text(SURVIVOR)
    for name, mode in {"locked": 0o600, "empty": 0o700}.items():
        (supervisord.folder / name).touch()
        (supervisord.folder / name).chmod(mode)
    return supervisord, Watched(supervisord, path)


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    supervisord, watched = _start(tmp_path_factory.mktemp("watched"), PROGRAMS_WATCHED)
    with supervisord:
        yield watched


ENDINGS: dict[str, tuple[int | None, str, str | None]] = {
    "exit7": (7, "", None),
    "clean": (0, "", None),
    "hasty": (4, "", None),
    "absent": (127, "", "not_found"),
    "locked": (126, "", "not_executable"),
    "empty": (126, "", "not_executable"),
    "pay": (1, "", None),
}


@pytest.mark.parametrize(("name", "ending"), ENDINGS.items(), ids=ENDINGS.keys())
def test_an_end_comes_with_its_code(watched: Watched, name: str, ending: tuple[int | None, str, str | None]) -> None:
    for report in watched.wait(name, "ended"):
        assert tuple(report["ending"].values()) == ending
        assert report["by_operator"] is False


@pytest.mark.parametrize(("name", "number"), [("killed", signal.SIGKILL), ("faulty", signal.SIGSEGV)], ids=str)
def test_a_death_comes_with_its_signal_and_the_restart_is_silent(watched: Watched, name: str, number: int) -> None:
    [started] = watched.wait(name, "started")
    watched.supervisord.signal(name, number)
    [ended] = watched.wait(name, "ended")
    assert (ended["ending"]["code"], ended["ending"]["signal"]) == (None, signal.Signals(number).name)
    assert ended["pid"] == started["pid"]
    first, second = watched.wait(name, "started", number=2)
    assert (first["is_announced"], second["is_announced"]) == (True, False)


def test_an_exit_status_that_is_expected_is_not_told(watched: Watched) -> None:
    [report] = watched.wait("wanted3", "ended")
    assert (report["ending"]["code"], report["is_told"]) == (3, True)


@pytest.mark.parametrize("name", ["hasty", "absent", "locked", "empty"])
def test_what_is_given_up_is_told_after_its_ends(watched: Watched, name: str) -> None:
    watched.wait(name, "gave_up")
    *ends, last = watched.reports(name, "ended", "gave_up")
    assert {end["turn"] for end in ends} == {"ended"}
    assert (last["turn"], last["ending"]) == ("gave_up", ends[-1]["ending"])


def test_a_stop_and_a_start_by_an_operator_are_records(watched: Watched) -> None:
    watched.wait("served", "started")
    watched.supervisord.ctl("restart", "served")
    *_, ended, started = watched.wait("served", number=3)
    assert (ended["by_operator"], ended["is_announced"], ended["ending"]["signal"]) == (True, True, "SIGTERM")
    assert (started["turn"], started["is_announced"]) == ("started", True)


def test_a_traceback_in_korean_is_what_the_program_died_of(watched: Watched) -> None:
    [report] = watched.wait("pay", "ended", "failed")
    assert (report["turn"], report["error"], report["message"]) == ("ended", "ValueError", "결제 실패: 카드")
    assert report["output"][-1] == "ValueError: 결제 실패: 카드"


def test_a_traceback_of_one_that_lives_on_is_a_failure(watched: Watched) -> None:
    [report] = watched.wait("stock", "failed")
    assert (report["error"], report["message"]) == ("KeyError", "'stock'")


def test_of_two_hundred_events_at_once_none_is_lost(watched: Watched) -> None:
    watched.supervisord.ctl("start", "burst:*")
    ends = watched.wait("burst", "ended", number=BURST)
    assert {end["instance"] for end in ends} == {f"burst_{number:02}" for number in range(BURST)}
    assert {end["ending"]["code"] for end in ends} == {0}
    assert len(watched.wait("burst", "started", number=BURST)) == BURST
    assert "discarding" not in watched.supervisord.log()


def test_nothing_of_it_all_was_wrong_in_the_listener(watched: Watched) -> None:
    assert (watched._path.parent / "listener.err").read_text() == ""
    assert {each["name"] for each in watched.reports()} <= {*PROGRAMS_WATCHED, "supervisord"}


# -- the end of supervisord itself

ENDS: dict[str, tuple[Callable[[Supervisord], object], list[str]]] = {
    "killed": (Supervisord.kill, ["lost"]),
    "stopped": (lambda supervisord: supervisord.ctl("shutdown"), ["ended"]),
}


@pytest.mark.parametrize(("end", "turns"), ENDS.values(), ids=ENDS.keys())
def test_supervisord_that_is_killed_is_lost_and_one_that_is_stopped_is_not(
    end: Callable[[Supervisord], object], turns: list[str], tmp_path: Path
) -> None:
    supervisord, watched = _start(tmp_path, {"served": PROGRAMS_WATCHED["served"]})
    with supervisord:
        watched.wait("served", "started")
        end(supervisord)
        watched.wait("supervisord", *turns)
        supervisord.process.wait(30)
        assert [each["turn"] for each in watched.reports("supervisord")] == ["back", *turns]
        assert [each["by_operator"] for each in watched.reports("served", "ended")] in ([], [True])
