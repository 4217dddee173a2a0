"""Click and Typer: what ends a command is told with its name; its output stays."""

import re
import sys
from pathlib import Path

import click
import pytest
from children import Ended, Launch
from click.testing import CliRunner
from seen import everything, text

from bongsu.capture.context import work_at_hand
from bongsu.testing import ScriptedSlack, capture_events

PROGRAMS = Path(__file__).parent / "programs"

NO_ERRORS = [
    ("click_program", ["shop", "say-no"], 1),
    ("click_program", ["shop", "usage"], 2),
    ("click_program", ["shop", "abort"], 1),
    ("click_program", ["shop", "leave"], 4),
    ("click_program", ["shop", "quit"], 5),
    ("click_program", ["shop", "nothing-like-it"], 2),
    ("click_program", ["--help"], 0),
    ("click_program", ["shop", "say-no", "--inside"], 1),
    ("click_program", ["shop", "abort", "--inside"], 1),
    ("typer_program", ["say-no"], 2),
    ("typer_program", ["leave"], 4),
]
FAILURES = [
    ("click_program", ["shop", "fail"], "LookupError: no such user jiwoo", "checkin shop fail"),
    ("typer_program", ["fail"], "LookupError: no such user jiwoo", "checkin fail"),
]


def run(launch: Launch, program: str, *arguments: str, **environ: str) -> Ended:
    with launch.command(sys.executable, str(PROGRAMS / f"{program}.py"), *arguments, **environ) as child:
        return child.end()


@pytest.mark.parametrize(("program", "arguments", "title", "name"), FAILURES)
def test_what_ends_a_command_is_told_with_its_name(
    slack: ScriptedSlack, launch: Launch, program: str, arguments: list[str], title: str, name: str
) -> None:
    ended = run(launch, program, *arguments)
    assert ended.code == 1
    [told] = slack.wait_for(1, timeout_s=20)
    assert title in text(told)
    assert name in everything(told)
    assert [group.total for group in launch.groups()] == [1]


@pytest.mark.parametrize(("program", "arguments", "code"), NO_ERRORS)
def test_an_end_that_the_framework_handles_is_no_error(
    slack: ScriptedSlack, launch: Launch, program: str, arguments: list[str], code: int
) -> None:
    assert run(launch, program, *arguments).code == code
    assert slack.messages == []


@pytest.mark.parametrize(("program", "arguments", "title", "name"), FAILURES)
def test_the_output_has_no_frame_of_ours(
    launch: Launch, program: str, arguments: list[str], title: str, name: str
) -> None:
    err = run(launch, program, *arguments).err
    assert re.search("LookupError", err)
    assert "bongsu/" not in err


def test_an_error_that_an_outer_command_handled_leaves_its_own_name() -> None:
    @click.group(invoke_without_command=True)
    @click.pass_context
    def outer(context: click.Context) -> None:
        with pytest.raises(LookupError):
            context.invoke(inner)
        seen.append(work_at_hand())
        names.append(seen[0].facts()["handler"])

    @outer.command()
    def inner() -> None:
        raise LookupError("no such user")

    seen: list = []
    names: list[str] = []
    with capture_events():
        result = CliRunner().invoke(outer, [], catch_exceptions=False)
        assert result.exit_code == 0
        assert work_at_hand() is None
    assert names == ["outer"]
