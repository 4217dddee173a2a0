"""Whatever happens to its state, Bongsu goes on: the alert arrives, the trouble is said, nothing reaches the host."""

import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from children import Child, Launch
from disks import FULL_DISKS, IS_ROOT, Disk, mounted
from seen import everything, text

from bongsu.capture.spool import SPOOLS_MAX, Spool
from bongsu.testing import Received, ScriptedSlack

CAPTURE_S = 0.25  # a capture waits for no disk; the bound is for a machine that is busy with other things
IN_MEMORY = "Events are kept in memory only"
READ_ONLY = ["a path under a file", *(["a read-only file system"] if IS_ROOT else [])]
GARBAGE = {
    "garbage": lambda old: os.urandom(len(old)),
    "garbage in the middle": lambda old: old[:4096] + os.urandom(len(old) - 4096),
    "cut in the middle of a page": lambda old: old[: len(old) // 2 + 100],
    "the first bytes only": lambda old: old[:50],
    "a text": lambda old: b"this is no database\n",
}


@pytest.fixture(params=FULL_DISKS)
def disk(request: pytest.FixtureRequest, launch: Launch) -> Iterator[Disk]:
    launch.state_dir.mkdir()
    with FULL_DISKS[request.param](launch.state_dir) as made:
        yield made


def test_with_a_full_disk_from_the_start_every_alert_arrives_and_says_so(
    slack: ScriptedSlack, launch: Launch, disk: Disk
) -> None:
    with launch.start("obedient") as child:
        disk.fill(child)
        _do(child, "init")
        assert _do(child, "error First") < CAPTURE_S
        assert IN_MEMORY in everything(_about(slack, "First"))
        assert _do(child, "error Second") < CAPTURE_S
        assert IN_MEMORY in everything(_about(slack, "Second"))
        assert child.end().err.count("Going on in memory") == 1


def test_a_disk_that_fills_up_and_is_freed_costs_nothing_but_a_note(
    slack: ScriptedSlack, bot_launch: Launch, disk: Disk
) -> None:
    with bot_launch.start("obedient") as child:
        _do(child, "init")
        _do(child, "error Before")
        _do(child, "storm 1000")
        _about(slack, "Before")
        _do(child, "flush")
        disk.fill(child)
        assert _do(child, "error During") < CAPTURE_S
        _do(child, "storm 1000")
        assert IN_MEMORY in everything(_about(slack, "During"))
        disk.free(child)
        extra = _stormed_until_recovered(slack, child)
        _do(child, "error After")
        _do(child, "storm 1000")
        assert IN_MEMORY not in everything(_about(slack, "After"))
        child.end()
    totals = {group.sample.title.partition(":")[0]: group.total for group in bot_launch.groups()}
    assert totals == {"Before": 1, "During": 1, "After": 1, "LookupError": 3_000 + extra}


@pytest.mark.parametrize("place", READ_ONLY)
def test_without_a_place_to_write_every_alert_arrives_and_says_so(
    slack: ScriptedSlack, launch: Launch, place: str
) -> None:
    if place == "a path under a file":
        launch.state_dir.write_text("a file")
        _two_errors(slack, launch)
    else:
        launch.state_dir.mkdir()
        with mounted(launch.state_dir, "ro"):
            _two_errors(slack, launch)


def test_a_state_directory_deleted_under_the_program_is_made_anew(slack: ScriptedSlack, launch: Launch) -> None:
    with launch.start("obedient") as child:
        _do(child, "init")
        _do(child, "error First")
        _about(slack, "First")
        shutil.rmtree(launch.state_dir)
        _do(child, "error Second")
        _about(slack, "Second")
        _do(child, "error Third")
        _about(slack, "Third")
        _do(child, "error Fourth")
        child.signal(signal.SIGKILL)
        child.end()
    with launch.start("idle"):  # it may have to repeat the third first, at one message a second
        _about(slack, "Fourth")


@pytest.mark.parametrize("damage", GARBAGE)
def test_a_damaged_database_is_set_aside_and_the_next_message_says_so(
    slack: ScriptedSlack, launch: Launch, damage: str
) -> None:
    _finished_run(slack, launch)
    database = launch.state_dir / "checkin" / "bongsu.db"
    database.write_bytes(GARBAGE[damage](database.read_bytes()))
    with launch.start("obedient") as child:
        _do(child, "init")
        _do(child, "error Second")
        told = _about(slack, "Second")
        assert "it is set aside as" in child.end().err
    [aside] = [path.name for path in database.parent.iterdir() if ".damaged-" in path.name]
    assert aside in everything(told)


def test_an_empty_database_is_a_new_one(slack: ScriptedSlack, launch: Launch) -> None:
    _finished_run(slack, launch)
    (launch.state_dir / "checkin" / "bongsu.db").write_bytes(b"")
    with launch.start("obedient") as child:
        _do(child, "init")
        _do(child, "error Second")
        _about(slack, "Second")
        assert child.end().err == ""


@pytest.mark.parametrize("damage", GARBAGE)
def test_a_database_damaged_under_the_running_program_is_set_aside(
    slack: ScriptedSlack, launch: Launch, damage: str
) -> None:
    database = launch.state_dir / "checkin" / "bongsu.db"
    with launch.start("obedient") as child:
        _do(child, "init")
        _do(child, "error First")
        _about(slack, "First")
        _do(child, "flush")
        for path in (database, database.with_name("bongsu.db-wal")):
            with path.open("r+b") as file:
                old = file.read()
                new = GARBAGE[damage](old.ljust(8192, b"\0"))
                file.seek(0)
                file.write(new)
                file.truncate()
        _do(child, "error Second")
        _about(slack, "Second")


def _do(child: Child, order: str) -> float:
    """Give an order; how many seconds the program was busy with it."""
    child.say(order)
    return float(child.line())


def _about(slack: ScriptedSlack, name: str) -> Received:
    return slack.wait_for(lambda message: f" {name}: as told" in text(message), timeout_s=20)[-1]


def _two_errors(slack: ScriptedSlack, launch: Launch) -> None:
    with launch.start("obedient") as child:
        _do(child, "init")
        for name in ("First", "Second"):
            assert _do(child, f"error {name}") < CAPTURE_S
            assert IN_MEMORY in everything(_about(slack, name))
        assert child.end().err.count("Going on in memory") == 1


def _finished_run(slack: ScriptedSlack, launch: Launch) -> None:
    with launch.start("obedient") as child:
        _do(child, "init")
        _do(child, "error First")
        _about(slack, "First")
        child.end()


def _stormed_until_recovered(slack: ScriptedSlack, child: Child) -> int:
    """Go on failing until an edited card has no note about memory any more; how often it failed for that."""
    for rounds in range(1, 10):
        seen = len(slack.edits)
        _do(child, "storm 10")
        slack.wait_for(lambda message, seen=seen: len(slack.edits) > seen, timeout_s=20)
        if IN_MEMORY not in everything(slack.edits[-1]):
            return rounds * 10
    raise AssertionError("it stays in memory")


def test_a_crash_loop_without_a_database_leaves_a_bounded_number_of_spools(tmp_path: Path) -> None:
    for number in range(SPOOLS_MAX):
        (tmp_path / f"{number}-dead.events").touch()
    spool = Spool(str(tmp_path), "one-more", {})
    assert spool.is_in_memory
    assert spool.append({"id": "1"})
    assert str(SPOOLS_MAX) in str(spool.trouble)
    assert len(list(tmp_path.iterdir())) == SPOOLS_MAX
