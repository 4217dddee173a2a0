"""What operators do to apps of a real pm2 is never a crash, in fork mode and in cluster mode."""

import os
from collections.abc import Iterator

import pytest
from pm2_daemon import Daemon, Watching, free_port

from bongsu.watchers.report import Turn


@pytest.fixture(scope="module")
def operated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watching]:
    """One command after another; each has been reported before the next one."""
    with Daemon() as pm2:
        pm2("ping")
        with Watching(pm2.home, tmp_path_factory.mktemp("state")) as watching:
            watching.wait("pm2", Turn.BACK)
            port = {"PORT": str(free_port())}
            pm2.start(
                fork={"script": "sleeper.js"},
                cluster={
                    "script": "server.js",
                    "instances": 2,
                    "exec_mode": "cluster",
                    "env": port,
                },
                stubborn={"script": "stubborn.js"},
                python={"script": "waiting.py", "interpreter": "python3"},
            )
            watching.wait("cluster, fork, python, stubborn", Turn.STARTED)
            pm2("restart", "all")
            watching.wait("cluster, fork, python, stubborn", Turn.RESTARTED)
            pm2("reload", "all")
            watching.wait("cluster, fork, python, stubborn", Turn.RELOADED)
            pm2("stop", "fork", "cluster", "python")
            watching.wait("cluster, fork, python", Turn.ENDED)
            pm2("restart", "fork")
            watching.wait_until(lambda: any(report.is_announced for report in watching.of("fork", Turn.STARTED)))
            pm2("delete", "fork", "stubborn", "python")
            pm2("scale", "cluster", "1")
            pm2("restart", "cluster")
            watching.wait_until(lambda: len(_records(watching, Turn.DELETED)) == 4)
            yield watching


def _records(watching: Watching, turn: Turn) -> list[str]:
    names = [report.process.name for report in watching.all() if report.turn is turn and report.is_announced]
    return [name for joined in names for name in joined.split(", ")]


def test_no_end_is_a_crash(operated: Watching) -> None:
    ends = [report for report in operated.all() if report.turn is Turn.ENDED]
    assert ends
    assert all(report.process.by_operator for report in ends)


def test_what_an_interrupted_program_writes_is_no_exception(operated: Watching) -> None:
    assert not [report for report in operated.all() if report.turn is Turn.FAILED]


def test_two_exits_of_one_stop_are_one_end(operated: Watching) -> None:
    ends = [report for report in operated.of("fork", Turn.ENDED) if not report.is_announced]
    assert len(ends) == 4  # restart, reload, stop, delete


def test_a_command_for_many_apps_is_one_record(operated: Watching) -> None:
    assert len([report for report in operated.all() if report.turn is Turn.RESTARTED]) == 1
    assert len([report for report in operated.all() if report.turn is Turn.RELOADED]) == 1


def test_a_restart_of_what_was_stopped_is_a_start(operated: Watching) -> None:
    assert "fork" in _records(operated, Turn.STARTED)


def test_a_deletion_is_told_although_pm2_does_not_say_it(operated: Watching) -> None:
    assert sorted(_records(operated, Turn.DELETED)) == ["cluster", "fork", "python", "stubborn"]


def test_pm2_itself_was_there_all_the_time(operated: Watching) -> None:
    assert not operated.of("pm2", Turn.LOST)
    assert os.getpid() not in [report.process.pid for report in operated.all()]
