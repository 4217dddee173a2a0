"""What every channel promises: an answer for whatever happens, in bounded time, and the right one."""

from pathlib import Path

import pytest
from samples import ALERT, HTML, KEY, LATE_S, LINE, LOCAL, OVER_HTTP, YES, asked, opened
from servers import (
    Behaviour,
    answers,
    closes,
    drips,
    endless,
    full,
    hangs,
    never_reads,
    request,
    resets,
    says,
    unused_port,
)

from bongsu.clock import SYSTEM
from bongsu.delivery.answer import Answer, Delivered, Rejected, RetryAfter, Unknown
from bongsu.delivery.http import BODY_MAX_BYTES
from bongsu.messages.delivery import Verb

# What a server of any kind may do, and what it means for all HTTP channels.
FAULTS: dict[str, tuple[Behaviour, Answer]] = {
    "closes without an answer": (closes, Unknown("closed")),
    "resets the connection": (resets, Unknown("closed")),
    "speaks another protocol": (says(b"220 smtp.example.com ESMTP\r\n"), Unknown("not_http")),
    "has a status that is no number": (says(b"HTTP/1.1 OK ok\r\n\r\n"), Unknown("not_http")),
    "cuts the body off": (says(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nok"), Unknown("closed")),
    "cuts a chunk off": (says(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nok"), Unknown("closed")),
    "sends a negative chunk": (
        says(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\nok\r\n0\r\n\r\n"),
        Unknown("not_http"),
    ),
    "sends an endless header": (endless(b"x" * 1000), Unknown("not_http")),
    "sends endless headers": (endless(b"a: b\r\n"), Unknown("not_http")),
    "is a captive portal": (answers(200, HTML, {"Content-Type": "text/html"}), RetryAfter("captive_portal")),
    "is a captive portal without a type": (answers(200, f"\n{HTML}"), RetryAfter("captive_portal")),
    "is a captive portal by its status": (answers(511, HTML), RetryAfter("captive_portal")),
    "redirects for now": (answers(302, "", {"Location": "https://example.com/"}), RetryAfter("redirected: 302")),
    "redirects for ever": (answers(308, "", {"Location": "https://example.com/"}), RetryAfter("redirected: 308")),
    "fails": (answers(500, HTML), RetryAfter("overloaded: 500")),
    "is overloaded": (answers(503, HTML), RetryAfter("overloaded: 503")),
    "is overloaded and says how long": (answers(503, "", {"Retry-After": "7"}), RetryAfter("overloaded: 503", 7.0)),
    "did not get the request in time": (answers(408), RetryAfter("overloaded: 408")),
    "is a gateway to something broken": (answers(502, HTML), Unknown("gateway: 502")),
    "is a gateway to something slow": (answers(504, HTML), Unknown("gateway: 504")),
    "limits the rate": (answers(429, "", {"Retry-After": "30"}), RetryAfter("rate_limited", 30.0)),
    "limits the rate by half a second": (answers(429, "", {"Retry-After": "0.5"}), RetryAfter("rate_limited", 0.5)),
    "limits the rate without a time": (answers(429, HTML), RetryAfter("rate_limited")),
    "limits the rate in words": (answers(429, "", {"Retry-After": "soon"}), RetryAfter("rate_limited")),
    "limits the rate for a day": (answers(429, "", {"Retry-After": "86400"}), RetryAfter("rate_limited", 3600.0)),
    "limits the rate until a date": (
        answers(429, "", {"Retry-After": "Tue, 14 Nov 2023 22:13:50 GMT"}),
        RetryAfter("rate_limited", 30.0),
    ),
    "limits the rate in JSON": (
        answers(429, '{"retry_after":3,"ok":false,"error":"rate_limited"}', {"Content-Type": "application/json"}),
        RetryAfter("rate_limited", 3.0),
    ),
    "refuses without a reason": (answers(400, HTML), Rejected("no_reason: 400")),
    "refuses with abuse": (answers(400, "\x1b[31m<!channel> " + "x" * 300), Rejected("no_reason: 400")),
    "refuses with deep JSON": (answers(400, "[" * 50_000), Rejected("no_reason: 400")),
}


@pytest.mark.parametrize("kind", OVER_HTTP)
@pytest.mark.parametrize("fault", FAULTS)
def test_whatever_a_server_does_has_its_answer(kind: str, fault: str) -> None:
    behave, answer = FAULTS[fault]
    assert asked(kind, behave) == answer


SLOW: dict[str, tuple[Behaviour, Answer]] = {
    "never answers": (hangs, Unknown("timeout")),
    "never reads": (never_reads, Unknown("timeout")),
    "drips its head": (drips(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", 0.05), Unknown("timeout")),
    "drips its body": (drips(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 100, 0.02), Unknown("timeout")),
    "drips 100 Continue": (drips(b"HTTP/1.1 100 Continue\r\n\r\n" * 9, 0.01), Unknown("timeout")),
}


@pytest.mark.parametrize("kind", OVER_HTTP)
@pytest.mark.parametrize("fault", SLOW)
def test_a_slow_server_holds_a_sender_no_longer_than_the_deadline(kind: str, fault: str) -> None:
    behave, answer = SLOW[fault]
    began_at = SYSTEM.monotonic()
    assert asked(kind, behave, line=LINE) == answer
    assert SYSTEM.monotonic() - began_at < LATE_S


@pytest.mark.parametrize("kind", OVER_HTTP)
def test_a_server_that_takes_no_connection_was_not_sent_anything(kind: str) -> None:
    with full() as port:
        began_at = SYSTEM.monotonic()
        answer = opened(kind, f"http://127.0.0.1:{port}", line=LINE).send(Verb.POST, ALERT)
        assert SYSTEM.monotonic() - began_at < LATE_S
    assert answer == RetryAfter("connect_timeout")


@pytest.mark.parametrize("kind", OVER_HTTP)
@pytest.mark.parametrize(
    ("host", "word"), [(f"127.0.0.1:{unused_port()}", "refused"), ("no-such-host.invalid", "dns_")]
)
def test_a_server_that_is_not_there_was_not_sent_anything(kind: str, host: str, word: str) -> None:
    answer = opened(kind, f"http://{host}", line=LINE).send(Verb.POST, ALERT)
    assert isinstance(answer, RetryAfter)
    assert answer.word.startswith(word)
    assert answer.after_s is None


@pytest.mark.parametrize("kind", OVER_HTTP)
def test_a_body_of_any_size_costs_a_bounded_read(kind: str) -> None:
    head = b"HTTP/1.1 400 X\r\nContent-Length: 99999999\r\n\r\n"
    assert asked(kind, says(head + b"x" * 4 * BODY_MAX_BYTES)) == Rejected("no_reason: 400")


@pytest.mark.parametrize("kind", OVER_HTTP)
def test_yes_is_delivered(kind: str) -> None:
    assert isinstance(asked(kind, YES[kind]), Delivered)


@pytest.mark.parametrize("kind", OVER_HTTP)
def test_a_sender_says_who_it_is_and_keeps_nothing_open(kind: str) -> None:
    heads: list[str] = []

    def behave(connection) -> None:  # type: ignore[no-untyped-def]
        heads.append(request(connection).partition(b"\r\n\r\n")[0].decode())

    asked(kind, behave)
    [head] = heads
    assert "\r\nUser-Agent: bongsu/" in head
    assert "\r\nConnection: close" in head


# All channels.


@pytest.mark.parametrize("kind", [*OVER_HTTP, *LOCAL])
@pytest.mark.parametrize("verb", [Verb.EDIT, Verb.REPLY])
def test_without_a_receipt_there_is_nothing_to_edit_or_reply_to(kind: str, verb: Verb, tmp_path: Path) -> None:
    channel = opened(kind, "http://127.0.0.1:9", line=LINE, folder=tmp_path)
    assert channel.send(verb, ALERT) == Rejected("no_receipt", gone=True)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", [*OVER_HTTP, *LOCAL])
def test_a_channel_can_be_closed_twice(kind: str, tmp_path: Path) -> None:
    channel = opened(kind, "http://127.0.0.1:9", line=LINE, folder=tmp_path)
    channel.close()
    channel.close()


@pytest.mark.parametrize("kind", [*OVER_HTTP, *LOCAL])
def test_no_channel_shows_its_secret(kind: str, tmp_path: Path) -> None:
    channel = opened(kind, "http://127.0.0.1:9", line=LINE, folder=tmp_path)
    assert "s3cr3t" not in repr(channel)
    assert KEY not in repr(channel)
