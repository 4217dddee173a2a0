"""A shell to call `bongsu` from, and a Slack to send to."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from shell import Shell

from bongsu.testing import ScriptedSlack


@pytest.fixture
def slack() -> Iterator[ScriptedSlack]:
    with ScriptedSlack() as running:
        yield running


@pytest.fixture
def later(slack: ScriptedSlack) -> str:
    """A webhook that takes nothing for ten minutes."""
    slack.script(word="rate_limited", headers={"Retry-After": "600"})
    return slack.webhook_url("devops")


@pytest.fixture
def bongsu(tmp_path: Path) -> Shell:
    return Shell(tmp_path)
