"""A Sentry-compatible server gets envelopes, and its status is its answer."""

import json

import pytest
from samples import DIGEST, EVENT, KEY, LINE, asked, opened
from servers import answers, request

from bongsu.delivery.answer import Answer, Delivered, Rejected, RetryAfter
from bongsu.messages.delivery import Verb

SENTRY: list[tuple[int, dict[str, str], Answer]] = [
    (200, {}, Delivered()),
    (202, {}, Delivered()),
    (200, {"X-Sentry-Rate-Limits": "86400:transaction;span:organization"}, Delivered()),
    (400, {}, Rejected("no_reason: 400")),
    (401, {}, Rejected("wrong_dsn: 401", dead=True)),
    (403, {}, Rejected("wrong_dsn: 403", dead=True)),
    (404, {}, Rejected("wrong_dsn: 404", dead=True)),
    (413, {}, Rejected("too_large")),
    (429, {}, RetryAfter("rate_limited")),
    (429, {"Retry-After": "9"}, RetryAfter("rate_limited", 9.0)),
    (429, {"X-Sentry-Rate-Limits": "60::organization"}, RetryAfter("rate_limited", 60.0)),
    (429, {"X-Sentry-Rate-Limits": "60"}, RetryAfter("rate_limited", 60.0)),
    (429, {"X-Sentry-Rate-Limits": "20:error:key, 90:default;error:project"}, RetryAfter("rate_limited", 90.0)),
    (429, {"X-Sentry-Rate-Limits": "999999:error:key"}, RetryAfter("rate_limited", 3600.0)),
    (429, {"X-Sentry-Rate-Limits": "60:transaction:key", "Retry-After": "9"}, RetryAfter("rate_limited", 9.0)),
    (429, {"X-Sentry-Rate-Limits": "²:error:key,:,::,x:y", "Retry-After": "9"}, RetryAfter("rate_limited", 9.0)),
]


@pytest.mark.parametrize(("status", "headers", "answer"), SENTRY)
def test_a_sentry_servers_answer_is_its_status(status: int, headers: dict[str, str], answer: Answer) -> None:
    assert asked("sentry", answers(status, '{"id":"x"}', headers)) == answer


def test_an_event_goes_to_its_project_as_an_envelope() -> None:
    came: list[bytes] = []

    def behave(connection) -> None:  # type: ignore[no-untyped-def]
        came.append(request(connection))
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")

    assert asked("sentry", behave, verb=Verb.FORWARD) == Delivered()
    head, _, body = came[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /api/1/envelope/ HTTP/1.1\r\n")
    assert f"X-Sentry-Auth: Sentry sentry_key={KEY}, sentry_version=7, sentry_client=bongsu/".encode() in head
    assert json.loads(body.partition(b"\n")[0])["event_id"] == EVENT.id


def test_a_message_without_an_event_is_nothing_for_a_sentry_server() -> None:
    channel = opened("sentry", "http://127.0.0.1:9", line=LINE)
    assert channel.send(Verb.POST, DIGEST) == Rejected("no_event")
