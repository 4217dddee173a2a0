"""Problems of bongsu.toml name the line: the finder agrees with the TOML parser on what stands where."""

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bongsu.config import lines, load
from bongsu.config.file import FILE_BYTES_MAX
from bongsu.errors import ConfigError

TEXT = '''\
app = "checkin"  # [not] a = table
"quoted key" = """
[no.table]
no = "key"
"""
list = [
  "a", # ]
  [1, 2],
]

[channels]
alarm = { to = "env:A", mention = "@here" }
devops.to = "env:B"
"pay.ments" = { to = 'c:\\' }

[channels.own]
push = true

[[route]]
when = { level = ["error",
  "fatal"] }
to = "alarm"
[[route]]
to = "devops"
[route.when]
tag.team = "login"
[run.web]
command = \'\'\'
[[route]]\'\'\'
'''

PLACES = {
    "app": 1,
    "quoted key": 2,
    "list": 6,
    "channels": 11,
    "channels.alarm": 12,
    "channels.devops": 13,
    "channels.devops.to": 13,
    "channels.pay.ments": 14,
    "channels.own": 16,
    "channels.own.push": 17,
    "route.1": 19,
    "route.1.when": 20,
    "route.1.to": 22,
    "route.2": 23,
    "route.2.to": 24,
    "route.2.when": 25,
    "route.2.when.tag": 26,
    "route.2.when.tag.team": 26,
    "run.web": 27,
    "run.web.command": 28,
}


def test_each_table_and_key_has_its_line() -> None:
    tomllib.loads(TEXT)
    assert lines.index(TEXT) == PLACES


PROBLEMS = [
    ("app: must be a text", 1),
    ("unknown key 'list'; did you mean to?", 6),
    ("unknown key 'other'; known are", None),
    ("level: 'loud' is not known", None),
    ("The destination of channel 'alarm' has no scheme: put https:// in front of it.", 12),
    ("The destination of channel 'app' is empty", None),
    ("channels.alarm.mention: '@her' calls nobody", 12),
    ("channels.pay.ments: needs an address", 14),
    ("channels.own.push: 3 is neither yes nor no", 17),
    ("channels.own: unknown key 'push'; did you mean", 17),
    ("route: more than 1,000 rules", 19),
    ("route 1: to must name a channel", 22),
    ("route 1: level: 'eror' is not known", 20),
    ("route 2: unknown key 'to'; did you mean", 24),
    ("route 2: tag.team: write a text", 26),
    ("route 2: http_status: 'bad' is no status", 25),
    ("route 3: to must name a channel", None),
    (": : : :", None),
    ("", None),
]


@pytest.mark.parametrize(("problem", "line"), PROBLEMS, ids=[problem[:40] for problem, _ in PROBLEMS])
def test_a_problem_leads_to_its_line(problem: str, line: int | None) -> None:
    assert lines.line_of(problem, PLACES) == line


STATEMENTS = st.sampled_from(
    [
        "a = 1",
        "b = '[x]'",
        'c = "\\"[y]\\" = 1"',
        'd = """\n[z]\n"q" \\"""\n"""',
        "e = '''\n[w]\n'''",
        "f = [\n 1, # ]\n [2],\n]",
        "g = { h = [1], i.j = '}' }",
        "k.l.m = 1",
        "# [comment]",
        "",
        "[t]",
        "[t.u]",
        "[ v . w ]",
        "[[n]]",
        "[[n.o]]",
        "[n.p]",
        '["q r"]',
    ]
)


@given(st.lists(STATEMENTS, max_size=12), st.sampled_from(["\n", "\r\n"]))
def test_what_has_a_line_is_what_the_parser_finds(statements: list[str], end: str) -> None:
    text = end.join(statements)
    try:
        parsed = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    found = lines.index(text)
    assert {path.split(".")[0] for path in found} == set(parsed)
    for path, line in found.items():
        _must_be_in(parsed, path)
        assert 1 <= line <= text.count("\n") + 1


def _must_be_in(value: Any, path: str) -> None:
    for part in path.split("."):
        value = value[int(part) - 1] if isinstance(value, list) else value[part]


@given(st.text(alphabet="[]{}='\"\\#\n.a ", max_size=60))
def test_garbage_never_breaks_the_finder(text: str) -> None:
    lines.index(text)


# -- in the whole


def problems(text: str | bytes, folder: Path, **arguments: Any) -> list[str]:
    file = folder / "x.toml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(ConfigError) as caught:
        load({"config": file, **arguments}, {})
    return [problem.replace(f"{file}", "x.toml") for problem in caught.value.problems]


def test_all_problems_of_the_file_come_in_the_order_of_its_lines(tmp_path: Path) -> None:
    text = (
        'too = 1\nlanguage = "fr"\n[channels]\nalarm = 3\n[alerting]\nstorm_budget = 0\n'
        '[[route]]\nto = "alarm"\n[[route]]\nto = []'
    )
    assert [problem[:24] for problem in problems(text, tmp_path)] == [
        "x.toml:1: unknown key 't",
        "x.toml:2: language: 'fr'",
        "x.toml:4: channels.alarm",
        "x.toml:6: alerting.storm",
        "x.toml:9: route 2: is ne",
        "x.toml:10: route 2: to m",
    ]


def test_a_value_that_something_else_gives_has_no_line(tmp_path: Path) -> None:
    assert problems('language = "ko"\nto = "console:"', tmp_path, language="fr", to="x")[0].startswith("The dest")
    assert problems('language = "ko"', tmp_path, language="fr")[0].startswith("language: 'fr'")


NO_TOML = [
    ("app = ", "x.toml:1: is not TOML"),
    ("app = 'a'\n\nlevel == 3", "x.toml:3: is not TOML"),
    (b"app = 'a'\nrelease = '\xff'", "x.toml:2: is not TOML: not UTF-8"),
    ("a = " + "[" * 100_000, "x.toml: is not TOML: nested too deeply"),
    ("a = " + "9" * 5_000, "x.toml: is not TOML"),
    ("#" * (FILE_BYTES_MAX + 1), "x.toml: is larger than 1 MiB"),
    ('token = "xoxb-1-2-s3cr3t" "', "x.toml:1: is not TOML"),
]


@pytest.mark.parametrize(("text", "told"), NO_TOML, ids=[told for _, told in NO_TOML])
def test_what_is_no_toml_is_told_with_its_line(text: str | bytes, told: str, tmp_path: Path) -> None:
    [problem] = problems(text, tmp_path)
    assert problem.startswith(told)
    assert "s3cr3t" not in problem
    assert len(problem) < 300
