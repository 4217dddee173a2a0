"""A Slack to send to, programs that tell it, and a shell to call `bongsu` from."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from children import Launch
from score import Score
from shell import Shell

from bongsu.testing import ScriptedSlack


@pytest.fixture
def slack() -> Iterator[ScriptedSlack]:
    with ScriptedSlack() as running:
        yield running


@pytest.fixture
def launch(slack: ScriptedSlack, tmp_path: Path) -> Launch:
    return Launch(slack.webhook_url("alarm"), tmp_path)


@pytest.fixture
def bot_launch(slack: ScriptedSlack, tmp_path: Path) -> Launch:
    """With a bot token: the one message is edited in place, so its count can be read at any time."""
    return Launch("slack://#000-alarm", tmp_path, slack_token=slack.token, slack_api=slack.api_url)


@pytest.fixture
def later(slack: ScriptedSlack) -> str:
    """A webhook that takes nothing for ten minutes."""
    slack.script(word="rate_limited", headers={"Retry-After": "600"})
    return slack.webhook_url("devops")


@pytest.fixture
def bongsu(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


@pytest.fixture
def score(tmp_path: Path) -> Score:
    return Score(tmp_path)
