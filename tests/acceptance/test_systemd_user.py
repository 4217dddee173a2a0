"""A real `systemd --user` that calls us: crashes, kills, stops, and the end of its patience."""

import re
import sys
from collections.abc import Iterator

import pytest
from seen import everything, fields, text
from shell import Shell, wait_until
from user_systemd import UserSystemd, why_not

from bongsu.clock import SYSTEM
from bongsu.testing import Received, ScriptedSlack

WHY_NOT = why_not()
pytestmark = pytest.mark.skipif(bool(WHY_NOT), reason=WHY_NOT)

WAIT_S = 20.0
ALWAYS = "Restart=on-failure\nRestartSec=0.2\n"
SERVICES = {
    "crash": f"ExecStart={sys.executable} -c 'raise SystemExit(3)'\n{ALWAYS}",
    "served": f"ExecStart=/bin/sleep 600\n{ALWAYS}",
    "grumpy": "ExecStart=/bin/sh -c 'trap \"exit 1\" TERM; while :; do sleep 0.1; done'\n",
    "stubborn": "ExecStart=/bin/sh -c 'trap \"\" TERM; while :; do sleep 1; done'\nTimeoutStopSec=1\n",
}


@pytest.fixture(scope="module")
def slack() -> Iterator[ScriptedSlack]:
    with ScriptedSlack() as running:
        yield running


@pytest.fixture(scope="module")
def systemd(slack: ScriptedSlack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[UserSystemd]:
    manager = UserSystemd()
    bongsu = Shell(tmp_path_factory.mktemp("units"))
    for name, service in SERVICES.items():
        (manager.units / f"{name}.service").write_text(f"[Unit]\nStartLimitBurst=3\n[Service]\n{service}")
        _install(manager, bongsu("systemd-unit", name, "--user").stdout)
    (manager.home / ".config" / "bongsu.env").write_text(
        f"BONGSU_TO_ALARM={slack.webhook_url('alarm')}\n"
        f"BONGSU_TO_DEVOPS={slack.webhook_url('devops')}\n"
        f"BONGSU_STATE_DIR={manager.home}/state\n"
    )
    with manager:
        yield manager


def _install(manager: UserSystemd, printed: str) -> None:
    """Put each file where the command says."""
    for path, content in re.findall(r"^# (~/\S+)\n(.*?)(?=^# )", printed, re.MULTILINE | re.DOTALL):
        file = manager.home / path.removeprefix("~/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)


def told(slack: ScriptedSlack, channel: str, *words: str) -> Received:
    def is_it(each: Received) -> bool:
        return each.channel == channel and all(word in text(each) for word in words)

    return slack.wait_for(is_it, WAIT_S)[0]


def test_a_kill_is_told_with_its_signal_and_a_stop_is_a_record(systemd: UserSystemd, slack: ScriptedSlack) -> None:
    assert systemd.ctl("start", "served") == 0
    told(slack, "devops", "served: started")
    systemd.ctl("kill", "-s", "KILL", "served")
    card = told(slack, "alarm", "served: killed by SIGKILL")
    assert "/bin/sleep 600" in everything(card)
    wait_until(lambda: systemd.ctl("is-active", "served") == 0)  # again
    systemd.ctl("restart", "served")
    told(slack, "devops", "served: stopped by an operator")
    assert len([each for each in slack.posts if each.channel == "alarm" and "served" in text(each)]) == 1


def test_a_unit_that_crashes_until_systemd_gives_up_is_one_problem(systemd: UserSystemd, slack: ScriptedSlack) -> None:
    systemd.ctl("start", "crash")
    card = told(slack, "alarm", "crash: exit 3")
    assert fields(card)["APP"] == "crash"
    told(slack, "alarm", "crash: restarted no more")
    assert len([each for each in slack.posts if each.channel == "alarm" and "crash:" in text(each)]) <= 3


def test_a_unit_that_ends_with_an_error_when_it_is_stopped_is_not_given_up(
    systemd: UserSystemd, slack: ScriptedSlack
) -> None:
    assert systemd.ctl("start", "grumpy") == 0
    systemd.ctl("stop", "grumpy")
    told(slack, "devops", "grumpy: stopped by an operator")
    wait_until(lambda: systemd.ctl("is-active", "bongsu-alert@grumpy.service") != 0)
    assert systemd.ctl("start", "grumpy") == 0
    systemd.ctl("kill", "-s", "KILL", "grumpy")
    told(slack, "alarm", "grumpy: killed by SIGKILL")
    assert len([each for each in slack.posts if each.channel == "alarm" and "grumpy" in text(each)]) == 1


def test_a_unit_that_does_not_stop_in_time_is_told(systemd: UserSystemd, slack: ScriptedSlack) -> None:
    assert systemd.ctl("start", "stubborn") == 0
    systemd.ctl("stop", "stubborn")
    told(slack, "alarm", "stubborn")


def test_systemd_waits_for_us_three_seconds_at_most_when_slack_does_not_answer(
    systemd: UserSystemd, slack: ScriptedSlack
) -> None:
    slack.script(delay_s=60.0, times=None)
    try:
        began = SYSTEM.monotonic()
        systemd.ctl("restart", "served")  # a stop and a start: two calls
        assert SYSTEM.monotonic() - began < 2 * 3.0 + 6.0  # and the starts of Python, on a busy machine
    finally:
        slack.recover()
