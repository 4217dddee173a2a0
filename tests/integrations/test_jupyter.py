"""Notebooks and prompts: silent unless `enable()` was called, and then told once."""

import sys
from collections.abc import Iterator

import pytest
from children import Launch
from IPython.core.interactiveshell import InteractiveShell

from bongsu.integrations.jupyter import enable
from bongsu.testing import ScriptedSlack, capture_events


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch) -> Iterator[InteractiveShell]:
    monkeypatch.setattr(sys, "ps1", "In : ", raising=False)
    yield InteractiveShell.instance()
    InteractiveShell.clear_instance()


CELLS = {
    "1 / 0": ["ZeroDivisionError: division by zero"],
    "raise SystemExit": [],
    "raise KeyboardInterrupt": [],
    "1 +": [],
    "1 + 1": [],
}


@pytest.mark.parametrize("cell", CELLS)
def test_a_cell_s_error_is_told_when_it_is_enabled(shell: InteractiveShell, cell: str) -> None:
    with capture_events() as captured:
        shell.run_cell(cell)
        disable = enable()
        shell.run_cell(cell)
        disable()
        shell.run_cell(cell)
        disable()
        assert [event.title for event in captured.events] == CELLS[cell]


def test_the_prompt_of_python(slack: ScriptedSlack, launch: Launch) -> None:
    with launch.command(sys.executable, "-i", "-q") as prompt:
        prompt.say("import bongsu; bongsu.init(integrations=False)")
        prompt.say("silent = {}['tea']")
        prompt.say("from bongsu.integrations.jupyter import enable; off = enable()")
        prompt.say("told = {}['milk']")
        ended = prompt.end()
    assert ended.err.count("KeyError") == 2
    [told] = slack.messages
    assert "milk" in str(told.payload)
