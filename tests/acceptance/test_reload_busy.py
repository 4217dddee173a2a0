"""A reload in the middle of work: nothing is lost, nothing is told twice, and messages tell the time by the wall."""

import json
import os
import re
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from seen import everything
from shell import wait_until

import bongsu
from bongsu.client import reload, using
from bongsu.client.client import Client
from bongsu.client.reload import State
from bongsu.clock import SYSTEM
from bongsu.config import load
from bongsu.testing import FakeClock, ScriptedSlack

RELOADS = 50
THREADS = 2
SUMMER_TIME_BEGINS_AT = datetime(2026, 3, 29, 1, tzinfo=UTC).timestamp()  # in Berlin, at 02:00


def _write(path: Path, content: str) -> None:
    draft = path.with_suffix(".draft")
    draft.write_text(content)
    os.replace(draft, path)


def test_of_a_busy_program_that_reloads_fifty_times_each_record_is_told_once(tmp_path: Path) -> None:
    file, clock = tmp_path / "bongsu.toml", FakeClock(now=SYSTEM.now())
    outputs = [tmp_path / "a.jsonl", tmp_path / "b.jsonl"]
    _write(file, f'to = "file:{outputs[0]}"\n')
    client = Client(load({"config": file, "state_dir": tmp_path / "state"}, {}), clock=clock)
    is_over, names = threading.Event(), [[] for _ in range(THREADS)]  # type: list[list[str]]

    def work(own: list[str], thread: int) -> None:
        while not is_over.wait(0.02):
            own.append(f"record {thread}-{len(own)}.")
            bongsu.notify(own[-1], channel="alarm")

    others = set(threading.enumerate())
    with using(client):
        workers = [threading.Thread(target=work, args=(own, number)) for number, own in enumerate(names)]
        for worker in workers:
            worker.start()
        for number in range(1, RELOADS + 1):
            level = ("warning", "error")[number % 2]
            _write(file, f'level = "{level}"\nto = "file:{outputs[number % 2]}"\n# {number}\n')
            _passes_until(client, clock, level)
        is_over.set()
        for worker in workers:
            worker.join()
        wait_until(lambda: client.flush(1.0))
    told = sorted(_records(outputs))
    assert told == sorted(name for own in names for name in own)
    assert all(output.stat().st_size for output in outputs)
    assert not [each for each in set(threading.enumerate()) - others if each.name.startswith("bongsu-")]


def _passes_until(client: Client, clock: FakeClock, level: str) -> None:
    """Let time pass until it is in force."""

    def look() -> bool:
        clock.advance(1.0)
        client.worker.bell.ring()
        return client.settings.level == level

    wait_until(look)


def _records(outputs: list[Path]) -> list[str]:
    lines = [json.loads(line) for output in outputs for line in output.read_text().splitlines()]
    return [found[0] for line in lines if (found := re.search(r"record \d+-\d+\.", line["text"]))]


def test_the_time_in_a_message_is_that_of_the_wall_on_both_sides_of_summer_time(
    slack: ScriptedSlack, tmp_path: Path
) -> None:
    clock = FakeClock(now=SUMMER_TIME_BEGINS_AT - 60)
    settings = {"to": slack.webhook_url("alarm"), "timezone": "Europe/Berlin", "state_dir": tmp_path}
    with using(Client(load(settings, {}), clock=clock)):
        bongsu.capture_message("before it", level="error")
        [before] = slack.wait_for(lambda message: "before it" in everything(message))
        clock.advance(120)
        bongsu.capture_message("after it", level="error")
        [after] = slack.wait_for(lambda message: "after it" in everything(message))
    assert "01:59:00" in everything(before)
    assert "03:01:00" in everything(after)


# the note of an app, what a process finds, and of which content: the next note, and what it tells
NEWS: list[tuple[str | None, State, str, str | None, tuple[State, bool] | None]] = [
    (None, State.WELL, "a", None, None),
    (None, State.BROKEN, "a", "broken a", (State.BROKEN, False)),
    ("broken a", State.BROKEN, "a", "broken a", None),
    ("broken a", State.BROKEN, "b", "broken b", (State.BROKEN, False)),
    ("broken a", State.WELL, "b", "well b", (State.WELL, True)),
    ("broken a", State.WELL, "a", "broken a", None),  # another process lacks a variable that this one has
    ("broken a", State.HELD, "a", "broken a", None),
    ("broken a", State.HELD, "b", "held app", (State.HELD, True)),
    ("well b", State.WELL, "b", "well b", None),
    ("well b", State.WELL, "a", "well b", None),
    ("well b", State.BROKEN, "b", "broken b", (State.BROKEN, False)),
    (None, State.HELD, "a", "held app", (State.HELD, False)),
    ("held app", State.HELD, "b", "held app", None),  # of each edit it would be the same
    ("held app", State.WELL, "b", "held app", None),  # this process has less to hold
    ("held level", State.HELD, "b", "held app", (State.HELD, False)),
    ("of another version", State.WELL, "a", "of another version", None),
]


@pytest.mark.parametrize(("note", "state", "content", "after", "told"), NEWS)
def test_the_processes_of_an_app_tell_of_an_edit_once(
    note: str | None, state: State, content: str, after: str | None, told: tuple[State, bool] | None
) -> None:
    found, saying = reload.news(note, state, content, "app")
    assert (found, saying and (saying.state, saying.is_mended)) == (after, told)
