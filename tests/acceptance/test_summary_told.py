"""A summary that is due is told by whoever runs: real processes, one store, one message."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

import pytest
from children import Child, Launch
from seen import text

from bongsu.alerting.summary import DAYS, Account
from bongsu.client.books import open_store
from bongsu.clock import SYSTEM
from bongsu.testing import ScriptedSlack

DAY_S = 86_400.0


@pytest.fixture
def due(launch: Launch) -> Launch:
    """Its moment was an hour ago, on the day of the sign of life; the last one was told three days before."""
    now = SYSTEM.now()
    moment = datetime.fromtimestamp(now, UTC) - timedelta(hours=1)
    table = f'timezone = "UTC"\n[summary]\nat = "{moment:%H:%M}"\non = "{DAYS[moment.weekday()]}"\n'
    (launch.folder / "bongsu.toml").write_text(table)
    store = open_store(str(launch.state_dir / "checkin"))
    with store.transaction() as book:
        book.save_account(Account(since=now - 3 * DAY_S, told_at=now - 3 * DAY_S))
        book.save_summary_due_at(now - 3_600.0)
    store.close()
    return launch


@pytest.fixture
def running(due: Launch) -> Iterator[list[Child]]:
    with ExitStack() as children:
        yield [children.enter_context(due.start("idle")) for _ in range(4)]


def is_sign_of_life(payload_text: str) -> bool:
    return "is alive: nothing to tell since" in payload_text


def test_of_several_processes_one_tells_it(slack: ScriptedSlack, running: list[Child], due: Launch) -> None:
    for child in running:
        assert child.line() == "ready"
    slack.wait_for(lambda message: is_sign_of_life(text(message)), timeout_s=20)
    for child in running:
        assert child.end().code == 0
    assert due.run("idle").code == 0  # one more look, after the end of all
    assert len([each for each in slack.messages if is_sign_of_life(text(each))]) == 1


def test_a_fresh_installation_begins_to_count_and_says_nothing(slack: ScriptedSlack, launch: Launch) -> None:
    before = SYSTEM.now()
    assert launch.run("idle").code == 0
    store = open_store(str(launch.state_dir / "checkin"))
    with store.reading() as book:
        account, due_at = book.account(), book.summary_due_at()
    store.close()
    assert account is not None
    assert before - 1 <= account.since <= SYSTEM.now()
    assert due_at is not None
    assert due_at > SYSTEM.now()
    assert slack.messages == []
