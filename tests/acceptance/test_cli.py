"""What all commands share, and `bongsu send`."""

import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from shell import APP, NOBODY_LISTENS, Shell, wait_until

from bongsu.clock import SYSTEM
from bongsu.testing import ScriptedSlack

COMMANDS = ("demo", "send", "doctor", "outbox")


def test_without_a_command_the_help_names_them_all(bongsu: Shell) -> None:
    done = bongsu()
    assert done.returncode == 2
    assert all(f"\n    {command} " in done.stderr for command in COMMANDS), done.stderr


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_each_command_has_an_example(bongsu: Shell, command: str) -> None:
    done = bongsu(command, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert f"bongsu {command}" in done.stdout.partition("example:\n")[2]


def test_the_installed_command_is_the_module(bongsu: Shell) -> None:
    installed = Path(sys.executable).with_name("bongsu")
    told = subprocess.run([installed, "--version"], capture_output=True, text=True, check=True, timeout=20).stdout
    assert told == bongsu("--version").stdout == "bongsu 0.1.0\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ("dmeo",),
        ("send", "hi", "--level", "loud"),
        ("demo", "--port", "65536"),
        ("demo", "--visitors", "0"),
        ("outbox", "retry", "first"),
        ("outbox", "list", "7"),
        ("outbox", "drop"),
        ("outbox", "drop", "7", "--all"),
    ],
    ids=" ".join,
)
def test_wrong_use_is_refused_in_words(bongsu: Shell, arguments: tuple[str, ...]) -> None:
    done = bongsu(*arguments)
    assert done.returncode == 2
    assert done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("arguments", [("send", "hi"), ("doctor",), ("demo", "--once")], ids=" ".join)
def test_every_problem_of_the_configuration_is_listed(bongsu: Shell, arguments: tuple[str, ...]) -> None:
    done = bongsu(*arguments, BONGSU_TO="#alarm", BONGSU_LEVEL="loud")
    assert done.returncode == 2
    assert "slack://#channel" in done.stderr
    assert "level: 'loud' is not known" in done.stderr
    assert "Traceback" not in done.stderr


def test_help_loads_nothing_heavy(bongsu: Shell) -> None:
    code = (
        "import sys, contextlib\nfrom bongsu.cli import main\n"
        "with contextlib.suppress(SystemExit): main(['--help'])\n"
        "print(sorted({'sqlite3', 'http', 'flask', 'bongsu.config', 'bongsu.testing'} & sys.modules.keys()))"
    )
    assert bongsu.python("-c", code).stdout.endswith("\n[]\n")


def test_a_reader_that_goes_away_is_no_error(bongsu: Shell) -> None:
    with bongsu.start("outbox") as running:
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.close()
        assert running.wait(20) == 141
        assert running.stderr.read() == ""


def test_ctrl_c_ends_without_a_traceback(bongsu: Shell, slack: ScriptedSlack) -> None:
    slack.script(delay_s=30.0, times=None)
    running = bongsu.start("send", "hi", "--app", APP, BONGSU_TO=slack.webhook_url("devops"))
    wait_until(lambda: (bongsu.state / APP / "bongsu.db").exists())
    running.send_signal(signal.SIGINT)
    _, told = running.communicate(timeout=20)
    assert (running.returncode, told) == (130, "")


@pytest.mark.parametrize("no_color", ["", "1"])
def test_colour_is_for_terminals_whose_user_wants_it(bongsu: Shell, no_color: str) -> None:
    ours, theirs = pty.openpty()
    done = subprocess.run(
        [sys.executable, "-m", "bongsu", "doctor", "--no-send"],
        cwd=bongsu.folder,
        env=bongsu.environ | {"NO_COLOR": no_color, "TERM": "xterm", "BONGSU_TO": "console:"},
        stdout=theirs,
        check=False,
        timeout=20,
    )
    seen = os.read(ours, 65536).decode()
    os.close(ours)
    os.close(theirs)
    assert done.returncode == 0
    assert ("\x1b[32m✓" in seen) is (no_color == "")


def test_what_is_not_for_a_terminal_has_no_colour(bongsu: Shell) -> None:
    done = bongsu("doctor", BONGSU_TO="console:", TERM="xterm")
    assert "✓" in done.stdout
    assert "\x1b" not in done.stdout + done.stderr


# -- send


def test_a_text_arrives_in_its_channel(bongsu: Shell, slack: ScriptedSlack) -> None:
    done = bongsu("send", "Deployed <b> & more", BONGSU_TO=slack.webhook_url("devops"))
    assert (done.returncode, done.stderr) == (0, "")
    host = slack.webhook_url("").partition("/services")[0]
    assert done.stdout == f"Delivered to devops ({host}/services/T0…/…).\n"
    [message] = slack.posts
    assert "Deployed &lt;b&gt; &amp; more" in str(message.payload["text"])


@pytest.mark.parametrize("arguments", [(), ("-",)], ids=["no text", "-"])
def test_standard_input_is_the_text_where_none_is_given(
    bongsu: Shell, slack: ScriptedSlack, arguments: tuple[str, ...]
) -> None:
    assert bongsu("send", *arguments, text="back-up done\n", BONGSU_TO=slack.webhook_url("devops")).returncode == 0
    assert "back-up done" in str(slack.posts[0].payload["text"])


def test_an_endless_standard_input_is_one_bounded_message(bongsu: Shell, slack: ScriptedSlack) -> None:
    with open("/dev/urandom", "rb") as endless:
        running = bongsu.start("send", stdin=endless.fileno(), BONGSU_TO=slack.webhook_url("devops"))
        _, told = running.communicate(timeout=30)
    assert (running.returncode, told) == (0, "")
    assert len(slack.posts) == 1


@pytest.mark.parametrize(("level", "mark"), [("info", "🔵"), ("warning", "🟡"), ("error", "🔴"), ("fatal", "🔥")])
def test_the_level_is_the_mark(bongsu: Shell, slack: ScriptedSlack, level: str, mark: str) -> None:
    assert bongsu("send", "hi", "--level", level, BONGSU_TO=slack.webhook_url("devops")).returncode == 0
    assert str(slack.posts[0].payload["text"]).startswith(mark)


def test_the_channel_is_chosen(bongsu: Shell, slack: ScriptedSlack) -> None:
    ways = {"BONGSU_TO_ALARM": slack.webhook_url("alarm"), "BONGSU_TO_DEVOPS": slack.webhook_url("devops")}
    assert bongsu("send", "hi", "--channel", "alarm", **ways).returncode == 0
    assert [post.channel for post in slack.posts] == ["alarm"]


def test_a_channel_that_is_not_configured_is_replaced_and_that_is_said(bongsu: Shell, slack: ScriptedSlack) -> None:
    done = bongsu("send", "hi", "--channel", "party", BONGSU_TO=slack.webhook_url("all"))
    assert done.returncode == 0
    assert done.stderr == "Channel party is not configured; alarm stands in for it.\n"


def test_what_cannot_be_delivered_says_why_and_goes_with_the_next(bongsu: Shell, slack: ScriptedSlack) -> None:
    to = slack.webhook_url("devops")
    slack.down()
    done = bongsu("send", "first", "--app", APP, BONGSU_TO=to)
    assert done.returncode == 1
    assert "Not delivered yet: refused. Nothing listens there" in done.stderr
    assert f"bongsu outbox --app {APP}" in done.stderr
    slack.up()
    assert bongsu("outbox", "retry", "--all", "--app", APP).returncode == 0
    assert bongsu("send", "second", "--app", APP, BONGSU_TO=to).returncode == 0
    told = [str(post.payload["text"]).rpartition(": ")[2] for post in slack.posts]
    assert sorted(told) == ["first", "second"]


def test_what_is_refused_for_good_says_what_sends_it_again(bongsu: Shell, slack: ScriptedSlack) -> None:
    to = slack.webhook_url("devops")
    slack.script(word="invalid_blocks", times=2)
    done = bongsu("send", "hi", "--app", APP, BONGSU_TO=to)
    assert done.returncode == 1
    assert "Refused: invalid_blocks. " in done.stderr
    assert f"`bongsu outbox retry --all --app {APP}` sends it again" in done.stderr
    assert bongsu("outbox", "retry", "--all", "--app", APP).returncode == 0
    assert bongsu("send", "second", "--app", APP, BONGSU_TO=to).returncode == 0
    assert len(slack.posts) == 2


def test_a_passing_command_with_another_destination_takes_over_nothing(bongsu: Shell, slack: ScriptedSlack) -> None:
    assert bongsu("send", "first", "--app", APP, BONGSU_TO=NOBODY_LISTENS).returncode == 1
    assert bongsu("send", "second", "--app", APP, BONGSU_TO=slack.webhook_url("devops")).returncode == 0
    assert [str(post.payload["text"]).rpartition(": ")[2] for post in slack.posts] == ["second"]


def test_a_dead_destination_is_told_at_once_and_nothing_is_lost(bongsu: Shell, slack: ScriptedSlack) -> None:
    slack.script(word="no_active_hooks", times=None)
    began = SYSTEM.monotonic()
    done = bongsu("send", "hi", "--app", APP, BONGSU_TO=slack.webhook_url("devops"))
    assert done.returncode == 1
    assert SYSTEM.monotonic() - began < 8.0, "it could have waited for 10 s"
    assert "no_active_hooks. Create a new incoming webhook" in done.stderr
    assert bongsu.row()["state"] == "waiting"


def test_without_a_place_to_keep_it_the_message_still_arrives(bongsu: Shell, slack: ScriptedSlack) -> None:
    bongsu.state.write_text("a file where the directory should be")
    assert bongsu("send", "hi", BONGSU_TO=slack.webhook_url("devops")).returncode == 0
    assert len(slack.posts) == 1


def test_not_delivered_and_not_kept_is_said(bongsu: Shell, later: str) -> None:
    bongsu.state.write_text("a file where the directory should be")
    done = bongsu("send", "hi", BONGSU_TO=later)
    assert done.returncode == 1
    assert "It could not be kept either" in done.stderr


def test_sending_to_nowhere_or_nothing_is_wrong_use(bongsu: Shell) -> None:
    nowhere = bongsu("send", "hi")
    assert (nowhere.returncode, "no destination" in nowhere.stderr) == (2, True)
    nothing = bongsu("send", text=" \n", BONGSU_TO="console:")
    assert (nothing.returncode, "nothing to send" in nothing.stderr) == (2, True)
    assert not bongsu.state.exists()
