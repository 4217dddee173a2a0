"""What the system's files say, read from files of our own."""

from pathlib import Path

import pytest

from bongsu.watchers import probe
from bongsu.watchers.probe import Kills
from bongsu.watchers.run.deaths import has_risen
from bongsu.watchers.run.health import FAILURES, Standing, answered

V2 = "low 0\nhigh 0\nmax 12\noom 3\noom_kill 2\noom_group_kill 0\n"
V1 = "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n"


@pytest.mark.parametrize("text", [V2, V1], ids=["v2", "v1"])
def test_both_versions_of_cgroups_count_kills(tmp_path: Path, text: str) -> None:
    (tmp_path / "counter").write_text(text)
    path = str(tmp_path / "counter")
    assert probe.kills_in(path) == Kills(path=path, count=2)


@pytest.mark.parametrize("text", ["", "oom_kill\n", "oom_kill x\n", "under_oom 0\n"])
def test_a_file_without_the_count_says_nothing(tmp_path: Path, text: str) -> None:
    (tmp_path / "counter").write_text(text)
    assert probe.kills_in(str(tmp_path / "counter")) is None


def test_a_file_that_is_not_there_says_nothing(tmp_path: Path) -> None:
    assert probe.kills_in(str(tmp_path / "counter")) is None


def kills(count: int, path: str = "a") -> Kills:
    return Kills(path=path, count=count)


RISES = [
    (kills(1), kills(2), True),
    (kills(1), kills(1), False),
    (kills(1), kills(2, "b"), False),
    (None, kills(2), False),
    (kills(1), None, False),
]


@pytest.mark.parametrize(("before", "after", "expected"), RISES)
def test_a_kill_is_a_count_that_has_risen_in_the_same_cgroup(
    before: Kills | None, after: Kills | None, expected: bool
) -> None:
    assert has_risen(before, after) is expected


KILL = b"6,1234,5000000,-;oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),task=python,pid=321,uid=0\n"
OLDER = b"3,1234,5000000,-;Out of memory: Killed process 321 (python) total-vm:1kB\n"
RECORDS = [
    (KILL, 321, 5.0, True),
    (OLDER, 321, 5.0, True),
    (KILL, 32, 5.0, False),
    (KILL, 3210, 5.0, False),
    (KILL, 321, 500.0, False),
    (b"6,1,5000000,-;python[321]: segfault at 0\n", 321, 5.0, False),
    (b"garbage", 321, 5.0, False),
    (b"6,1,x,-;oom-kill:pid=321", 321, 5.0, False),
    (b"", 321, 5.0, False),
]


@pytest.mark.parametrize(("record", "pid", "now", "expected"), RECORDS)
def test_a_record_of_the_kernel_names_its_victim(record: bytes, pid: int, now: float, expected: bool) -> None:
    assert probe.is_kill(record, pid, now) is expected


PLACES = [
    ("/sys/fs/cgroup", "/", "/shop.service", "/sys/fs/cgroup/shop.service"),
    ("/sys/fs/cgroup", "/", "/", "/sys/fs/cgroup"),
    ("/sys/fs/cgroup", "/docker/abc", "/docker/abc", "/sys/fs/cgroup"),
    ("/sys/fs/cgroup", "/docker/abc", "/docker/abc/web", "/sys/fs/cgroup/web"),
    ("/sys/fs/cgroup", "/", "/../other", "/sys/fs/cgroup"),
]


@pytest.mark.parametrize(("mount", "root", "path", "expected"), PLACES)
def test_a_cgroup_lies_below_its_mount(mount: str, root: str, path: str, expected: str) -> None:
    assert probe._below(mount, root, path) == expected


def test_a_signal_without_a_name_has_its_number() -> None:
    assert (probe.signal_name(9), probe.signal_name(40)) == ("SIGKILL", "SIG40")


def test_three_failures_in_a_row_are_a_hung_service_and_one_answer_is_none() -> None:
    standing, seen = Standing(), []
    for number, problem in enumerate(["x", "x", None, "x", "x", "x", "x", None]):
        standing = answered(standing, problem, float(number))
        seen.append(standing.is_hung)
    assert seen == [False, False, False, False, False, True, True, False]
    assert FAILURES == 3


def test_since_when_it_hangs_is_its_first_failure() -> None:
    standing = Standing()
    for number in range(4, 8):
        standing = answered(standing, "x", float(number))
    assert standing.failed_at == 4.0
