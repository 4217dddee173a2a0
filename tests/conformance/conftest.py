"""A scripted Slack for a whole module, and the two ways to it; programs on a fake clock."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from office import Post
from program import Program
from samples import PATIENT, TOKEN

from bongsu.delivery.channel import Channel
from bongsu.delivery.channels import open_channel
from bongsu.delivery.destination import parse
from bongsu.messages.style import Style
from bongsu.store import MEMORY, SqliteStore
from bongsu.testing import FakeClock, ScriptedSlack


@pytest.fixture(scope="module")
def slack() -> Iterator[ScriptedSlack]:
    with ScriptedSlack(token=TOKEN) as server:
        yield server


@pytest.fixture
def bot(slack: ScriptedSlack) -> Channel:
    slack.recover()
    destination = parse("slack://#000-alarm", token=TOKEN, slack_api=slack.api_url, channel="alarm")
    return open_channel(destination, Style(), clock=FakeClock(), line=PATIENT)


@pytest.fixture
def hook(slack: ScriptedSlack) -> Channel:
    slack.recover()
    destination = parse(slack.webhook_url("alarm"), token=None, slack_api=None, channel="alarm")
    return open_channel(destination, Style(), clock=FakeClock(), line=PATIENT)


@pytest.fixture
def memory() -> Iterator[SqliteStore]:
    """A store that is closed in the end; Python 3.13 minds."""
    store = SqliteStore(MEMORY)
    yield store
    store.close()


@pytest.fixture
def post() -> Iterator[Post]:
    office = Post()
    yield office
    office.store.close()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def program(tmp_path: Path, clock: FakeClock) -> Iterator[Program]:
    running = Program(tmp_path, clock)
    yield running
    running.books.close()


@pytest.fixture
def sibling(tmp_path: Path, clock: FakeClock) -> Iterator[Program]:
    running = Program(tmp_path, clock, "two")
    yield running
    running.books.close()
