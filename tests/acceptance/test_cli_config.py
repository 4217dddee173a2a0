"""`bongsu config`: what it says of the settings, the file it writes, and what it never shows."""

import os
import pty
import re
import stat
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path

import pytest
from shell import Shell

from bongsu.alerting.decision import Reason
from bongsu.clock import SYSTEM
from bongsu.delivery.answer import Delivered
from bongsu.delivery.channels import open_channel
from bongsu.delivery.destination import parse
from bongsu.event import Event, Kind, Level
from bongsu.messages.delivery import Verb
from bongsu.messages.message import Message, State
from bongsu.messages.style import Calling, Mention, Style
from bongsu.testing import ScriptedSlack

BROKEN = """\
language = "fr"
[channels]
alarm = { to = "env:NOT_THERE", mention = "@her" }
[[route]]
when = { levl = "error" }
to = "alarm"
"""


# -- check


def test_check_tells_every_problem_with_its_line_and_fails(bongsu: Shell) -> None:
    (bongsu.folder / "bongsu.toml").write_text(BROKEN)
    done = bongsu("config", "check", BONGSU_LEVEL="loud")
    assert (done.returncode, done.stdout) == (2, "")
    told = [line.removeprefix("  - ").partition(" ")[0] for line in done.stderr.splitlines()[1:]]
    assert told == [f"bongsu.toml:{line}:" for line in (1, 3, 3, 5)] + ["level:"]


def test_check_is_content_with_a_sound_file_wherever_it_lies(bongsu: Shell) -> None:
    (bongsu.folder / "deploy.toml").write_text('app = "x"\nto = "console:"\n')
    for done in (bongsu("config", "check", "deploy.toml"), bongsu("config", "check", BONGSU_CONFIG="deploy.toml")):
        assert (done.returncode, done.stdout, done.stderr) == (0, "✓ deploy.toml: no problems\n", "")
    assert bongsu("config", "check", "nowhere.toml").returncode == 2


def test_check_hints_at_what_may_not_be_meant(bongsu: Shell) -> None:
    (bongsu.folder / "bongsu.toml").write_text('[[route]]\nwhen = { app = "x" }\nto = "alarm"\n')
    done = bongsu("config", "check")
    assert done.returncode == 0
    assert "No destination" in done.stdout
    assert "No [[route]] takes everything" in done.stdout


# -- show


FULL = """\
app = "checkin"
timezone = "Asia/Seoul"
[channels]
alarm = { to = "env:SECRET_HOOK", mention = "@here" }
devops = { to = "https://chat.example/hooks/hush-hush", mention = "@channel", push = false }
[alerting]
quiet_after = "10m"
ignore = ["BrokenPipeError", { level = ["debug", "info"] }]
[deliver]
fallback = "devops"
heartbeat_url = "https://beat.example/hush-hush"
[quiet_hours]
from = "22:00"
to = "08:00"
[[escalate]]
after = "15m"
to = "devops"
[[route]]
when = { level = ["error", "fatal"], tag.team = "login" }
to = ["alarm", "devops"]
continue = true
[[fingerprint]]
when = { exception = "IntegrityError" }
group = "{default} {tag.tenant}"
"""
SHOWN = [
    # name, value, where it comes from
    ("app", "checkin", "bongsu.toml:1"),
    ("environment", "staging", "BONGSU_ENVIRONMENT"),
    ("language", "en", "default"),
    ("timezone", "Asia/Seoul", "bongsu.toml:2"),
    ("token", "given, not shown", "BONGSU_SLACK_TOKEN"),
    ("channel alarm", "https://hooks.slack.com/services/T0…/…, calls @here", "bongsu.toml:4"),
    ("channel devops", "https://chat.example/…, @channel is off, no push", "bongsu.toml:5"),
    ("alerting.quiet_after", "10m", "bongsu.toml:7"),
    ("alerting.remind_every", "4h", "default"),
    ("alerting.growth_factor", "10", "default"),
    ("alerting.ignore", "exception=BrokenPipeError, level=debug|info", "bongsu.toml:8"),
    ("deliver.fallback", "devops", "bongsu.toml:10"),
    ("deliver.fallback_after", "5m", "default"),
    ("deliver.heartbeat_url", "given, not shown", "bongsu.toml:11"),
    ("route 1", "level = error or fatal and tag.team = login → alarm, devops, and on", "bongsu.toml:18"),
    ("fingerprint 1", "exception = IntegrityError → {default} {tag.tenant}", "bongsu.toml:22"),
    ("quiet_hours.from", "22:00", "bongsu.toml:13"),
    ("quiet_hours.push", "fatal", "default"),
    ("escalate 1", "everything, after 15m → devops", "bongsu.toml:15"),
]


def test_show_tells_each_value_and_where_it_comes_from_and_no_secret(bongsu: Shell) -> None:
    (bongsu.folder / "bongsu.toml").write_text(FULL)
    secrets = {
        "SECRET_HOOK": "https://hooks.slack.com/services/T0/B0/hush-hush",
        "BONGSU_SLACK_TOKEN": "xoxb-hush-hush",
    }
    done = bongsu("config", "show", BONGSU_ENVIRONMENT="staging", **secrets)
    assert (done.returncode, done.stderr) == (0, "")
    rows = [[part.strip() for part in line.split("  ") if part.strip()] for line in done.stdout.splitlines()]
    assert [row for row in SHOWN if list(row) not in rows] == []
    assert "hush-hush" not in done.stdout


def test_show_names_the_variable_that_replaces_all_addresses(bongsu: Shell) -> None:
    (bongsu.folder / "bongsu.toml").write_text('[channels]\nalarm = "file:a.jsonl"\n')
    shown = bongsu("config", "show", "--app", "shop", BONGSU_TO="console:").stdout
    lines = [" ".join(line.split()) for line in shown.splitlines()]
    assert {"app shop --app", "channel alarm console: BONGSU_TO"} <= set(lines)


# -- init


def test_init_writes_a_commented_file_and_sends_a_test_card_to_each_channel(
    bongsu: Shell, slack: ScriptedSlack
) -> None:
    urls = [slack.webhook_url(name) for name in ("one", "two", "three")]
    done = bongsu(
        *("config", "init", "--app", "checkin", "--language", "ko", "--from-slack-urls", *urls[:2], f"own={urls[2]}"),
        SLACK_ALARM=urls[0],
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    file = bongsu.folder / "bongsu.toml"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    written = tomllib.loads(file.read_text())
    assert (written["app"], written["environment"], written["language"]) == ("checkin", "production", "ko")
    assert written["channels"] == {
        "alarm": {"to": "env:SLACK_ALARM"},
        "devops": {"to": urls[1]},
        "own": {"to": urls[2]},
    }
    assert sorted(post.channel for post in slack.posts) == ["one", "three", "two"]
    assert bongsu("config", "check", SLACK_ALARM=urls[0]).returncode == 0


def test_what_init_leaves_commented_out_is_right_too(bongsu: Shell) -> None:
    assert bongsu("config", "init", "--to", "console:", "--no-send").returncode == 0
    file = bongsu.folder / "bongsu.toml"
    examples = ("# timezone", "# [[", "# when", "# to =", "# [", "# quiet", "# remind", "# fallback")
    lines = [line[2:] if line.startswith(examples) else line for line in file.read_text().splitlines()]
    file.write_text("\n".join(lines).replace("[alerting]", "[channels.devops]\nto = 'file:x'\n[alerting]"))
    done = bongsu("config", "check")
    assert (done.returncode, done.stderr) == (0, "")


def test_init_replaces_no_file_unless_told_to(bongsu: Shell) -> None:
    file = bongsu.folder / "bongsu.toml"
    file.write_text("broken = ")
    refused = bongsu("config", "init", "--to", "console:", "--no-send")
    assert (refused.returncode, file.read_text()) == (2, "broken = ")
    assert "--force" in refused.stderr
    assert bongsu("config", "init", "--to", "console:", "--no-send", "--force").returncode == 0
    assert tomllib.loads(file.read_text())["channels"] == {"alarm": {"to": "console:"}}


WRONG = [
    (["--to", "ftp://x"], "has no scheme"),
    (["--to", "env:NOT_THERE"], "NOT_THERE is not set"),
    (["--to", "console:", "--app", "x" * 81], "1 to 80 printable"),
    (["--from-slack-urls", "a=console:", "a=console:"], "two addresses"),
    (["--from-slack-urls", *["console:"] * 4], "two addresses"),
    (["--from-slack-urls", "a b=console:"], "no channel name"),
    ([], "--from-slack-urls"),
]


@pytest.mark.parametrize(("arguments", "told"), WRONG, ids=[told for _, told in WRONG])
def test_init_writes_nothing_for_a_wrong_word(bongsu: Shell, arguments: list[str], told: str) -> None:
    done = bongsu("config", "init", *arguments)
    assert (done.returncode, list(bongsu.folder.iterdir())) == (2, [])
    assert told in done.stderr


def test_init_says_which_test_card_did_not_arrive(bongsu: Shell, slack: ScriptedSlack) -> None:
    slack.script(word="no_active_hooks", times=None)
    done = bongsu("config", "init", "--to", slack.webhook_url("hush-hush"))
    assert done.returncode == 1
    assert "✗ alarm: refused by" in done.stdout
    assert "hush-hush" not in done.stdout + done.stderr
    assert (bongsu.folder / "bongsu.toml").exists()


def test_a_folder_that_cannot_be_written_is_told(bongsu: Shell) -> None:
    done = bongsu("config", "init", "nowhere/bongsu.toml", "--to", "console:")
    assert done.returncode == 2
    assert "nowhere/bongsu.toml: cannot be written (No such file or directory)" in done.stderr


def at_a_terminal(bongsu: Shell, answers: Sequence[str]) -> tuple[int, str]:
    """`bongsu config init` with somebody who answers; its exit status and what they saw."""
    ours, theirs = pty.openpty()
    os.write(ours, "".join(f"{answer}\n" for answer in answers).encode() + b"\x04")
    done = subprocess.run(
        [sys.executable, "-m", "bongsu", "config", "init", "--no-send"],
        cwd=bongsu.folder,
        env=bongsu.environ,
        stdin=theirs,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    os.close(ours)
    os.close(theirs)
    return done.returncode, done.stdout + done.stderr


def test_init_asks_at_a_terminal_until_it_is_right(bongsu: Shell, slack: ScriptedSlack) -> None:
    url = slack.webhook_url("all")
    status, seen = at_a_terminal(bongsu, ["checkin", "", "fr", "ko", "", "alerts", url, "console:", ""])
    assert (status, seen.count("Write en or ko."), seen.count("has no scheme")) == (0, 1, 1), seen
    written = tomllib.loads((bongsu.folder / "bongsu.toml").read_text())
    assert (written["app"], written["environment"], written["language"]) == ("checkin", "production", "ko")
    assert written["channels"] == {"alarm": {"to": url}, "devops": {"to": "console:"}}


def test_init_writes_nothing_when_nobody_answers_any_more(bongsu: Shell) -> None:
    status, seen = at_a_terminal(bongsu, ["checkin"])
    assert (status, "Nothing is written." in seen) == (2, True)
    assert not Path(bongsu.folder / "bongsu.toml").exists()


# -- in force

PROGRAM = """
import bongsu
bongsu.init()
bongsu.capture_exception(KeyError("no room"))
bongsu.flush(10)
bongsu.capture_message("low on apples", level="warning")
bongsu.flush(10)
"""


def test_a_channel_calls_its_people_though_another_shares_its_address(bongsu: Shell, slack: ScriptedSlack) -> None:
    text = '[channels]\nalarm = { to = "env:HOOK", mention = "@here" }\ndevops = { to = "env:HOOK" }\n'
    (bongsu.folder / "bongsu.toml").write_text(text)
    done = bongsu.python("-c", PROGRAM, HOOK=slack.webhook_url("all"))
    assert (done.returncode, done.stderr) == (0, "")
    assert [str(post.payload["text"]).startswith("<!here> ") for post in slack.posts] == [True, False]


EVENT = Event(
    id="0" * 32, at=1.0, kind=Kind.MESSAGE, level=Level.ERROR, message="no room", app="shop", environment="production"
)
ALERT = Message(reason=Reason.FIRST_SEEN, state=State.FIRING, at=1.0, event=EVENT)


def test_an_edit_calls_nobody_again(slack: ScriptedSlack) -> None:
    destination = parse("slack://#alarm", token=slack.token, slack_api=slack.api_url, channel="alarm")
    style = Style(mention=Mention(calling=Calling.HERE))
    channel = open_channel(destination, style, clock=SYSTEM)
    posted = channel.send(Verb.POST, ALERT)
    assert isinstance(posted, Delivered)
    assert isinstance(channel.send(Verb.EDIT, ALERT, posted.receipt), Delivered)
    channel.close()
    assert [str(each.payload["text"]).startswith("<!here> ") for each in slack.messages] == [True, False]


def test_times_are_those_of_the_zone(bongsu: Shell, slack: ScriptedSlack) -> None:
    (bongsu.folder / "bongsu.toml").write_text('to = "env:HOOK"\ntimezone = "Asia/Kathmandu"\n')
    assert bongsu.python("-c", PROGRAM, HOOK=slack.webhook_url("all"), TZ="America/Lima").returncode == 0
    shown = re.findall(
        r"<!date\^([0-9]+)\^[^|]*\|[0-9-]* ?([0-9]{2}):([0-9]{2}):([0-9]{2})>", str(slack.posts[0].payload)
    )
    assert shown
    for at, hours, minutes, seconds in shown:
        ahead_s = 5 * 3_600 + 45 * 60
        assert (int(at) + ahead_s) % 86_400 == int(hours) * 3_600 + int(minutes) * 60 + int(seconds)


def test_the_storm_budget_is_that_of_the_file(bongsu: Shell, slack: ScriptedSlack) -> None:
    program = PROGRAM.replace('"low on apples", level="warning"', '"no beds", level="error"')
    for app, table in (("strict", "[alerting]\nstorm_budget = 1\n"), ("usual", "")):
        (bongsu.folder / "bongsu.toml").write_text(f'app = "{app}"\nto = "env:HOOK"\n{table}')
        assert bongsu.python("-c", program, HOOK=slack.webhook_url(app)).returncode == 0
    told = [
        (post.channel, each) for post in slack.posts for each in ("no room", "no beds") if each in str(post.payload)
    ]
    assert told == [("strict", "no room"), ("usual", "no room"), ("usual", "no beds")]
