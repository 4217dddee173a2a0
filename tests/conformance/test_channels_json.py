"""A receiver of one's own: what it gets, how it is signed, and what its status means."""

import hmac
import json
import socket
from dataclasses import replace
from typing import Any

import pytest
from samples import ALERT, DIGEST, EVENT, HTML, NOW, PATIENT, asked
from servers import answers, request, served

from bongsu.alerting.causes import Cause, CauseKind
from bongsu.alerting.decision import Reason
from bongsu.delivery.answer import Answer, Delivered, Rejected, RetryAfter
from bongsu.delivery.channels import open_channel
from bongsu.delivery.destination import parse
from bongsu.event import Level
from bongsu.messages.delivery import Verb
from bongsu.messages.message import Message, Note, State, Trouble
from bongsu.messages.style import Style
from bongsu.messages.summary import Ending, Item, Items, Standing, Summary, Way
from bongsu.testing import FakeClock


def received(message: Message, end: str = "", *, verb: Verb = Verb.POST) -> tuple[str, bytes]:
    """Head and body of the request that a message becomes."""
    came: list[bytes] = []

    def behave(connection: socket.socket) -> None:
        came.append(request(connection))
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    with served(behave) as port:
        url = f"webhook+http://127.0.0.1:{port}/hook{end}"
        destination = parse(url, token=None, slack_api=None, channel="alarm")
        channel = open_channel(destination, Style(), clock=FakeClock(), line=PATIENT)
        assert channel.send(verb, message) == Delivered()
    head, _, body = came[0].partition(b"\r\n\r\n")
    return head.decode(), body


def payload(message: Message) -> dict[str, Any]:
    found = json.loads(received(message)[1])
    assert isinstance(found, dict)
    return found


def test_a_message_is_json_of_a_documented_shape() -> None:
    told = payload(replace(ALERT, count=3, total=5, notes=(Note(trouble=Trouble.SHED, detail="7"),)))
    assert told["version"] == 1
    assert told["reason"] == "first_seen"
    assert told["state"] == "firing"
    assert (told["count"], told["total"], told["problems"], told["repeat"]) == (3, 5, 1, False)
    assert (told["at"], told["event"]["at"]) == (NOW, NOW)
    assert told["notes"] == [{"trouble": "shed", "detail": "7"}]
    assert "IntegrityError" in told["line"]
    assert "app/login.py:48" in told["text"]
    assert told["event"]["location"] == "app/login.py:48"
    assert told["event"]["request_id"] == "req-1"
    assert told["entries"] == []


def test_a_digest_has_entries_and_no_event() -> None:
    told = payload(DIGEST)
    assert told["event"] is None
    assert told["entries"] == [{"title": "KeyError: 'a'", "location": "a.py:1", "count": 3, "level": "error"}]
    assert told["cause"] is None
    cause = Cause(kind=CauseKind.HOST, text="web-1\ud800", problems=1)
    assert payload(replace(DIGEST, cause=cause))["cause"] == {"kind": "host", "text": "web-1\ufffd", "problems": 1}


def test_a_summary_has_lists_and_no_event() -> None:
    item = Item(
        title="no room\ud800",
        location="a.py:1",
        level=Level.ERROR,
        standing=Standing.OVER,
        count=3,
        began_at=NOW,
    )
    summary = Summary(
        app="shop",
        environment="production",
        host="web-1",
        since=NOW - 60,
        begun=Items(shown=(item,), number=7),
        endings=(Ending(why="known", until=NOW, held=4),),
        ways=(Way(channel="alarm", word="timeout", waiting=2),),
        checks=5,
    )
    facts = Message(reason=Reason.SUMMARY, state=State.NEUTRAL, at=NOW, count=0, total=0, summary=summary)
    told = payload(facts)
    assert (told["event"], told["count"], told["problems"], told["entries"]) == (None, 0, 0, [])
    shown = {"title": "no room\ufffd", "location": "a.py:1", "count": 3, "level": "error", "standing": "over"}
    assert told["summary"] == {
        "since": NOW - 60,
        "begun": {"number": 7, "shown": [shown]},
        "over": {"number": 0, "shown": []},
        "firing": {"number": 0, "shown": []},
        "noisiest": {"number": 0, "shown": []},
        "endings": [{"why": "known", "until": NOW, "held": 4}],
        "ways": [
            {
                "channel": "alarm",
                "word": "timeout",
                "is_dead": False,
                "waiting": 2,
                "rejected": 0,
                "rejected_word": "",
            }
        ],
        "checks": 5,
    }


def test_the_names_of_version_1_stay() -> None:
    told = payload(ALERT)
    assert " ".join(told) == (
        "version id reason state at repeat title line text count total users problems"
        " first_seen_at last_seen_at episode_began_at event entries cause summary notes"
    )
    assert " ".join(told["event"]) == (
        "id at kind level title message location app environment release host request_id tags"
    )


def test_a_message_that_is_sent_again_has_the_same_id_and_another_has_not() -> None:
    ids = [payload(each)["id"] for each in (ALERT, replace(ALERT, repeat=True), replace(ALERT, count=2))]
    assert ids[0] == ids[1] != ids[2]


def test_half_letters_reach_no_receiver() -> None:
    body = received(replace(ALERT, event=replace(EVENT, tags={"\ud800": "\udfff"})))[1]
    json.dumps(json.loads(body), ensure_ascii=False).encode("utf-8")


SECRETS = [
    # end of the address, path asked for, secret
    ("", "/hook", None),
    ("#s3cr3t", "/hook", "s3cr3t"),
    ("?secret=s3cr3t", "/hook", "s3cr3t"),
    ("?a=1&secret=s%26cr3t&b=2", "/hook?a=1&b=2", "s&cr3t"),
    ("?a=1#s%23cr3t", "/hook?a=1", "s#cr3t"),
    ("?a=1", "/hook?a=1", None),
]


@pytest.mark.parametrize(("end", "path", "secret"), SECRETS)
def test_a_secret_signs_the_body_and_is_never_sent(end: str, path: str, secret: str | None) -> None:
    head, body = received(ALERT, end)
    assert head.startswith(f"POST {path} HTTP/1.1\r\n")
    if secret is None:
        assert "X-Bongsu-Signature" not in head
    else:
        digest = hmac.new(secret.encode(), body, "sha256").hexdigest()
        assert f"\r\nX-Bongsu-Signature: sha256={digest}\r\n" in f"{head}\r\n"
        assert "cr3t" not in head


STATUS: list[tuple[int, str, Answer]] = [
    (200, "", Delivered()),
    (200, "whatever", Delivered()),
    (201, '{"id":1}', Delivered()),
    (202, "", Delivered()),
    (204, "", Delivered()),
    (200, HTML, RetryAfter("captive_portal")),
    (400, "", Rejected("no_reason: 400")),
    (401, "", Rejected("no_reason: 401")),
    (404, HTML, Rejected("no_reason: 404")),
    (413, "", Rejected("too_large", plain=True)),
]


@pytest.mark.parametrize(("status", "body", "answer"), STATUS)
def test_a_receivers_answer_is_its_status(status: int, body: str, answer: Answer) -> None:
    assert asked("json", answers(status, body, {"Content-Type": "text/html"})) == answer


def test_a_follow_up_is_a_message_of_its_own() -> None:
    told = json.loads(received(replace(ALERT, reason=Reason.GROWING, count=100))[1])
    assert (told["reason"], told["count"]) == ("growing", 100)
