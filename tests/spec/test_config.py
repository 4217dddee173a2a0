"""The configuration: arguments win over the environment, the environment over the file, and every problem is told."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from bongsu.config import CHANNELS, KEYS, Settings, default_app, load
from bongsu.delivery.destination import Scheme
from bongsu.errors import ConfigError
from bongsu.event import Level
from bongsu.outcomes.http import Limits

HOOK = "https://hooks.slack.com/services/T0/B0/s3cr3t"
OTHER = "https://hooks.slack.com/services/T1/B1/s3cr3t"
TOKEN = "xoxb-1-2-s3cr3t"


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def loaded(environ: Mapping[str, str] | None = None, /, **arguments: Any) -> Settings:
    return load(arguments, environ or {})


def problems(environ: Mapping[str, str] | None = None, /, **arguments: Any) -> tuple[str, ...]:
    with pytest.raises(ConfigError) as caught:
        load(arguments, environ or {})
    return caught.value.problems


BAD_ARGUMENTS = [
    # argument, value, what is wrong, what to write instead
    ("to", "alerts", "no scheme", "https://"),
    ("to", "  ", "empty", "slack://#channel"),
    ("to", 5, "not int", "URL as text"),
    ("to", ["a"], "not list", "URL as text"),
    ("to", TOKEN, "is a token", "slack://#channel"),
    ("to", "#000-alarm", "bare channel", "write slack://#channel"),
    ("to", "slack://#000-alarm", "token", "BONGSU_SLACK_TOKEN"),
    ("to", {"alarm": None}, "not NoneType", "URL as text"),
    ("to", {"alarm": HOOK, "devops": "ftp://x"}, "'devops'", "https://"),
    ("to", {"a b": HOOK}, "no channel name", "letters, digits"),
    ("to", {7: HOOK}, "no channel name", "letters, digits"),
    ("to", {"": HOOK}, "no channel name", "letters, digits"),
    ("to", {"x" * 81: HOOK}, "no channel name", "letters, digits"),
    ("app", 5, "not 5", "1 to 80 printable"),
    ("app", "x" * 81, "'xxx", "1 to 80 printable"),
    ("app", "two\nlines", "two", "printable"),
    ("environment", "", "''", "1 to 80 printable"),
    ("environment", "\x1b[31m", "x1b", "printable"),
    ("release", "", "''", "1 to 80 printable"),
    ("release", 7, "not 7", "1 to 80 printable"),
    ("language", "fr", "'fr' is not known", "en, ko"),
    ("language", 1, "1 is not known", "en, ko"),
    ("level", "loud", "'loud' is not known", "debug, info, warning, error, fatal"),
    ("level", 40, "40 is not known", "debug, info, warning, error, fatal"),
    ("locals", "perhaps", "neither yes nor no", "true or false"),
    ("locals", 2, "neither yes nor no", "true or false"),
    ("strict", "strict", "neither yes nor no", "true or false"),
    ("http_5xx", "some", "neither yes nor no", "true or false"),
    ("http_burst_window", "five minutes", "no duration", "'10m'"),
    ("http_burst_window", 300, "300 is no duration", "'10m'"),
    ("http_burst_window", "2h", "'2h'", "from 10s to 1h"),
    ("http_burst_min", -1, "not -1", "from 0 to"),
    ("http_burst_min", 20.5, "not 20.5", "from 0 to"),
    ("http_burst_min", "many", "not 'many'", "from 0 to"),
    ("http_burst_min", True, "not True", "from 0 to"),
    ("http_burst_share", 20, "not 20", "from 0 to 1"),
    ("http_burst_share", "nan", "not 'nan'", "from 0 to 1"),
    ("http_burst_share_4xx", [0.5], "not list", "from 0 to 1"),
    ("state_dir", 5, "not 5", "path of a directory"),
    ("state_dir", "a\0b", "state_dir", "path of a directory"),
    ("config", "nowhere.toml", "cannot be read", "config= or BONGSU_CONFIG"),
    ("config", ".", "cannot be read", "config= or BONGSU_CONFIG"),
    ("config", 5, "not 5", "path of a file"),
]


MISPLACED = [  # a secret where none belongs
    ("to", {HOOK: "alarm"}),
    ("to", {"https://chat.example/hooks/s3cr3t": "alarm"}),
    ("to", {"https://s3cr3t@sentry.example/1": "alarm"}),
    ("to", "hooks.slack.com/services/T0/B0/s3cr3t"),
    ("to", f"slack://{TOKEN}"),
    ("to", TOKEN),
    ("to", "https://s3cr3t@sentry.example/"),
    ("to", "https://sentry.example:s3cr3t/1"),
    ("token", f"{TOKEN}\n"),
    ("token", b"s3cr3t"),
    ("slack_api", TOKEN),
    ("level", TOKEN),
    ("level", HOOK),
    ("language", HOOK),
    ("locals", TOKEN),
    ("http_5xx", TOKEN),
    ("http_burst_window", TOKEN),
    ("http_burst_min", HOOK),
    ("app", f"{TOKEN}\n"),
    ("environment", f"{HOOK}\n"),
    ("config", TOKEN),
    ("config", HOOK),
]


@pytest.mark.parametrize(("name", "value"), MISPLACED, ids=lambda value: repr(value)[:30])
def test_a_secret_in_the_wrong_place_is_shown_to_nobody(name: str, value: object) -> None:
    with pytest.raises(ConfigError) as caught:
        load({"to": "slack://#000-alarm", "token": TOKEN, name: value}, {})
    assert "s3cr3t" not in str(caught.value)
    assert "s3cr3t" not in repr(caught.value)


def test_a_secret_in_a_file_is_shown_to_nobody(tmp_path: Path) -> None:
    for text in (f"token = {TOKEN}", f"'{HOOK}' = 'alarm'", f"[to]\n'{HOOK}' = 'alarm'", f"to = {HOOK}"):
        (tmp_path / "bongsu.toml").write_text(text)
        assert "s3cr3t" not in "".join(problems())


@pytest.mark.parametrize(("name", "value", "wrong", "remedy"), BAD_ARGUMENTS, ids=lambda value: repr(value)[:30])
def test_a_wrong_argument_is_told_with_its_remedy(name: str, value: object, wrong: str, remedy: str) -> None:
    [problem] = problems(**({"to": HOOK} | {name: value}))
    assert wrong in problem
    assert remedy in problem
    assert "s3cr3t" not in problem


BAD_ENVIRONMENTS = [
    ("BONGSU_TOO", HOOK, "BONGSU_TOO: unknown setting", "BONGSU_TO"),
    ("BONGSU_STATEDIR", "x", "unknown setting", "BONGSU_STATE_DIR"),
    ("BONGSU_TOKEN", TOKEN, "unknown setting", "BONGSU_"),
    ("BONGSU_XYZ", "x", "unknown setting", "BONGSU_"),
    ("BONGSU_TO_ALARMS", HOOK, "no such channel", "BONGSU_TO_ALARM"),
    ("BONGSU_TO_ALARM", "alerts", "'alarm'", "https://"),
    ("BONGSU_LEVEL", "loud", "'loud' is not known", "warning"),
    ("BONGSU_LOCALS", "perhaps", "neither yes nor no", "true or false"),
    ("BONGSU_LANGUAGE", "korean", "is not known", "en, ko"),
    ("BONGSU_CONFIG", "nowhere.toml", "cannot be read", "BONGSU_CONFIG"),
]


@pytest.mark.parametrize(
    ("name", "value", "wrong", "remedy"), BAD_ENVIRONMENTS, ids=[row[0] for row in BAD_ENVIRONMENTS]
)
def test_a_wrong_variable_is_told_with_its_remedy(name: str, value: str, wrong: str, remedy: str) -> None:
    [problem] = problems({name: value})
    assert wrong in problem
    assert remedy in problem
    assert "s3cr3t" not in problem


BAD_FILES = [
    ("to = ", "is not TOML"),
    ("\xff", "is not TOML"),
    ("tо = 'console:'", "is not TOML"),  # a Cyrillic letter
    ("too = 'console:'", "unknown key 'too'; did you mean to?"),
    ("config = 'other.toml'", "unknown key 'config'"),
    ("[bongsu]\nto = 'console:'", "unknown key 'bongsu'"),
    ("to = 5", "needs a URL as text, not int"),
    ("[to]\nalarm = 5", "needs a URL as text, not int"),
    ("[to]\nalarm = { url = 'console:' }", "not dict; write a table below [channels]: alarm = { to = … }"),
    ("locals = 3", "neither yes nor no"),
    ("level = 'loud'", "'loud' is not known"),
]


@pytest.mark.parametrize(("text", "wrong"), BAD_FILES, ids=[row[1] for row in BAD_FILES])
def test_a_wrong_file_is_told(tmp_path: Path, text: str, wrong: str) -> None:
    (tmp_path / "bongsu.toml").write_bytes(text.encode("latin-1" if text == "\xff" else "utf-8"))
    [problem] = problems()
    assert wrong in problem


def test_all_problems_of_all_sources_are_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "bongsu.toml").write_text("leve = 'error'\nlanguage = 'fr'")
    found = problems({"BONGSU_LOCALS": "perhaps", "BONGSU_X": "1"}, to="alerts", app=5, environment="")
    assert [problem.split()[0] for problem in found] == [
        "bongsu.toml:1:",
        "BONGSU_X:",
        "bongsu.toml:2:",
        "The",
        "app:",
        "environment:",
        "locals:",
    ]


def test_the_error_lists_every_problem_on_a_line_of_its_own() -> None:
    with pytest.raises(ConfigError, match=r"(?s)configuration:\n  - The destination.*\n  - app: ") as caught:
        load({"to": "alerts", "app": 5}, {})
    assert str(caught.value).count("\n") == len(caught.value.problems) == 2


SOURCES = [
    # key, in the file, in the environment, as argument
    ("app", "'from-file'", "from-environment", "from-argument"),
    ("environment", "'from-file'", "from-environment", "from-argument"),
    ("release", "'from-file'", "from-environment", "from-argument"),
    ("language", "'ko'", "en", "ko"),
    ("timezone", "'Asia/Seoul'", "Europe/Berlin", "UTC"),
    ("level", "'warning'", "error", "fatal"),
    ("locals", "true", "no", True),
    ("strict", "true", "off", True),
]


@pytest.mark.parametrize(("key", "file", "variable", "argument"), SOURCES, ids=[row[0] for row in SOURCES])
def test_arguments_win_over_the_environment_and_that_over_the_file(
    tmp_path: Path, key: str, file: str, variable: str, argument: object
) -> None:
    (tmp_path / "bongsu.toml").write_text(f"{key} = {file}")
    environ = {f"BONGSU_{key.upper()}": variable}
    shown = [getattr(each, key) for each in (loaded(), loaded(environ), loaded(environ, **{key: argument}))]
    switches = {"no": False, "off": False}
    assert shown == [_read(file), switches.get(variable, variable), argument]


def _read(toml: str) -> object:
    return True if toml == "true" else toml.strip("'")


@pytest.mark.parametrize("given", ["argument", "environment"])
def test_another_file_can_be_named_and_then_the_one_in_the_folder_is_not_read(tmp_path: Path, given: str) -> None:
    (tmp_path / "bongsu.toml").write_text("app = 'here'")
    (tmp_path / "other.toml").write_text("release = '7'")
    settings = loaded(config="other.toml") if given == "argument" else loaded({"BONGSU_CONFIG": "other.toml"})
    assert (settings.app == "here", settings.release) == (False, "7")


@pytest.mark.parametrize("source", ["argument", "environment", "file"])
def test_what_a_burst_is_comes_from_every_source(tmp_path: Path, source: str) -> None:
    given = {"http_burst_window": "1m", "http_burst_min": 3, "http_burst_share": 0.5, "http_burst_share_4xx": 1}
    if source == "file":
        lines = (f"{key} = {value!r}" for key, value in given.items())
        (tmp_path / "bongsu.toml").write_text("\n".join(lines))
    environ = {f"BONGSU_{key.upper()}": str(value) for key, value in given.items()} if source == "environment" else {}
    arguments = given if source == "argument" else {}
    assert loaded(environ, **arguments).bursts == Limits(window_s=60.0, least=3, share=0.5, share_4xx=1.0)
    assert loaded().bursts == (Limits() if source != "file" else loaded(environ).bursts)


def test_one_url_serves_every_channel() -> None:
    assert {channel: to.url for channel, to in loaded(to=HOOK).destinations.items()} == dict.fromkeys(CHANNELS, HOOK)


def test_each_channel_can_have_its_url_in_every_source(tmp_path: Path) -> None:
    (tmp_path / "bongsu.toml").write_text(f"[to]\nalarm = '{HOOK}'\nbilling = '{OTHER}'")
    assert {name: to.url for name, to in loaded().destinations.items()} == {"alarm": HOOK, "billing": OTHER}
    mapping = loaded(to={"alarm": OTHER}).destinations
    assert {name: to.url for name, to in mapping.items()} == {"alarm": OTHER}


def test_a_variable_for_one_channel_wins_over_the_one_for_all() -> None:
    found = loaded({"BONGSU_TO": HOOK, "BONGSU_TO_DEV_TEST": OTHER}).destinations
    assert {name: to.url for name, to in found.items()} == {"alarm": HOOK, "devops": HOOK, "dev-test": OTHER}
    alone = loaded({"BONGSU_TO_ALARM": HOOK}).destinations
    assert {name: to.url for name, to in alone.items()} == {"alarm": HOOK}


def test_a_bot_token_comes_from_the_environment_and_shows_in_no_text() -> None:
    settings = loaded({"BONGSU_SLACK_TOKEN": TOKEN, "BONGSU_SLACK_API": "http://127.0.0.1:1/api/"}, to="slack://#ops")
    alarm = settings.destinations["alarm"]
    assert (alarm.secret, alarm.url, alarm.target) == (TOKEN, "http://127.0.0.1:1/api/", "#ops")
    assert "s3cr3t" not in repr(settings)


def test_without_any_destination_the_console_hears_it() -> None:
    settings = loaded()
    assert settings.is_default_destination
    assert {to.scheme for to in settings.destinations.values()} == {Scheme.CONSOLE}


def test_an_empty_variable_is_as_good_as_none() -> None:
    settings = loaded({f"BONGSU_{key.upper()}": "" for key in KEYS if key != "token"} | {"BONGSU_SLACK_TOKEN": ""})
    assert (settings.is_default_destination, settings.level, settings.environment) == (True, Level.ERROR, "production")


def test_variables_of_our_own_tests_are_nobodys_mistake() -> None:
    assert loaded({"BONGSU_TEST_BUGSINK": "/opt/bugsink"}).is_default_destination


APPS = [
    ("/srv/checkin/serve.py", "/srv/checkin", "serve"),
    ("/srv/checkin/manage.py", "/srv/checkin", "checkin"),
    ("/usr/bin/gunicorn", "/srv/checkin", "checkin"),
    ("-c", "/srv/checkin", "checkin"),
    ("", "/srv/checkin", "checkin"),
    ("", "/", "app"),
    ("/srv/checkin/main.py", "/", "app"),
]


@pytest.mark.parametrize(("script", "folder", "app"), APPS)
def test_a_program_without_a_name_is_called_by_its_script_or_its_folder(script: str, folder: str, app: str) -> None:
    assert default_app(script, folder) == app


def test_apps_with_different_names_have_different_folders_for_their_state(tmp_path: Path) -> None:
    names = ("checkin", "check in", "check/in", "check_in", "..", "체크인", ".hidden", "CON" * 20)
    folders = [loaded(app=name, state_dir=tmp_path).state_dir for name in names]
    assert len(set(folders)) == len(names)
    assert {os.path.dirname(folder) for folder in folders} == {str(tmp_path)}


def test_the_state_lies_where_xdg_says_or_under_the_home_directory() -> None:
    assert loaded({"XDG_STATE_HOME": "/var/state"}, app="a").state_dir == "/var/state/bongsu/a"
    assert loaded({}, app="a").state_dir == os.path.expanduser("~/.local/state/bongsu/a")
    assert loaded({}, app="a", state_dir="~/x").state_dir == os.path.expanduser("~/x/a")


def test_a_working_directory_that_was_removed_is_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert loaded(to=HOOK, state_dir=tmp_path).app
