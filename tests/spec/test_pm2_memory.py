"""What a watcher leaves for the next one."""

import os
from pathlib import Path

import pytest

from bongsu.watchers.pm2.hearing import App
from bongsu.watchers.pm2.memory import Known, Memory, daemon_pid, lives

KNOWN = Known(daemon=7, apps=((App(name="web", id="0", pid=12, started_at=1.5), True), (App(name="a", id="1"), False)))


def test_what_is_kept_is_recalled_by_the_next_one(tmp_path: Path) -> None:
    Memory(str(tmp_path), "/home/one").keep(KNOWN)
    assert Memory(str(tmp_path), "/home/one").recall() == KNOWN
    assert Memory(str(tmp_path), "/home/other").recall() is None


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"boot": ""}', '{"boot": "", "daemon": "x", "apps": 1}'])
def test_a_broken_file_is_no_memory(tmp_path: Path, text: str) -> None:
    memory = Memory(str(tmp_path), "/home/one")
    memory.keep(KNOWN)
    [path] = tmp_path.iterdir()
    path.write_text(text)
    assert memory.recall() is None


def test_before_the_machine_was_started_anew_is_another_life(tmp_path: Path) -> None:
    memory = Memory(str(tmp_path), "/home/one")
    memory.keep(KNOWN)
    [path] = tmp_path.iterdir()
    path.write_text(path.read_text().replace('"boot": "', '"boot": "x'))
    assert memory.recall() is None


def test_a_place_that_cannot_be_written_is_no_reason_to_stop(tmp_path: Path) -> None:
    memory = Memory(str(tmp_path / "none"), "/home/one")
    memory.keep(KNOWN)
    assert memory.recall() is None


@pytest.mark.parametrize(("text", "pid"), [("123\n", 123), ("", 0), ("x", 0), ("-1", 0)])
def test_the_pid_of_the_daemon(tmp_path: Path, text: str, pid: int) -> None:
    (tmp_path / "pm2.pid").write_text(text)
    assert daemon_pid(str(tmp_path)) == pid


def test_who_lives() -> None:
    child = os.posix_spawn("/bin/true", ["true"], {})
    os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
    assert lives(os.getpid())
    assert not lives(child)  # it has ended, although nobody has taken note
    os.waitpid(child, 0)
    assert not lives(child)
