"""The event as a Sentry envelope: what every Sentry-compatible server reads."""

import json
from dataclasses import replace
from typing import Any

import pytest
from cards import BEGAN, FIRST_SEEN, FIRST_VISITOR, GROWING, INTEGRITY_ERROR, STORM, WITH_A_TRAIL, caused, failing, own
from hypothesis import given, settings
from strategies import messages

from bongsu.event import Kind
from bongsu.messages.message import Message
from bongsu.messages.sentry import envelope


def read(data: bytes) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """Envelope header, item header and event, by the rules of the format: the payload is exactly `length` bytes."""
    header, item_header, rest = data.split(b"\n", 2)
    length = json.loads(item_header)["length"]
    assert rest[length:] == b"\n"
    return json.loads(header), json.loads(item_header), json.loads(rest[:length])


def event_of(message: Message) -> dict[str, Any]:
    return read(envelope(message, sent_at=BEGAN + 1, sdk_version="0.1.0"))[2]


def test_the_envelope_is_exactly_this() -> None:
    frame = replace(own("checkin/auth.py", 88, "callback", "x = 1"), locals={"x": "1"})
    message = failing(replace(INTEGRITY_ERROR, frames=(frame,)))
    header, item_header, event = read(envelope(message, sent_at=BEGAN + 1, sdk_version="0.1.0"))

    sdk = {"name": "bongsu", "version": "0.1.0"}
    assert header == {"event_id": FIRST_VISITOR.id, "sent_at": "2021-09-07T05:26:01.000000Z", "sdk": sdk}
    assert item_header.keys() == {"type", "content_type", "length"}
    assert event == {
        "event_id": FIRST_VISITOR.id,
        "timestamp": "2021-09-07T05:26:00.000000Z",
        "platform": "python",
        "level": "error",
        "release": "checkin@1.4.2",
        "environment": "production",
        "server_name": "web-1",
        "tags": {
            "status": "500",
            "method": "GET",
            "route": "/login/callback",
            "app": "checkin",
            "request_id": "4f2c9a7be1d04c5f",
        },
        "user": {"id": "guest-17"},
        "extra": {
            "bongsu": {
                "times": 1,
                "total": 1,
                "users": 0,
                "first_seen": "2021-09-07T05:26:00.000000Z",
                "last_seen": "2021-09-07T05:26:00.000000Z",
                "kind": "exception",
                "process": 4711,
                "thread": "MainThread",
            }
        },
        "sdk": sdk,
        "exception": {
            "values": [
                {
                    "type": "IntegrityError",
                    "value": "NOT NULL constraint failed: member.employee_no",
                    "module": "sqlite3",
                    "stacktrace": {
                        "frames": [
                            {
                                "filename": "checkin/auth.py",
                                "abs_path": "checkin/auth.py",
                                "function": "callback",
                                "module": "checkin",
                                "lineno": 88,
                                "in_app": True,
                                "context_line": "x = 1",
                                "vars": {"x": "1"},
                            }
                        ]
                    },
                    "mechanism": {"type": "bongsu", "handled": False},
                }
            ]
        },
    }


def test_a_chain_runs_from_the_oldest_cause_to_the_captured_exception() -> None:
    values = event_of(failing(INTEGRITY_ERROR, caused("KeyError", "'a'"), caused("OSError", "disk")))["exception"][
        "values"
    ]
    assert [value["type"] for value in values] == ["OSError", "KeyError", "IntegrityError"]
    assert ["mechanism" in value for value in values] == [False, False, True]


def test_frames_run_from_the_outermost_call_to_the_crash() -> None:
    frames = event_of(FIRST_SEEN)["exception"]["values"][0]["stacktrace"]["frames"]
    assert [frame["lineno"] for frame in frames] == [1511, 917, 902, 88, 41]


def test_the_count_of_a_group_travels_with_its_sample() -> None:
    assert event_of(GROWING)["extra"]["bongsu"]["times"] == 1_240


def test_a_log_record_keeps_its_template() -> None:
    event = replace(
        FIRST_VISITOR,
        kind=Kind.LOG,
        exceptions=(),
        message="no user 7",
        template="no user %s",
        logger="auth",
        source="a.py:3",
    )
    sent = event_of(replace(FIRST_SEEN, event=event))
    assert sent["logentry"] == {"message": "no user %s", "formatted": "no user 7", "params": []}
    assert (sent["logger"], sent["tags"]["source"]) == ("auth", "a.py:3")
    assert "exception" not in sent


@settings(max_examples=150)
@given(messages().filter(lambda message: message.event is not None))
def test_every_event_makes_one_well_formed_envelope(message: Message) -> None:
    header, item_header, event = read(envelope(message, sent_at=message.at, sdk_version="0.1.0"))
    assert message.event is not None
    assert header["event_id"] == event["event_id"] == message.event.id
    assert item_header["type"] == "event"
    assert len(event.get("exception", {"values": []})["values"]) == len(message.event.exceptions)


def test_the_log_lines_of_the_request_are_its_breadcrumbs() -> None:
    [first, _] = event_of(replace(FIRST_SEEN, event=WITH_A_TRAIL))["breadcrumbs"]["values"]
    assert first == {
        "timestamp": "2021-09-07T05:25:59.800000Z",
        "level": "info",
        "category": "checkin.auth",
        "message": "back from the intranet",
    }


def test_a_message_without_an_event_cannot_be_forwarded() -> None:
    with pytest.raises(ValueError, match="event"):
        envelope(STORM, sent_at=0.0, sdk_version="0.1.0")
