"""Docker's JSON and log frames: what is kept, and that garbage does no harm."""

import json
from typing import Any

import pytest

from bongsu.watchers.docker import reading
from bongsu.watchers.docker.reading import Container, Event

ID = "4f2c9a7be1d04c5f" * 4


def line(action: str, **attributes: str) -> bytes:
    data = {
        "status": action,
        "id": ID,
        "Type": "container",
        "Action": action,
        "Actor": {"ID": ID, "Attributes": {"image": "shop", "name": "shop-web-1", **attributes}},
        "scope": "local",
        "time": 1795867158,
        "timeNano": 1795867158250000000,
    }
    return json.dumps(data).encode() + b"\n"


def event(action: str, **facts: Any) -> Event:
    usual = {"id": ID[:12], "name": "shop-web-1", "at": 1795867158250000000 / 1e9, "serial": 1795867158250000000}
    return Event(action=action, **usual | facts)


EVENTS = {
    "a start": (line("start"), event("start")),
    "an end": (line("die", exitCode="137", execDuration="3"), event("die", code=137)),
    "an end without a code": (line("die", exitCode="much"), event("die")),
    "a signal": (line("kill", signal="15"), event("kill", signal=15)),
    "sick": (line("health_status: unhealthy"), event("health_status", health="unhealthy")),
    "of compose": (line("oom", **{"com.docker.compose.service": "web"}), event("oom", name="web")),
    "an exec": (line("exec_start: sh -c 'echo secret'"), event("exec_start")),
}


@pytest.mark.parametrize(("given", "wanted"), EVENTS.values(), ids=EVENTS.keys())
def test_an_event_is_read(given: bytes, wanted: Event) -> None:
    assert reading.event(given) == wanted


def test_labels_are_not_kept() -> None:
    assert "hunter2" not in repr(reading.event(line("start", password="hunter2", **{"my.label": "hunter2"})))


GARBAGE = {
    "nothing": b"",
    "no JSON": b"<html>\n",
    "half": line("die")[:40],
    "a list": b"[]\n",
    "no actor": b'{"Type":"container","Action":"die"}\n',
    "no id": b'{"Type":"container","Action":"die","Actor":{"Attributes":{}},"timeNano":1}\n',
    "no time": b'{"Type":"container","Action":"die","Actor":{"ID":"a"}}\n',
    "a network": line("die").replace(b'"Type": "container"', b'"Type": "network"'),
    "no UTF-8": b'{"Action":"\xff\xfe"}\n',
    "deep": b"[" * 100_000,
}


@pytest.mark.parametrize("given", GARBAGE.values(), ids=GARBAGE.keys())
def test_garbage_is_no_event(given: bytes) -> None:
    assert reading.event(given) is None


def test_how_containers_stand_is_read() -> None:
    answer = [
        {"Id": ID, "Names": ["/shop"], "Labels": {}, "State": "running", "Status": "Up 2 hours (unhealthy)"},
        {"Id": "b" * 64, "Names": None, "Labels": None, "State": "exited", "Status": "Exited (137) 3 minutes ago"},
        {"Id": "c" * 64, "Names": ["/x"], "Labels": {"com.docker.compose.service": "web"}, "State": "created"},
        {"Names": ["/no-id"]},
        "garbage",
    ]
    assert reading.containers(answer) == [
        Container(id=ID[:12], name="shop", is_running=True, is_unhealthy=True, code=None),
        Container(id="b" * 12, name="b" * 12, is_running=False, is_unhealthy=False, code=137),
        Container(id="c" * 12, name="web", is_running=False, is_unhealthy=False, code=None),
    ]
    assert reading.containers({"message": "no"}) == []


def frame(stream: int, text: bytes) -> bytes:
    return bytes([stream, 0, 0, 0]) + len(text).to_bytes(4, "big") + text


LOGS = {
    "frames": (frame(2, b"a\n") + frame(1, b"b\n"), b"a\nb\n"),
    "a frame that was cut": (frame(2, b"abc\n")[:-2], b"ab"),
    "a header that was cut": (frame(2, b"abc\n") + b"\2\0\0", b"abc\n"),
    "a terminal's": (b"plain text\n", b"plain text\n"),
    "nothing": (b"", b""),
}


@pytest.mark.parametrize(("body", "text"), LOGS.values(), ids=LOGS.keys())
def test_the_last_lines_are_taken_out_of_their_frames(body: bytes, text: bytes) -> None:
    assert reading.log_bytes(body) == text


HEALTH = {
    "the last check": ({"State": {"Health": {"Log": [{"Output": "ok"}, {"Output": "refused\n"}]}}}, "refused"),
    "a long one": ({"State": {"Health": {"Log": [{"Output": "x" * 9_999}]}}}, "x" * reading.HEALTH_TEXT_MAX),
    "no check yet": ({"State": {"Health": {"Log": []}}}, ""),
    "no health": ({"State": {}}, ""),
    "garbage": ([1], ""),
}


@pytest.mark.parametrize(("answer", "text"), HEALTH.values(), ids=HEALTH.keys())
def test_what_a_health_check_said_is_read(answer: Any, text: str) -> None:
    assert reading.health(answer) == text
