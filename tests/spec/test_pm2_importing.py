"""The settings of pm2-slack as a bongsu.toml that loads."""

import json
import tomllib
from pathlib import Path

import pytest

from bongsu import config
from bongsu.watchers.pm2.importing import options, toml
from bongsu.watchers.pm2.settings import DEFAULTS, Switch, read

URL = "https://hooks.slack.com/services/T00000000/B00000000/every"
OWN_URL = "https://hooks.slack.com/services/T00000000/B00000001/web"
CONFIGURED = {
    "slack_url": URL,
    "slack_url-web": OWN_URL,
    "slack_url-a b": OWN_URL,
    "slack_url-*": OWN_URL,
    "slack_url-alarm": OWN_URL,
    "error": "true",
    "exit": False,
    "log": "true",
    "kill": "false",
    "restart overlimit": True,
    "servername": 'web "1"',
    "buffer": "true",
    "buffer_seconds": "3",
    "buffer_max_seconds": 20,
    "queue_max": "100",
    "username": "PM2",
    "mystery": "xoxb-secret",
}
PRINTED = f"""\x1b[1mModule: \x1b[22m\x1b[1m\x1b[34mpm2-slack\x1b[39m\x1b[22m
$ pm2 set pm2-slack:slack_url {URL}
$ pm2 set pm2-slack:slack_url-my app {OWN_URL}
$ pm2 set pm2-slack:restart overlimit false
$ pm2 set pm2-slack:servername the first one
\x1b[1mModule: \x1b[22mpm2-logrotate
$ pm2 set pm2-logrotate:max_size 10M
"""


def loaded(text: str, folder: Path) -> config.Settings:
    path = folder / "bongsu.toml"
    path.write_text(text, encoding="utf-8")
    return config.load({"config": str(path)}, {"HOME": str(folder)})


def test_it_loads_and_says_the_same(tmp_path: Path) -> None:
    settings = loaded(toml(options(json.dumps({"pm2-slack": CONFIGURED}))), tmp_path)
    assert set(settings.destinations) == {"alarm", "devops", "dev-test", "web", "a-b", "-", "alarm-5"}
    problems: list[str] = []
    wanted = read(settings.watch["pm2"], problems)
    assert problems == []
    assert wanted.servername == 'web "1"'
    assert wanted.on == DEFAULTS - {Switch.KILL} | {Switch.LOG}
    for app, channel in (("web", "web"), ("a b", "a-b"), ("*", "-"), ("alarm", "alarm-5"), ("other", None)):
        assert wanted.wishes.channel(app) == channel


def test_one_address_is_one_line(tmp_path: Path) -> None:
    text = toml(options(json.dumps({"pm2-slack": {"slack_url": URL}})))
    assert tomllib.loads(text)["to"] == URL
    assert not loaded(text, tmp_path).is_default_destination


def test_a_default_of_pm2_slack_that_is_better_here_is_a_comment() -> None:
    text = toml({"slack_url": URL, "exit": "false", "error": "true", "online": "false"})
    assert "# exit = false  # the default of pm2-slack; here only an exit that nobody asked for is told" in text
    assert "# error = true  # the default of pm2-slack; stacks on stderr are told without it" in text
    assert "\nonline = false" in text


def test_what_has_no_equal_is_told_with_the_reason_and_without_its_value() -> None:
    text = toml(options(json.dumps({"pm2-slack": CONFIGURED})))
    for line in (
        "# buffer: messages are always gathered",
        "# queue_max: nothing is dropped",
        "# username: a webhook of today",
        "# mystery: not known here.",
    ):
        assert line in text
    assert "xoxb-secret" not in text


def test_what_pm2_conf_prints_is_read() -> None:
    assert options(PRINTED) == {
        "slack_url": URL,
        "slack_url-my app": OWN_URL,
        "restart overlimit": "false",
        "servername": "the first one",
    }


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", "null", '{"pm2-slack": null}', '{"pm2-slack": []}', "no such thing", "[" * 100_000]
)
def test_what_has_nothing_of_pm2_slack_has_no_options(text: str) -> None:
    assert options(text) == {}


@pytest.mark.parametrize("url", ["null", "not-an-address", 'https://x"\n[run]', ""])
def test_an_address_that_is_none_is_left_out_and_told(url: str, tmp_path: Path) -> None:
    found = options(json.dumps({"pm2-slack": {"slack_url": url, "exit": "true"}}))
    text = toml(found)
    assert loaded(text, tmp_path).is_default_destination
    assert "write the address of an incoming webhook" in text


def test_values_cannot_break_out_of_their_line(tmp_path: Path) -> None:
    evil = {"slack_url": URL, "servername": 'x"\n[run]\na = 1', "b\n[run]": "1", 'slack_url-\n"]': OWN_URL}
    assert loaded(toml(options(json.dumps({"pm2-slack": evil}))), tmp_path).run == {}
