"""`bongsu watch supervisor` inside a real supervisord: what Slack shows."""

import re
import signal
import sys
from pathlib import Path

from seen import everything, text
from shell import Shell, wait_until
from supervisord import Supervisord

from bongsu.testing import Received, ScriptedSlack

WAIT_S = 20.0
PAY = """\
import time
def charge(card):
    raise ValueError("no card")
time.sleep(0.3)
charge(None)
"""


def _says(*words: str) -> "re.Pattern[str]":
    return re.compile(".*".join(map(re.escape, words)), re.DOTALL)


def test_a_program_of_supervisord_that_dies_is_told_with_its_cause(bongsu: Shell, tmp_path: Path) -> None:
    listener = bongsu("watch", "supervisor", "--print-config").stdout
    assert listener.startswith("[eventlistener:bongsu]\ncommand=")
    programs: dict[str, dict[str, object]] = {
        "pay": {"command": f"{sys.executable} {tmp_path}/pay.py", "autorestart": "false", "startsecs": 0},
        "served": {"command": "/bin/sleep 600", "startsecs": 0},
        "stopped": {"command": "/bin/sleep 600", "startsecs": 0},
        "hasty": {"command": "/bin/sh -c 'exit 4'", "startsecs": 1, "startretries": 1},
    }
    (tmp_path / "pay.py").write_text(PAY)
    with ScriptedSlack() as slack:
        environ = {
            **bongsu.environ,
            "BONGSU_TO_ALARM": slack.webhook_url("alarm"),
            "BONGSU_TO_DEVOPS": slack.webhook_url("devops"),
        }
        listener += f"stderr_logfile={tmp_path}/listener.err\n"
        with Supervisord(listener, programs, environ) as supervisord:
            wait_until(lambda: "RUNNING" in supervisord.ctl("status", "bongsu"))

            def told(channel: str, *words: str) -> Received:
                pattern = _says(*words)
                found = slack.wait_for(
                    lambda each: each.channel == channel and pattern.search(everything(each)) is not None, WAIT_S
                )
                return found[0]

            assert "pay.py:3" in everything(told("alarm", "ValueError: no card"))
            told("alarm", "hasty", "exit 4")
            told("devops", "served", "started")
            supervisord.signal("served", signal.SIGKILL)
            told("alarm", "served", "SIGKILL")
            supervisord.ctl("stop", "stopped")
            told("devops", "stopped", "stopped")
            supervisord.kill()
            told("alarm", "supervisord is gone")
        alarms = [text(each) for each in slack.posts if each.channel == "alarm"]
    assert not any("] stopped" in each for each in alarms)
    assert len(alarms) <= 5  # pay, hasty and its last word, served, supervisord
    assert (tmp_path / "listener.err").read_text() == ""


def test_slack_away_and_the_listener_killed_cost_no_message(bongsu: Shell, tmp_path: Path) -> None:
    programs = {name: {"command": "/bin/sleep 600", "startsecs": 0} for name in ("first", "second", "third")}
    listener = bongsu("watch", "supervisor", "--print-config").stdout + f"stderr_logfile={tmp_path}/listener.err\n"
    with ScriptedSlack() as slack:
        slack.script(status=503, headers={"Retry-After": "1"}, times=None)
        environ = {**bongsu.environ, "BONGSU_TO": slack.webhook_url("alarm")}
        with Supervisord(listener, programs, environ) as supervisord:
            wait_until(lambda: supervisord.ctl("status").count("RUNNING") == 4)
            supervisord.signal("first", signal.SIGKILL)
            wait_until(lambda: any("first" in text(each) for each in slack.messages))
            supervisord.signal("bongsu", signal.SIGKILL)
            supervisord.signal("second", signal.SIGKILL)
            wait_until(lambda: "RUNNING" in supervisord.ctl("status", "bongsu"))
            supervisord.signal("third", signal.SIGSEGV)
            wait_until(lambda: "exited: third" in supervisord.log())
            slack.recover()
            for name, number in (("first", "SIGKILL"), ("second", "SIGKILL"), ("third", "SIGSEGV")):
                pattern = _says(name, number)
                slack.wait_for(lambda each, pattern=pattern: pattern.search(everything(each)) is not None, WAIT_S)


def test_started_by_hand_it_says_what_it_is_for(bongsu: Shell) -> None:
    done = bongsu("watch", "supervisor", "--app", "shop")
    assert (done.returncode, done.stdout) == (2, "")
    assert "is run by supervisord" in done.stderr
    assert "watch supervisor --app shop\n" in done.stderr
