"""What is written for `bongsu run`, and what it means."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bongsu.cli.run import name_of, split
from bongsu.watchers.run import settings
from bongsu.watchers.run.restarting import Restart, Rules
from bongsu.watchers.run.settings import Service


def read(**table: Any) -> tuple[Service | None, list[str]]:
    problems: list[str] = []
    return settings.service("web", {"command": "true", **table}, "run.web", problems), problems


def test_nothing_but_a_command_is_needed() -> None:
    assert read() == (Service(name="web", command=("true",)), [])


def test_every_key_is_understood() -> None:
    found, problems = read(
        restart="always",
        max_restarts=3,
        stop_timeout="1m",
        backoff_max="5s",
        max_memory="500M",
        env_file="env",
        health="http://127.0.0.1:8000/health",
        no_output_for="10m",
    )
    assert problems == []
    assert found == Service(
        name="web",
        command=("true",),
        rules=Rules(restart=Restart.ALWAYS, max_restarts=3, backoff_max_s=5.0),
        stop_timeout_s=60.0,
        max_memory=500 << 20,
        env_file="env",
        health="http://127.0.0.1:8000/health",
        no_output_for_s=600.0,
    )


def test_every_wrong_key_is_told_at_once() -> None:
    found, problems = read(
        restart=1, max_restarts="x", stop_timeout=5, max_memory=7, health=[], no_output_for="0s", x=1
    )
    assert found is None
    assert [problem.partition(":")[0] for problem in problems] == [
        "run.web",
        "run.web.restart",
        "run.web.max_restarts",
        "run.web.stop_timeout",
        "run.web.max_memory",
        "run.web.health",
        "run.web.no_output_for",
    ]


SIZES = {"1M": 1 << 20, "2G": 2 << 30, "1500k": 1500 << 10, "1MiB": 1 << 20, "1mb": 1 << 20, "1048576": 1 << 20}


@pytest.mark.parametrize(("text", "size"), SIZES.items())
def test_sizes(text: str, size: int) -> None:
    found, _ = read(max_memory=text)
    assert found is not None
    assert found.max_memory == size


COMMANDS: list[tuple[Any, tuple[str, ...], bool]] = [
    ("gunicorn shop:app -w 4", ("gunicorn", "shop:app", "-w", "4"), False),
    ("sh -c 'echo a'", ("sh", "-c", "echo a"), False),
    ("gunicorn -b :$PORT", ("/bin/sh", "-c", "gunicorn -b :$PORT"), True),
    ("a && b", ("/bin/sh", "-c", "a && b"), True),
    ("PORT=1 web", ("/bin/sh", "-c", "PORT=1 web"), True),
    ("echo 'open", ("/bin/sh", "-c", "echo 'open"), True),
    (["a", "$b", "c d"], ("a", "$b", "c d"), False),
]


@pytest.mark.parametrize(("command", "words", "is_shell"), COMMANDS, ids=str)
def test_a_line_that_needs_a_shell_gets_one(command: Any, words: tuple[str, ...], is_shell: bool) -> None:
    found, _ = read(command=command)
    assert found is not None
    assert (found.command, found.is_shell) == (words, is_shell)


@pytest.mark.parametrize("command", [None, "", "  ", [], [1], "a\0b", ["a", "\0"], {}, 7, ["x" * 200_000]], ids=repr)
def test_what_is_no_command_is_told(command: Any) -> None:
    found, problems = read(command=command)
    assert found is None
    assert len(problems) == 1


def test_a_procfile_names_its_wrong_lines() -> None:
    problems: list[str] = []
    tables = settings.procfile("web: a b\n\n# x\nno command:\nweb: c\r\nworker:d\n", problems)
    assert tables == {"web": {"command": "a b"}, "worker": {"command": "d"}}
    assert problems == ["line 4: write NAME: COMMAND", "line 5: web stands there twice"]


VALUES = {
    "A=b": "b",
    "A=": "",
    "A = b c ": "b c",
    "A=b # comment": "b",
    "A=b#c": "b#c",
    "export A=b": "b",
    "A='b # c'": "b # c",
    'A="b\\n\\"c\\" \\$d"': 'b\n"c" $d',
    "A='it''s'": None,
    "A='open": None,
}


@pytest.mark.parametrize(("line", "value"), VALUES.items(), ids=str)
def test_variables_of_a_file(line: str, value: str | None) -> None:
    problems: list[str] = []
    found = settings.environment(line, problems)
    assert found == ({} if value is None else {"A": value})
    assert len(problems) == (value is None)


@given(st.text())
def test_no_problem_of_a_file_shows_a_value(text: str) -> None:
    problems: list[str] = []
    settings.environment(text, problems)
    assert all(problem.startswith("line ") and "write NAME=VALUE" in problem for problem in problems)


def test_variables_are_not_in_the_repr() -> None:
    assert "s3cret" not in repr(Service(name="web", command=("x",), environ={"KEY": "s3cret"}))


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda each: st.lists(each) | st.dictionaries(st.text(), each),
    )
)
def test_whatever_stands_in_a_table_is_read_or_told(table: Any) -> None:
    problems: list[str] = []
    found = settings.service("web", table, "run.web", problems)
    assert (found is None) == bool(problems)


NAMES = {
    ("checkin",): "checkin",
    ("/usr/bin/checkin", "--port", "1"): "checkin",
    ("python", "jobs/import.py"): "import",
    ("/usr/bin/python3.11", "-u", "worker.py"): "worker",
    ("python", "-m", "shop.web"): "shop",
    ("node", "search.js"): "search",
    ("env", "A=b", "node", "search.js"): "search",
    ("sh", "-c", "echo"): "folder",
    ("python", "-c", "pass"): "folder",
    ("gunicorn", "shop:app"): "folder",
    ("python", "manage.py", "runserver"): "folder",
}


@pytest.mark.parametrize(("words", "name"), NAMES.items(), ids=" ".join)
def test_a_command_gives_its_name(words: tuple[str, ...], name: str) -> None:
    assert name_of(words, "/some/folder") == name


SPLITS = {
    "--name a -- b -- c": (["--name", "a"], ["b", "--", "c"]),
    "--name=a b --name c": (["--name=a"], ["b", "--name", "c"]),
    "npm run x -- --port 3": ([], ["npm", "run", "x", "--", "--port", "3"]),
    "--help": (["--help"], []),
    "--name": (["--name"], []),
    "--": ([], []),
}


@pytest.mark.parametrize(("line", "parts"), SPLITS.items(), ids=str)
def test_the_command_begins_behind_our_options(line: str, parts: tuple[list[str], list[str]]) -> None:
    assert split(line.split()) == parts
