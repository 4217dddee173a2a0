"""The death of pm2 itself, and what happens while nobody watches."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from pm2_daemon import Daemon, Watching, free_port

from bongsu.event import Ending
from bongsu.watchers.report import Turn


@pytest.fixture
def pm2() -> Iterator[Daemon]:
    with Daemon() as daemon:
        yield daemon


def test_pm2_is_waited_for_and_its_deaths_are_told(pm2: Daemon, tmp_path: Path) -> None:
    with Watching(pm2.home, tmp_path) as watching:
        watching.wait_until(lambda: bool(watching.said))
        assert watching.said == [f"pm2 is not running in {pm2.home}: waiting for it."]
        pm2.start(web={"script": "sleeper.js"})
        watching.wait("web", Turn.STARTED)
        assert not watching.of("pm2", Turn.LOST)

        pm2("kill")
        [killed] = watching.wait("pm2", Turn.LOST)
        assert killed.process.by_operator is True
        assert all(report.process.by_operator for report in watching.of("web", Turn.ENDED))

        pm2.start(
            web={"script": "sleeper.js"},
            api={"script": "server.js", "exec_mode": "cluster", "env": {"PORT": str(free_port())}},
        )
        watching.wait("pm2", Turn.BACK, 2)
        watching.wait("api", Turn.STARTED)
        pm2.die()
        [_, died] = watching.wait("pm2", Turn.LOST, 2)
        assert died.process.by_operator is False
        assert watching.delays_s(Turn.LOST)[-1] < 1.0

        pm2.start(web={"script": "sleeper.js"})
        watching.wait("pm2", Turn.BACK, 3)
        [end] = watching.wait("api", Turn.ENDED)  # it died with the daemon, which came back without it
        assert (end.process.ending, end.process.by_operator, end.is_told) == (Ending(), None, False)
        assert all(end.is_told or end.process.by_operator for end in watching.of("web", Turn.ENDED))


def test_what_happens_while_nobody_watches_is_told_by_the_next_watcher(pm2: Daemon, tmp_path: Path) -> None:
    pm2("ping")
    with Watching(pm2.home, tmp_path) as watching:
        watching.wait("pm2", Turn.BACK)
        pm2.start(web={"script": "sleeper.js"}, steady={"script": "sleeper.js"}, gone={"script": "sleeper.js"})
        for name in ("web", "steady", "gone"):
            watching.wait(name, Turn.STARTED)
    os.kill(pm2.pid("web"), signal.SIGKILL)
    pm2("delete", "gone")
    with Watching(pm2.home, tmp_path) as watching:
        [end] = watching.wait("web", Turn.ENDED)
        watching.wait("web", Turn.STARTED)
        watching.wait("gone", Turn.DELETED)
        assert end.process.by_operator is None
        assert not watching.of("steady")
        assert watching.of("gone", Turn.ENDED)[0].process.by_operator is True
    with Watching(pm2.home, tmp_path) as watching:
        watching.wait("pm2", Turn.BACK)
        assert [report.process.name for report in watching.all()] == ["pm2"]
    pm2.die()
    with Watching(pm2.home, tmp_path) as watching:
        watching.wait("pm2", Turn.LOST)


def test_a_daemon_that_hangs_is_told_and_that_it_answers_again(pm2: Daemon, tmp_path: Path) -> None:
    pm2("ping")
    with Watching(pm2.home, tmp_path, answer_s=0.5) as watching:
        watching.wait("pm2", Turn.BACK)
        pm2.start(web={"script": "sleeper.js"})
        watching.wait("web", Turn.STARTED)
        pm2.halt()
    with Watching(pm2.home, tmp_path, answer_s=0.5) as watching:
        watching.wait("pm2", Turn.HUNG)
        pm2.go_on()
        watching.wait("pm2", Turn.HEALTHY)
        assert not watching.of("pm2", Turn.LOST)
        assert not watching.of("web")
