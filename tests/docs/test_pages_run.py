"""README and docs are programs: each page runs from top to bottom, and what it says of errors is so."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from pages import PAGES, ROOT, Block, blocks, name

from bongsu.testing import ScriptedSlack

WEBHOOK = "https://hooks.slack.com/services/T…/B…/…"
PROGRAMS = [page for page in PAGES if blocks(page)]


def _run(code: str, folder: Path, to: str) -> subprocess.CompletedProcess[str]:
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("BONGSU_")}
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", code.replace(WEBHOOK, to)],
        cwd=folder,
        env={**inherited, "BONGSU_STATE_DIR": str(folder / "state"), "BONGSU_TO": to},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def _at_its_line(block: Block) -> str:
    """The code at the line it has on the page, so that a traceback names it."""
    return "\n" * (block.line - 1) + block.code


@pytest.mark.parametrize("page", PROGRAMS, ids=name)
def test_a_page_is_a_program_that_runs(page: Path, tmp_path: Path) -> None:
    code = "\n".join(block.code for block in blocks(page) if not block.not_run and not block.fails)
    with ScriptedSlack() as slack:
        done = _run(code, tmp_path, slack.webhook_url("alarm"))
        assert done.returncode == 0, done.stderr
        assert [message for message in slack.messages if not message.accepted] == []


def test_what_the_readme_raises_says_and_notes_reaches_slack(tmp_path: Path) -> None:
    code = "\n".join(block.code for block in blocks(ROOT / "README.md"))
    with ScriptedSlack() as slack:
        assert _run(code, tmp_path, slack.webhook_url("alarm")).returncode == 0
        told = [str(post.payload["text"]) for post in slack.wait_for(3)]
    for words in ("KeyError", "The stock of apples is low", "Deployed checkin 2021.09.07"):
        assert any(words in text for text in told), told


@pytest.mark.parametrize("page", [page for page in PROGRAMS if any(block.fails for block in blocks(page))], ids=name)
def test_a_block_that_is_meant_to_fail_fails_as_it_says(page: Path, tmp_path: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for block in blocks(page):
        if block.fails:
            done = _run(_at_its_line(block), tmp_path, "console:")
            last_words = done.stderr[done.stderr.rindex(f"{block.fails}:") :].splitlines()
            assert all(line.strip() in text for line in last_words), done.stderr
