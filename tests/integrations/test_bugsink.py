"""A real Sentry-compatible server takes our envelopes, in its strictest mode, and shows what we said."""

import logging
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from bugsink_server import Bugsink, running

import bongsu


@pytest.fixture(scope="module")
def bugsink(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bugsink]:
    with running(tmp_path_factory.mktemp("bugsink")) as server:
        yield server


@pytest.fixture(scope="module")
def stored(bugsink: Bugsink, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[dict[str, Any]]]:
    """What Bugsink has stored of one program, by how it was told."""
    folder = str(tmp_path_factory.mktemp("state"))
    bongsu.init(bugsink.dsn, app="checkin", environment="staging", release="checkin@7d1f", state_dir=folder)
    try:
        with bongsu.context(request_id="req-42", user="kim", store="Gangnam"):
            _check_in_twelve_times()
        assert bongsu.flush(20)
        logging.getLogger("shop.stock").error("only %d bottles of %s left", 3, "도라지차")
        bongsu.notify("deploy of 7d1f finished")
        events = bugsink.events(len(KINDS) + 1)  # the repeats are passed on a few seconds after the first
    finally:
        bongsu.close()
    return {kind: [one for one in events if one["extra"]["bongsu"]["kind"] == kind] for kind in KINDS}


KINDS = ("exception", "log", "record")


def _check_in_twelve_times() -> None:
    for number in range(12):
        try:
            _check_in({"name": "Kim"}, number)
        except RuntimeError as error:
            bongsu.capture_exception(error, stage="check-in")


def _check_in(guest: dict[str, str], number: int) -> None:
    try:
        print(guest["room"])
    except KeyError as error:
        raise RuntimeError("a guest without a room") from error


def test_an_exception_arrives_with_its_chain_and_the_lines_it_passed(stored: dict[str, list[dict[str, Any]]]) -> None:
    cause, raised = stored["exception"][0]["exception"]["values"]
    assert (cause["type"], cause["value"]) == ("KeyError", "'room'")
    assert (raised["type"], raised["value"]) == ("RuntimeError", "a guest without a room")
    frames = raised["stacktrace"]["frames"]
    assert [frame["function"] for frame in frames][-2:] == ["_check_in_twelve_times", "_check_in"]
    last = frames[-1]
    assert last["in_app"] is True
    source = Path(__file__).read_text().splitlines()
    assert source[last["lineno"] - 1].strip() == last["context_line"].strip()
    assert 'raise RuntimeError("a guest without a room")' in last["context_line"]
    assert os.path.basename(last["filename"]) == "test_bugsink.py"


def test_an_exception_arrives_with_what_is_known_around_it(stored: dict[str, list[dict[str, Any]]]) -> None:
    event = stored["exception"][0]
    assert (event["release"], event["environment"], event["level"]) == ("checkin@7d1f", "staging", "error")
    assert event["user"] == {"id": "kim"}
    wanted = {"app": "checkin", "request_id": "req-42", "store": "Gangnam", "stage": "check-in"}
    assert wanted.items() <= event["tags"].items()
    assert event["exception"]["values"][-1]["mechanism"] == {"type": "bongsu", "handled": True}
    age = datetime.now(UTC) - datetime.fromisoformat(event["timestamp"])  # noqa: TID251  # what the server compares with
    assert 0 <= age.total_seconds() < 120


def test_repeats_are_counted_in_what_is_sent_and_not_sent_one_by_one(stored: dict[str, list[dict[str, Any]]]) -> None:
    told = [event["extra"]["bongsu"] for event in stored["exception"]]
    assert told[-1]["total"] == 12
    assert [counts["times"] for counts in told] == [1, 11]
    assert told[-1]["first_seen"] <= told[-1]["last_seen"]
    assert len({event["event_id"] for event in stored["exception"]}) == len(told)


def test_a_log_record_arrives_with_its_template_and_its_text(stored: dict[str, list[dict[str, Any]]]) -> None:
    [event] = stored["log"]
    assert event["logger"] == "shop.stock"
    assert event["logentry"]["message"] == "only %d bottles of %s left"
    assert event["logentry"]["formatted"] == "only 3 bottles of 도라지차 left"


def test_an_operational_record_arrives(stored: dict[str, list[dict[str, Any]]]) -> None:
    [event] = stored["record"]
    assert event["logentry"]["formatted"] == "deploy of 7d1f finished"
    assert event["level"] == "info"


def test_bugsink_lists_each_problem_once(bugsink: Bugsink, stored: dict[str, list[dict[str, Any]]]) -> None:
    listed = [(kind, value) for kind, value, _ in bugsink.issues()]
    assert ("RuntimeError", "a guest without a room") in listed
    assert len(listed) == len(set(listed)) == 3
