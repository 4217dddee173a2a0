"""`bongsu problems`: what fires at present, and that somebody has taken it on."""

import sys
from argparse import Namespace
from collections.abc import Iterator, Sequence

from bongsu.alerting.group import Group
from bongsu.cli import folders
from bongsu.client.client import Client
from bongsu.clock import SYSTEM, utc_offset_s
from bongsu.messages.characters import clip, literal
from bongsu.messages.locales import WORDS, clock_time, number
from bongsu.routing.sorting import NAME_LENGTH_MAX
from bongsu.store import StoreError

TITLE_LENGTH_MAX = 80  # characters; what a wide terminal shows beside the columns
SHORT = 10  # characters of a fingerprint, its version included
DELIVER_S = 10.0


def run(arguments: Namespace) -> int:
    """Show what fires, or take some of it on."""
    client = Client(folders.settings(arguments.app))  # not started: no hooks, no log handler
    try:
        return _acknowledge(client, arguments.fingerprint) if arguments.action == "ack" else _list(client)
    except StoreError as error:
        print(f"The database cannot be used: {error}. See `bongsu doctor`.", file=sys.stderr)
        return 1
    finally:
        client.close(0.0)


def _acknowledge(client: Client, fingerprint: str) -> int:
    count = client.worker.acknowledge(fingerprint)
    if not count:
        print(
            f"Nothing fires whose fingerprint begins with {fingerprint}. See `bongsu problems list`.", file=sys.stderr
        )
        return 1
    client.flush(DELIVER_S)
    print("Acknowledged." if count == 1 else f"Acknowledged {count} problems.")
    return 0


def _list(client: Client) -> int:
    with client.worker.books.store.reading() as book:
        found, ignored = book.firing(), book.ignored()
    for line in _table(found, client.settings.timezone) if found else ["Nothing fires."]:
        print(line)
    for rule, times in ignored.items():
        print(f"ignored: {number(times, WORDS['en'])} by {literal(rule, NAME_LENGTH_MAX)}")
    return 0


def _table(found: Sequence[Group], timezone: str | None) -> Iterator[str]:
    rows = [("FINGERPRINT", "COUNT", "SINCE", "LAST SEEN", "STATE", "PROBLEM")]
    rows += [_row(group, timezone) for group in found]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for cells in rows:
        yield "  ".join(f"{cell:{width}}" for cell, width in zip(cells, widths, strict=True)).rstrip()


def _row(group: Group, timezone: str | None) -> tuple[str, str, str, str, str, str]:
    state = "silenced" if group.silence else "acknowledged" if group.acknowledged_at else "firing"
    return (
        group.fingerprint[:SHORT],
        number(group.count, WORDS["en"]),
        _time(group.began_at, timezone),
        _time(group.last_seen_at, timezone),
        state,
        clip(literal(group.sample.title, TITLE_LENGTH_MAX), TITLE_LENGTH_MAX),
    )


def _time(at: float, timezone: str | None) -> str:
    return clock_time(at, utc_offset_s(at, timezone), today=SYSTEM.now())
