"""What becomes of the files: trouble with them heals by itself, and nobody else can read them."""

import json
import shutil
import sqlite3
import stat
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from children import Child, Ended, Launch
from seen import everything, text
from shell import wait_until

from bongsu.alerting import group as groups
from bongsu.testing import Received, ScriptedSlack

SHOP = str(Path(__file__).parent / "programs_disks" / "shop.py")
IN_MEMORY = "Events are kept in memory only"
SET_ASIDE = "it is set aside and a new one started: bongsu.db.damaged-"
APP = "checkin"  # what Launch calls the program
STEP_MAX_S = 20.0  # no step of these tests takes so long


class Shop:
    """The program of these tests, spoken to."""

    def __init__(self, child: Child) -> None:
        self.child = child
        assert child.line() == "here"

    def __call__(self, command: str) -> str:
        self.child.say(command)
        return self.child.line()

    def fails(self, name: str, times: int = 1) -> None:
        assert self(f"fail {name} {times}") == "captured"


# -- a directory that cannot be written to


@pytest.mark.parametrize("database", [None, b"garbage" * 1000], ids=["without a database", "with a damaged one"])
def test_events_kept_in_memory_are_on_disk_as_soon_as_there_is_a_directory(
    slack: ScriptedSlack, launch: Launch, database: bytes | None
) -> None:
    launch.state_dir.write_text("in the way")
    with _shop(launch) as child:
        shop = Shop(child)
        assert shop("begin") == "ready"
        shop.fails("Before", 2)
        assert IN_MEMORY in everything(_about(slack, "Before"))
        launch.state_dir.unlink()
        if database is not None:
            (launch.state_dir / APP).mkdir(parents=True)
            (launch.state_dir / APP / "bongsu.db").write_bytes(database)
        shop.fails("After", 3)
        wait_until(lambda: _totals(launch) == {"Before": 2, "After": 3})
        ended = child.end()
    assert len(_said(ended)) == 1 + len(_set_aside(launch)), ended.err
    assert len(_set_aside(launch)) == (database is not None)


def test_a_spool_that_cannot_be_made_beside_a_sound_database_costs_no_event(
    slack: ScriptedSlack, launch: Launch
) -> None:
    spool = launch.state_dir / APP / "spool"
    spool.parent.mkdir(parents=True)
    spool.write_text("in the way")
    with _shop(launch) as child:
        shop = Shop(child)
        assert shop("begin") == "ready"
        for name, times in (("Before", 2), ("During", 3), ("After", 4)):
            shop.fails(name, times)
            _about(slack, name)
        spool.unlink()
        wait_until(lambda: _has_spool(launch))
        wait_until(lambda: _totals(launch) == {"Before": 2, "During": 3, "After": 4})
        ended = child.end()
    assert len(_said(ended)) == 1, ended.err


# -- a directory that is taken away


def test_after_rm_rf_of_the_state_directory_errors_are_told_and_outlive_the_process_again(
    slack: ScriptedSlack, launch: Launch
) -> None:
    with _shop(launch) as child:
        shop = Shop(child)
        assert shop("begin") == "ready"
        shop.fails("Before")
        _about(slack, "Before")
        shutil.rmtree(launch.state_dir)
        shop.fails("During", 3)
        _about(slack, "During")
        wait_until(lambda: _totals(launch).get("During") == 3 and _has_spool(launch))
        wait_until(lambda: any((launch.state_dir / APP).glob("spool/*.fault")))
        slack.down()
        shop.fails("After")
        child.say("segfault")
        ended = child.end()
    assert _said(ended) == []
    slack.up()
    _run_and_flush(launch)
    assert IN_MEMORY not in everything(_about(slack, "After"))
    assert "segfault" in everything(_about(slack, "Fatal Python error"))


# -- a damaged database


def _garbage(path: Path) -> None:
    """Over its first page."""
    data = path.read_bytes()
    path.write_bytes(b"\xde\xad\xbe\xef" * 1024 + data[4096:])


def _in_a_row(path: Path) -> None:
    """Inside the text of a group: the pages themselves stay sound."""
    data = path.read_bytes()
    assert b'"fingerprint"' in data
    with path.open("r+b") as file:  # in place: the running program must not see it cut off
        file.write(data.replace(b'"fingerprint"', b'"f\xff\xfe\x00rprint}}'))


def _replaced_by_a_directory(path: Path) -> None:
    path.unlink()
    path.mkdir()


DAMAGES: dict[str, Callable[[Path], None]] = {
    "garbage over its header": _garbage,
    "garbage in a row": _in_a_row,
    "nothing but zeros": lambda path: path.write_bytes(bytes(path.stat().st_size)),
    "a directory in its place": _replaced_by_a_directory,
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_database_is_set_aside_and_the_next_message_says_so(
    slack: ScriptedSlack, launch: Launch, damage: str
) -> None:
    database = _used_database(slack, launch)
    DAMAGES[damage](database)
    with _shop(launch) as child:
        shop = Shop(child)
        assert shop("begin") == "ready"
        shop.fails("Before", 2)
        told = slack.wait_for(lambda message: "Before" in text(message) and SET_ASIDE in everything(message))[0]
        shop.fails("After", 3)
        assert SET_ASIDE not in everything(_about(slack, "After"))
        wait_until(lambda: _totals(launch) == {"Before": 2, "After": 3})
        ended = child.end()
    [aside] = _set_aside(launch)
    assert aside in everything(told)
    [said] = _said(ended)
    assert aside in said


def test_counts_stay_exact_when_the_database_is_damaged_under_the_running_program(
    slack: ScriptedSlack, launch: Launch
) -> None:
    with _shop(launch) as child:
        shop = Shop(child)
        assert shop("begin") == "ready"
        shop.fails("Before", 2)
        _about(slack, "Before")
        _in_a_row(_checkpointed(launch))
        shop.fails("Before", 2)
        shop.fails("After", 3)
        _about(slack, "After")
        wait_until(lambda: _totals(launch) == {"Before": 4, "After": 3})
        child.end()


def test_two_programs_that_meet_a_damaged_database_at_once_set_it_aside_once(
    slack: ScriptedSlack, launch: Launch
) -> None:
    DAMAGES["garbage over its header"](_used_database(slack, launch))
    names = ("During", "After")
    with _shop(launch) as first, _shop(launch) as second:
        for child in (first, second):
            assert child.line() == "here"
        for child in (first, second):
            child.say("begin")
        for child, name in zip((first, second), names, strict=True):
            assert child.line() == "ready"
            child.say(f"fail {name} 2")
        for name in names:
            _about(slack, name)
        wait_until(lambda: _totals(launch) == {"During": 2, "After": 2})
        said = [line for child in (first, second) for line in _said(child.end())]
    [aside] = _set_aside(launch)
    [line] = said
    assert aside in line


# -- who may read it


@pytest.mark.parametrize("umask", ["022", "000"])
def test_nothing_of_ours_can_be_read_by_other_users(slack: ScriptedSlack, launch: Launch, umask: str) -> None:
    _garbage(_used_database(slack, launch, umask))
    with _shop(launch) as child:
        shop = Shop(child)
        assert shop(f"begin {umask}") == "ready"
        shop.fails("After", 3)
        wait_until(lambda: _totals(launch) == {"After": 3})
        modes = {path: stat.S_IMODE(path.stat().st_mode) for path in _all_of(launch.state_dir)}
    kinds = {".db", ".db-wal", ".db-shm", ".db.lock", ".events", ".counts", ".fault"}
    assert kinds <= {"." + path.name.partition(".")[2] for path in modes}
    assert any("damaged" in path.name for path in modes)
    wanted = {path: 0o700 if path.is_dir() else 0o600 for path in modes}
    assert modes == wanted


def test_no_credential_is_written_to_the_state_directory(slack: ScriptedSlack, launch: Launch) -> None:
    secrets = {"webhook": "hooksecret7d1f", "token": "xoxb-7d1f-tokensecret", "dsn": "dsnsecret7d1f"}
    slack.script(status=503, times=None)
    places = {
        "BONGSU_TO_ALARM": slack.webhook_url(secrets["webhook"]),
        "BONGSU_TO_DEVOPS": "slack://#001-devops",
        "BONGSU_TO_DEV_TEST": slack.api_url.replace("://", f"://{secrets['dsn']}@").replace("/api/", "/1"),
        "BONGSU_SLACK_TOKEN": secrets["token"],
        "BONGSU_SLACK_API": slack.api_url,
    }
    for environment in ("production", "dev"):
        with _shop(launch, **places, BONGSU_ENVIRONMENT=environment) as child:
            shop = Shop(child)
            assert shop("begin") == "ready"
            shop.fails("Before", 3)
            wait_until(lambda: bool(_rows(launch, "select id from outbox")))
            kept = {path: path.read_bytes() for path in _all_of(launch.state_dir) if path.is_file()}
        assert any(b"Before" in data for data in kept.values())
        for secret in secrets.values():
            assert not [path for path, data in kept.items() if secret.encode() in data]


# -- inside


def _shop(launch: Launch, **environ: str) -> Child:
    return launch.command(sys.executable, SHOP, **environ)


def _run_and_flush(launch: Launch, *names: str, umask: str = "022") -> Ended:
    with _shop(launch) as child:
        shop = Shop(child)
        assert shop(f"begin {umask}") == "ready"
        for name in names:
            shop.fails(name)
        assert shop("flush") == "told"
        return child.end()


def _used_database(slack: ScriptedSlack, launch: Launch, umask: str = "022") -> Path:
    """Of a program that told of a problem and ended well."""
    _run_and_flush(launch, "Before", umask=umask)
    _about(slack, "Before")
    return launch.state_dir / APP / "bongsu.db"


def _checkpointed(launch: Launch) -> Path:
    """The database of a running program, without a log beside it that would hide what is done to it."""
    path = launch.state_dir / APP / "bongsu.db"
    with closing(sqlite3.connect(path)) as database:
        database.execute("pragma wal_checkpoint(truncate)")
    return path


def _about(slack: ScriptedSlack, name: str) -> Received:
    return slack.wait_for(lambda message: f"{name}: " in text(message), STEP_MAX_S)[-1]


def _said(ended: Ended) -> list[str]:
    return [line for line in ended.err.splitlines() if line]


def _totals(launch: Launch) -> dict[str, int]:
    """How often each kind of error happened, by the store on disk."""
    found = (groups.from_json(json.loads(data)) for (data,) in _rows(launch, "select data from groups"))
    return {group.sample.exceptions[0].type: group.total for group in found}


def _rows(launch: Launch, sql: str) -> list[tuple[str, ...]]:
    """None while there is no sound database; looking must not make one."""
    path = launch.state_dir / APP / "bongsu.db"
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
            return database.execute(sql).fetchall()
    except sqlite3.Error:
        return []


def _has_spool(launch: Launch) -> bool:
    return any((launch.state_dir / APP).glob("spool/*.events"))


def _set_aside(launch: Launch) -> list[str]:
    return [path.name for path in (launch.state_dir / APP).glob("bongsu.db.damaged-*")]


def _all_of(folder: Path) -> list[Path]:
    return [folder, *folder.rglob("*")]
