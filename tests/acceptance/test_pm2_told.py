"""`bongsu watch pm2` beside a real pm2: what people read in Slack."""

import json
import os
import signal
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

import pytest
import seen
from children import Child
from pm2_daemon import SECRET, Daemon
from shell import wait_until

from bongsu.alerting import group as groups
from bongsu.clock import SYSTEM
from bongsu.testing import Received, ScriptedSlack

NO_RESTART = {"autorestart": False}
APPS = {
    "killed": {"script": "sleeper.js"},
    "segfault": {"script": "sleeper.js"},
    "one": {"script": "exit.js", "env": {"EXIT_WITH": "1"}, **NO_RESTART},
    "reject": {"script": "reject.js"},
    "traceback": {"script": "pricing.py", "interpreter": "python3", **NO_RESTART},
    "heap": {"script": "heap.js", "node_args": "--max-old-space-size=30", **NO_RESTART},
    "crash": {"script": "crash.js"},
    "flood": {"script": "flood.js"},
}
TITLES = {
    "killed": "killed: killed by SIGKILL",
    "segfault": "segfault: SIGSEGV",
    "one": "one: exit 1",
    "reject": "RangeError: seat 99 is out of range",
    "traceback": "KeyError: '12A'",
    "heap": "heap: SIGABRT (JavaScript heap out of memory)",
}
LINES = 5_000
OURS = ("alarm", "devops", "dev-test")


class Watcher:
    """The command, with a bongsu.toml and a state directory of its own."""

    def __init__(self, pm2: Daemon, folder: Path, toml: str) -> None:
        self.pm2, self.folder = pm2, folder
        folder.mkdir(exist_ok=True)
        (folder / "bongsu.toml").write_text(f'state_dir = "{folder}/state"\n{toml}')

    def start(self) -> Child:
        """Begin it; it says what it watches."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("BONGSU_", "PM2_"))}
        command = [sys.executable, "-m", "bongsu", "watch", "pm2", "--home", str(self.pm2.home)]
        return Child(command, kept | {"HOME": str(self.folder)}, self.folder)

    def counted(self, message: str) -> int:
        """How many occurrences of problems with this in their text the store knows."""
        with closing(sqlite3.connect(self.folder / "state" / "pm2" / "bongsu.db")) as database:
            rows = [json.loads(data) for (data,) in database.execute("select data from groups")]
        found = [groups.from_json(row) for row in rows]
        return sum(group.count for group in found if message in group.sample.message)

    def files(self) -> bytes:
        """All that it has written."""
        return b"".join(path.read_bytes() for path in self.folder.rglob("*") if path.is_file())


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What has been told of APPS, by one watcher over webhooks and one with a bot's token."""

    webhooks: ScriptedSlack
    bot: ScriptedSlack
    watcher: Watcher
    with_bot: Watcher
    killed_at: float

    def of(self, channel: str) -> list[Received]:
        return [message for message in self.webhooks.messages if message.channel == channel]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    folder = tmp_path_factory.mktemp("watchers")
    with ExitStack() as stack:
        webhooks, bot = stack.enter_context(ScriptedSlack()), stack.enter_context(ScriptedSlack())
        pm2 = stack.enter_context(Daemon())
        pm2("ping")
        channels = "\n".join(f"{name} = '{name}'" for name in (*APPS, "inside"))
        toml = f"{_everywhere(webhooks)}[watch.pm2.channels]\n{channels}\n"
        watcher = Watcher(pm2, folder / "webhooks", toml)
        others = json.dumps([name for name in APPS if name not in ("crash", "flood")] + ["inside"])
        with_bot = Watcher(pm2, folder / "bot", f"{_bot(bot)}[watch.pm2]\nerror = true\nignore = {others}\n")
        for each in (watcher, with_bot):
            stack.enter_context(each.start()).line()
        pm2.start(**APPS, inside=_inside(webhooks, watcher))
        for name, number in (("segfault", signal.SIGSEGV), ("killed", signal.SIGKILL)):
            wait_until(lambda name=name: bool(list((pm2.home / "pids").glob(f"{name}-*.pid"))))
            killed_at = SYSTEM.now()
            os.kill(pm2.pid(name), number)
        told = Told(webhooks=webhooks, bot=bot, watcher=watcher, with_bot=with_bot, killed_at=killed_at)
        yield _all_told(told, pm2)


def _all_told(told: Told, pm2: Daemon) -> Told:
    """Wait for the last of it: the loop, the flood, and an operator's hand on all that still runs."""
    told.bot.wait_for(lambda message: "started no more" in seen.everything(message), timeout_s=30.0)
    wait_until(lambda: told.with_bot.counted("could not be priced") >= LINES)
    pm2("restart", "killed")
    pm2("reload", "segfault")
    pm2("stop", "killed", "segfault")
    pm2("delete", "reject")
    for word in ("restarted", "reloaded", "stopped", "deleted"):
        told.webhooks.wait_for(lambda message, word=word: word in seen.text(message), timeout_s=20.0)
    told.webhooks.wait_for(lambda message: "LookupError" in seen.text(message))
    return told


def _inside(slack: ScriptedSlack, watcher: Watcher) -> dict[str, object]:
    """A program in Python with the library inside."""
    environ = {
        "BONGSU_TO": slack.webhook_url("inside"),
        "BONGSU_APP": "inside",
        "BONGSU_STATE_DIR": str(watcher.folder / "state"),
    }
    return {"script": "inside.py", "interpreter": sys.executable, "env": environ, **NO_RESTART}


def _everywhere(slack: ScriptedSlack) -> str:
    """Every app and every channel of ours has a webhook."""
    lines = [f"{channel} = '{slack.webhook_url(channel)}'" for channel in (*OURS, *APPS, "inside")]
    return "[to]\n" + "\n".join(lines) + "\n"


def _bot(slack: ScriptedSlack) -> str:
    return f"to = 'slack://#000-alarm'\ntoken = '{slack.token}'\nslack_api = '{slack.api_url}'\n"


def _alarms(bot: ScriptedSlack) -> list[Received]:
    """The messages that are no follow-ups in a thread."""
    return [message for message in bot.posts if _is_alarm(message) and not message.thread_ts]


def _is_alarm(message: Received) -> bool:
    return not seen.text(message).startswith("🔵")


@pytest.mark.parametrize("name", TITLES)
def test_an_end_is_one_message_with_its_cause(told: Told, name: str) -> None:
    [alarm] = [message for message in told.of(name) if _is_alarm(message)]
    assert TITLES[name] in seen.text(alarm)
    assert seen.fields(alarm)["APP"] == name


def test_what_the_library_inside_has_told_is_not_told_again(told: Told) -> None:
    [alarm] = [message for message in told.of("inside") if _is_alarm(message)]
    assert "LookupError: no such flight" in seen.text(alarm)
    assert seen.fields(alarm).get("COMMAND") is None  # it is the library's own


def test_a_kill_is_told_within_a_second(told: Told) -> None:
    [alarm] = [message for message in told.of("killed") if _is_alarm(message)]
    assert alarm.at - told.killed_at < 1.0


def test_a_crash_loop_is_told_within_three_seconds_of_its_fifth_end(told: Told) -> None:
    loop = next(message for message in told.of("crash") if "crash loop" in seen.text(message))
    assert loop.at - told.killed_at < 6.0  # five runs of 0.4 s, and a start under load


def test_a_crash_loop_is_at_most_three_messages_over_a_webhook(told: Told) -> None:
    alarms = [message for message in told.of("crash") if _is_alarm(message)]
    assert len(alarms) <= 3
    assert "started no more" in seen.everything(alarms[-1])


def test_a_crash_loop_is_one_message_of_a_bot(told: Told) -> None:
    [alarm] = [message for message in _alarms(told.bot) if seen.fields(message)["APP"] == "crash"]
    assert "no such seat" in seen.everything(alarm)


def test_what_operators_do_is_a_record_and_no_alarm(told: Told) -> None:
    assert told.of("alarm") == []
    for name in ("killed", "segfault"):
        assert len([message for message in told.of(name) if _is_alarm(message)]) == 1  # its signal
        assert [message for message in told.of(name) if not _is_alarm(message)]


def test_a_flood_of_lines_is_at_most_three_messages_and_every_line_is_counted(told: Told) -> None:
    assert 1 <= len([message for message in _alarms(told.bot) if seen.fields(message)["APP"] == "flood"]) <= 3
    assert told.with_bot.counted("could not be priced") == LINES


def test_nothing_of_the_environment_is_in_a_message_or_a_file(told: Told) -> None:
    messages = told.webhooks.messages + told.bot.messages
    assert SECRET not in repr([message.payload for message in messages])
    assert SECRET.encode() not in told.watcher.files()


def test_a_second_watcher_is_refused_with_the_pid_of_the_first(told: Told) -> None:
    with told.watcher.start() as second:
        ended = second.end()
    assert ended.code == 1
    assert ended.err.startswith(f"bongsu: pm2 in {told.watcher.pm2.home} is watched by process ")
    assert ended.out == ""


def test_without_pm2_it_waits_and_ends_when_asked(tmp_path: Path) -> None:
    with Daemon() as pm2, Watcher(pm2, tmp_path / "watcher", "to = 'console:'\n").start() as watcher:
        assert watcher.process.stderr is not None
        assert watcher.process.stderr.readline() == f"pm2 is not running in {pm2.home}: waiting for it.\n"
        watcher.signal(signal.SIGINT)
        assert watcher.end().code == 0


def test_all_is_told_although_slack_is_down_and_the_watcher_is_killed(tmp_path: Path) -> None:
    with ScriptedSlack() as slack, Daemon() as pm2:
        watcher = Watcher(pm2, tmp_path / "watcher", f"to = '{slack.webhook_url('alarm')}'\n")
        pm2("ping")
        slack.down()
        with watcher.start() as first:
            first.line()
            pm2.start(web={"script": "sleeper.js"}, api={"script": "sleeper.js"})
            _until(first, "api: started")
            os.kill(pm2.pid("web"), signal.SIGKILL)
            _until(first, "web: killed by SIGKILL")
            first.signal(signal.SIGKILL)
            first.end()
        os.kill(pm2.pid("api"), signal.SIGKILL)
        with watcher.start() as second:
            _until(second, "api: ended")
            pm2.die()
            _until(second, "pm2: the daemon is gone")
            slack.up()
            for words in ("web: killed by SIGKILL", "api: ended", "pm2"):
                slack.wait_for(lambda message, words=words: words in seen.everything(message), timeout_s=40.0)


def _until(watcher: Child, words: str) -> None:
    """Read what it shows until it says this."""
    while words not in watcher.line():
        continue
