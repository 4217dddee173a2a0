"""What waits for an address that is not a channel's any more reaches people all the same, and only then moves."""

from dataclasses import replace

import pytest
from samples import ALERT, NOW

from bongsu.client.readdressing import STALE_AFTER_S, FormerAddresses, readdress
from bongsu.delivery.destination import Destination, parse
from bongsu.messages.delivery import Delivery, Verb
from bongsu.store import SqliteStore

STALE_S = STALE_AFTER_S + 1
ANY_S = 1.0


def _addresses(**channels: str) -> dict[str, Destination]:
    return {name: parse(f"file:{file}", token=None, slack_api=None, channel=name) for name, file in channels.items()}


def _hash(file: str) -> str:
    return _addresses(alarm=file)["alarm"].hash


def _waits(store: SqliteStore, channel: str, file: str, verb: Verb = Verb.POST) -> None:
    with store.transaction() as book:
        delivery = Delivery(channel=channel, verb=verb, key="a/1", message=ALERT)
        book.enqueue(delivery, _hash(file), NOW)


def _left_at(store: SqliteStore) -> str:
    with store.reading() as book:
        [row] = book.rows()
    return row.destination


# a row's channel and address, how long it waits, whether that way fails; where the channels lead; where it goes
STARTS = [
    ("alarm", "old", STALE_S, False, {"alarm": "new"}, "new"),
    ("alarm", "old", ANY_S, False, {"alarm": "new"}, "old"),  # another process may serve it
    ("alarm", "old", ANY_S, True, {"alarm": "new"}, "new"),
    ("alarm", "new", STALE_S, False, {"alarm": "new"}, "new"),
    ("payments", "old", STALE_S, False, {"alarm": "new"}, "new"),  # a channel that is gone
    ("payments", "old", ANY_S, True, {"alarm": "new"}, "old"),
    ("payments", "new", STALE_S, False, {"alarm": "new"}, "new"),
]


@pytest.mark.parametrize(("channel", "file", "waited_s", "fails", "channels", "goes_to"), STARTS)
def test_what_an_earlier_program_left_is_taken_over_when_nobody_serves_it(
    memory: SqliteStore,
    channel: str,
    file: str,
    waited_s: float,
    fails: bool,
    channels: dict[str, str],
    goes_to: str,
) -> None:
    _waits(memory, channel, file)
    with memory.transaction() as book:
        if fails:
            book.save_line(replace(book.line(_hash(file), channel), failures=1))
        readdress(book, _addresses(**channels), NOW + waited_s)
    assert _left_at(memory) == _hash(goes_to)


# a row's channel and address; where the channels led; where they lead; where it goes
EDITS = [
    ("alarm", "a", {"alarm": "a"}, {"alarm": "b"}, "b"),
    ("alarm", "a", {"alarm": "a", "devops": "b"}, {"alarm": "b", "devops": "a"}, "b"),  # they swap
    ("alarm", "a", {"alarm": "a", "devops": "b"}, {"devops": "b"}, "b"),
    ("alarm", "a", {"alarm": "a"}, {"alarm": "a", "devops": "b"}, "a"),
    ("alarm", "b", {"alarm": "a", "devops": "b"}, {"alarm": "a", "devops": "b"}, "b"),  # another process's word
    ("devops", "c", {"alarm": "a"}, {"alarm": "b"}, "c"),
]


@pytest.mark.parametrize(("channel", "file", "before", "after", "goes_to"), EDITS)
def test_what_waits_for_a_channel_follows_it_in_an_edit(
    memory: SqliteStore, channel: str, file: str, before: dict[str, str], after: dict[str, str], goes_to: str
) -> None:
    former = FormerAddresses()
    _waits(memory, channel, file)
    former.add(_addresses(**before), NOW)
    former.look(memory, _addresses(**after), NOW + 1)
    assert _left_at(memory) == _hash(goes_to)


@pytest.mark.parametrize(
    ("address", "verb"),
    [("file:b", Verb.POST), ("https://key@sentry.example/1", Verb.FORWARD)],
    ids=["people", "server"],
)
def test_what_waited_for_a_server_is_a_message_for_people(memory: SqliteStore, address: str, verb: Verb) -> None:
    former = FormerAddresses()
    _waits(memory, "alarm", "a", Verb.FORWARD)
    former.add(_addresses(alarm="a"), NOW)
    former.look(memory, {"alarm": parse(address, token=None, slack_api=None, channel="alarm")}, NOW + 1)
    with memory.reading() as book:
        assert [row.verb for row in book.rows()] == [verb]
