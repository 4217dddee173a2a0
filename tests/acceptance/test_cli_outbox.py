"""`bongsu outbox`: what waits, what died, and what a person can do about it."""

import os
import pty
import subprocess
import sys

import pytest
from shell import APP, Shell, wait_until

from bongsu.testing import ScriptedSlack


@pytest.fixture
def waiting(bongsu: Shell, later: str) -> Shell:
    """One message waits."""
    assert bongsu("send", "the stock is low", "--app", APP, BONGSU_TO=later).returncode == 1
    return bongsu


@pytest.fixture
def dead(bongsu: Shell, slack: ScriptedSlack) -> Shell:
    """One message was refused for good."""
    slack.script(word="no_text")
    assert bongsu("send", "not wanted", "--app", APP, BONGSU_TO=slack.webhook_url("devops")).returncode == 1
    return bongsu


@pytest.mark.parametrize("arguments", [(), ("list",), ("retry",), ("drop", "--all", "--yes")], ids=" ".join)
def test_where_nothing_was_kept_nothing_is_created(bongsu: Shell, arguments: tuple[str, ...]) -> None:
    done = bongsu("outbox", *arguments)
    assert (done.returncode, done.stdout, done.stderr) == (0, "Nothing waits.\n", "")
    assert not bongsu.state.exists()


def test_what_waits_is_listed_with_its_reason_whatever_is_configured(waiting: Shell) -> None:
    done = waiting("outbox", BONGSU_TO="a broken setting")
    assert (done.returncode, done.stderr) == (0, "")
    title, head, row, trouble, remedy = done.stdout.splitlines()
    assert title == "shop: 1 waiting, 0 dead"
    assert head.split() == ["ID", "STATE", "AGE", "CHANNEL", "VERB", "TRIES", "LAST", "ANSWER", "MESSAGE"]
    assert row.split()[:2] == [str(waiting.row()["id"]), "waiting"]
    assert "  rate_limited  " in row
    assert row.endswith("🔵 [production] shop: the stock is low")
    assert "✗ devops is not reached since" in trouble
    assert remedy.startswith("    → Nothing to do: it is sent again by itself.")


def test_what_died_is_listed_and_waits_again_when_told_to(dead: Shell, slack: ScriptedSlack) -> None:
    listed = dead("outbox").stdout
    assert "shop: 0 waiting, 1 dead" in listed
    assert "no_text" in listed
    assert "1 dead message waits again" in dead("outbox", "retry", str(dead.row()["id"])).stdout
    assert dead("send", "next", "--app", APP, BONGSU_TO=slack.webhook_url("devops")).returncode == 0
    told = {str(post.payload["text"]).rpartition(": ")[2] for post in slack.wait_for(2)}
    assert told == {"not wanted", "next"}


def test_retry_opens_a_dead_destination(bongsu: Shell, slack: ScriptedSlack) -> None:
    slack.script(word="no_active_hooks")
    to = {"BONGSU_TO": slack.webhook_url("devops"), "BONGSU_APP": APP}
    assert bongsu("send", "first", **to).returncode == 1
    assert "is dead: no_active_hooks\n    → Create a new incoming webhook" in bongsu("outbox", **to).stdout
    assert "1 destination is tried again at once" in bongsu("outbox", "retry", **to).stdout
    assert "dead:" not in bongsu("outbox", **to).stdout
    assert bongsu("send", "second", **to).returncode == 0


def test_an_unknown_id_is_said(waiting: Shell) -> None:
    for action in (("retry", "77"), ("drop", "77", "--yes")):
        done = waiting("outbox", *action)
        assert (done.returncode, done.stderr) == (1, "There is no message 77.\n")
    assert waiting.row()["state"] == "waiting"


def test_nothing_is_dropped_unasked(waiting: Shell) -> None:
    done = waiting("outbox", "drop", "--all", text="y\n")  # nobody sits at a pipe
    assert done.returncode == 1
    assert "--yes" in done.stderr
    assert waiting.row()["state"] == "waiting"


@pytest.mark.parametrize(("answer", "stays"), [(b"y\n", False), (b"\n", True), (b"no\n", True)])
def test_on_a_terminal_it_asks(waiting: Shell, answer: bytes, stays: bool) -> None:
    ours, theirs = pty.openpty()
    running = waiting.start("outbox", "drop", "--all", stdin=theirs)
    os.write(ours, answer)
    asked, _ = running.communicate(timeout=20)
    os.close(ours)
    os.close(theirs)
    assert "shop: give up 1 message? [y/N]" in asked
    assert bool(waiting.row()) is stays


def test_drop_gives_up_one_or_all(waiting: Shell, later: str) -> None:
    assert waiting("send", "second", "--app", APP, BONGSU_TO=later).returncode == 1
    assert "1 message dropped" in waiting("outbox", "drop", str(waiting.row()["id"]), "--yes").stdout
    assert "second" in waiting("outbox").stdout
    assert "1 message dropped" in waiting("outbox", "drop", "--all", "--yes").stdout
    assert "shop: 0 waiting, 0 dead" in waiting("outbox").stdout


def test_with_several_apps_an_id_needs_its_app(waiting: Shell, slack: ScriptedSlack, later: str) -> None:
    slack.script(word="rate_limited", headers={"Retry-After": "600"})
    assert waiting("send", "hi", "--app", "bakery", BONGSU_TO=later).returncode == 1
    listed = waiting("outbox").stdout
    assert listed.index("bakery: 1 waiting") < listed.index("shop: 1 waiting")
    done = waiting("outbox", "drop", "1", "--yes")
    assert (done.returncode, "--app (bakery, shop)" in done.stderr) == (2, True)
    assert "bakery" not in waiting("outbox", "--app", APP).stdout


def test_a_damaged_database_is_said_and_left_as_it_is(waiting: Shell) -> None:
    path = waiting.state / APP / "bongsu.db"
    path.write_bytes(b"this is no database" * 1_000)
    done = waiting("outbox")
    assert done.returncode == 1
    assert "cannot be used: file is not a database. See `bongsu doctor`." in done.stderr
    assert path.read_bytes().startswith(b"this is no database")


def test_it_works_while_the_program_runs(bongsu: Shell, slack: ScriptedSlack) -> None:
    code = "import bongsu, sys\nbongsu.init(app='shop')\nbongsu.notify('held back')\nsys.stdin.readline()"
    slack.script(word="no_active_hooks")
    with subprocess.Popen(
        [sys.executable, "-c", code],
        env=bongsu.environ | {"BONGSU_TO": slack.webhook_url("devops")},
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as program:
        wait_until(lambda: "is dead: no_active_hooks" in bongsu("outbox").stdout)
        assert "1 destination is tried again" in bongsu("outbox", "retry").stdout
        assert "held back" in str(slack.wait_for(1)[0].payload["text"])
        program.communicate("\n", timeout=20)
    assert "shop: 0 waiting, 0 dead" in bongsu("outbox").stdout
