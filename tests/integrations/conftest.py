"""Real programs that tell one Slack, as in the acceptance tests."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bongsu.testing import ScriptedSlack

sys.path.append(str(Path(__file__).parents[1] / "acceptance"))

from children import Launch


@pytest.fixture
def slack() -> Iterator[ScriptedSlack]:
    with ScriptedSlack() as running:
        yield running


@pytest.fixture
def launch(slack: ScriptedSlack, tmp_path: Path) -> Launch:
    return Launch(slack.webhook_url("alarm"), tmp_path)
