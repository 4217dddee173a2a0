"""After an hour without Slack people read what is, not a replay: at most one digest, then the present, in order."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from seen import everything, text
from shell import wait_until

import bongsu
from bongsu.client import using
from bongsu.client.client import Client
from bongsu.config import load
from bongsu.messages.delivery import Verb
from bongsu.testing import FakeClock, Received, ScriptedSlack

PROBLEMS = 12
STEP_S = 300.0
SETTLE_S = 90.0  # longer than any back-off


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture(params=["webhook", "bot"])
def client(request: pytest.FixtureRequest, slack: ScriptedSlack, tmp_path: Path, clock: FakeClock) -> Iterator[Client]:
    bot = {"to": "slack://#000-alarm", "token": slack.token, "slack_api": slack.api_url}
    to = bot if request.param == "bot" else {"to": slack.webhook_url("alarm")}
    client = Client(load({**to, "app": "checkin", "state_dir": tmp_path}, {}), clock=clock)
    with using(client):
        yield client


def _fail(client: Client, name: str) -> None:
    """It is taken in before this returns, so that the hour passes for it."""
    before = _total(client)
    bongsu.capture_message(f"problem {name}", level="error")
    wait_until(lambda: _total(client) > before)


def _total(client: Client) -> int:
    with client.worker.books.store.reading() as book:
        return sum(group.total for group in book.all_groups())


def _passes(client: Client, clock: FakeClock, seconds: float) -> None:
    clock.advance(seconds)
    client.worker.bell.ring()


def test_after_an_hour_one_digest_and_the_present_state_arrive_in_order(
    slack: ScriptedSlack, client: Client, clock: FakeClock
) -> None:
    _fail(client, "before")
    slack.wait_for(lambda message: "problem before" in text(message))
    slack.down()
    names = [chr(ord("a") + number) for number in range(PROBLEMS)]
    for name in names:
        _fail(client, name)
        _passes(client, clock, STEP_S)
    heard = len(slack.messages)
    slack.up()
    _passes(client, clock, SETTLE_S)
    [digest] = slack.wait_for(lambda message: message.verb is Verb.POST and "unreachable" in everything(message), 20)
    _fail(client, "after")
    _passes(client, clock, SETTLE_S)
    slack.wait_for(lambda message: "problem after" in text(message), timeout_s=20)
    posts = [message for message in slack.messages[heard:] if message.verb is Verb.POST]
    since = [message for message in posts if not text(message).startswith("🟢")]  # meanwhile some become quiet
    assert since[0] is digest
    assert [_names(message) for message in since[1:]] == [["after"]]
    told = re.search(r"(\d+) problems", text(digest))
    assert told is not None
    assert PROBLEMS <= int(told[1]) <= PROBLEMS + 1  # a webhook's also says that the one before became quiet


def test_an_outage_of_a_few_messages_is_read_one_by_one_in_order(
    slack: ScriptedSlack, client: Client, clock: FakeClock
) -> None:
    slack.down()
    for name in ("a", "b"):
        _fail(client, name)
        _passes(client, clock, STEP_S)
    slack.up()
    _passes(client, clock, SETTLE_S)
    slack.wait_for(lambda message: "problem b" in text(message), timeout_s=20)
    posts = [message for message in slack.messages if message.verb is Verb.POST]
    assert [_names(message) for message in posts] == [["a"], ["b"]]


def _names(message: Received) -> list[str]:
    return [word for word in text(message).split("problem ")[1:2] for word in word.split()[:1]]
