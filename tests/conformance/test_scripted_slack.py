"""The Slack of our tests says what Slack says, breaks as it is told, and keeps what it got."""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from http.client import HTTPConnection, HTTPException
from typing import Any

import pytest

from bongsu.clock import SYSTEM
from bongsu.messages.delivery import Verb
from bongsu.testing import FakeClock, ScriptedSlack

Answer = tuple[int, str]


@pytest.fixture
def slack() -> Iterator[ScriptedSlack]:
    with ScriptedSlack() as server:
        yield server


def asked(url: str, payload: object, headers: Mapping[str, str] | None = None) -> tuple[int, str, Mapping[str, str]]:
    """What a plain HTTP client gets for this payload."""
    host, _, path = url.removeprefix("http://").partition("/")
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    with closing(HTTPConnection(host, timeout=10)) as connection:
        connection.request("POST", f"/{path}", body, {"Content-Type": "application/json", **(headers or {})})
        response = connection.getresponse()
        return response.status, response.read().decode(), dict(response.getheaders())


def posted(slack: ScriptedSlack, payload: object, channel: str = "alarm") -> Answer:
    return asked(slack.webhook_url(channel), payload)[:2]


def called(slack: ScriptedSlack, method: str, arguments: object, *, token: str | None = None) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {slack.token if token is None else token}"}
    return dict(json.loads(asked(f"{slack.api_url}{method}", arguments, headers)[1]))


TEXT = {"text": "something broke"}
BAD_BLOCKS = {"text": "x", "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3001}}]}

JUDGED: list[tuple[object, Answer]] = [
    (TEXT, (200, "ok")),
    ({**TEXT, "blocks": [{"type": "divider"}]}, (200, "ok")),
    ({}, (400, "no_text")),
    ({"text": " "}, (400, "no_text")),
    (BAD_BLOCKS, (400, "invalid_blocks")),
    ({**TEXT, "blocks": [{"type": "divider"}] * 51}, (400, "invalid_blocks")),
    ({**TEXT, "attachments": [{"text": "x"}] * 101}, (400, "too_many_attachments")),
    (b"{", (400, "invalid_payload")),
    (b"[]", (400, "invalid_payload")),
    (b"\xff", (400, "invalid_payload")),
    (b"[" * 100_000, (400, "invalid_payload")),
]


@pytest.mark.parametrize(("payload", "answer"), JUDGED, ids=lambda value: str(value)[:60])
def test_a_webhook_judges_what_it_gets(slack: ScriptedSlack, payload: object, answer: Answer) -> None:
    assert posted(slack, payload) == answer
    [message] = slack.messages
    assert message.answered == answer[1]
    assert message.accepted == (answer[1] == "ok")


def test_each_webhook_is_a_channel(slack: ScriptedSlack) -> None:
    posted(slack, {"text": "one"}, "alarm")
    posted(slack, {"text": "two"}, "devops")
    assert [(message.channel, message.payload["text"]) for message in slack.posts] == [
        ("alarm", "one"),
        ("devops", "two"),
    ]


REFUSED = [
    # method, arguments, word
    ("chat.postMessage", TEXT, "channel_not_found"),
    ("chat.postMessage", {"channel": "#a"}, "no_text"),
    ("chat.postMessage", {"channel": "#a", **BAD_BLOCKS}, "invalid_blocks"),
    ("chat.postMessage", {"channel": "#a", "thread_ts": "1.000001", **TEXT}, "thread_not_found"),
    ("chat.postMessage", b"{", "invalid_json"),
    ("chat.update", {"channel": "#a", "ts": "1.000001", **TEXT}, "channel_not_found"),
    ("chat.update", {"channel": "C1", "ts": "1.000001", **TEXT}, "message_not_found"),
    ("chat.update", {"channel": "C1", "ts": 1.000001, **TEXT}, "message_not_found"),
    ("files.getUploadURLExternal", {}, "invalid_arguments"),
    ("files.completeUploadExternal", {"files": '[{"id":"F9"}]', "channel_id": "C1"}, "file_not_found"),
    ("files.completeUploadExternal", {"files": "x", "channel_id": "C1"}, "file_not_found"),
    ("chat.nonsense", {}, "unknown_method"),
]


@pytest.mark.parametrize(("method", "arguments", "word"), REFUSED)
def test_the_web_api_refuses_in_slacks_words(slack: ScriptedSlack, method: str, arguments: object, word: str) -> None:
    assert called(slack, method, arguments) == {"ok": False, "error": word}
    assert [message.answered for message in slack.messages] == ([] if method == "chat.nonsense" else [word])


@pytest.mark.parametrize(("token", "word"), [("", "not_authed"), ("xoxb-another", "invalid_auth")])
def test_the_web_api_wants_its_token(slack: ScriptedSlack, token: str, word: str) -> None:
    assert called(slack, "auth.test", {}, token=token) == {"ok": False, "error": word}
    assert called(slack, "auth.test", {})["ok"] is True


def test_a_message_is_edited_by_the_id_and_ts_of_its_post(slack: ScriptedSlack) -> None:
    post = called(slack, "chat.postMessage", {"channel": "#a", **TEXT})
    place = {"channel": post["channel"], "ts": post["ts"]}
    assert called(slack, "chat.update", {**place, "text": "still"}) == {"ok": True, **place}
    assert called(slack, "chat.postMessage", {"channel": post["channel"], "thread_ts": post["ts"], **TEXT})["ok"]
    assert [(one.verb, one.channel, one.thread_ts) for one in slack.messages] == [
        (Verb.POST, "#a", None),
        (Verb.EDIT, "#a", None),
        (Verb.REPLY, "#a", post["ts"]),
    ]
    assert slack.edits[0].ts == slack.posts[0].ts == post["ts"]


def test_a_script_is_played_once_and_in_order(slack: ScriptedSlack) -> None:
    slack.script(status=429, headers={"Retry-After": "7"}, body="rate_limited")
    slack.script(word="no_active_hooks", times=2)
    status, body, headers = asked(slack.webhook_url("alarm"), TEXT)
    assert (status, body, headers["Retry-After"]) == (429, "rate_limited", "7")
    assert [posted(slack, TEXT) for _ in range(3)] == [(404, "no_active_hooks"), (404, "no_active_hooks"), (200, "ok")]
    assert [message.answered for message in slack.messages] == ["429", "no_active_hooks", "no_active_hooks", "ok"]


def test_a_script_may_last_until_recovery(slack: ScriptedSlack) -> None:
    slack.script(status=503, times=None)
    assert [posted(slack, TEXT)[0] for _ in range(3)] == [503, 503, 503]
    slack.recover()
    assert posted(slack, TEXT) == (200, "ok")
    assert len(slack.posts) == 1


@pytest.mark.parametrize(("script", "seen"), [({"close": True}, []), ({"lose": True}, ["lost"])])
def test_an_answer_can_be_withheld_with_and_without_the_message(
    slack: ScriptedSlack, script: dict[str, bool], seen: list[str]
) -> None:
    slack.script(**script)  # type: ignore[arg-type]
    with pytest.raises((ConnectionError, HTTPException)):
        posted(slack, TEXT)
    assert [message.answered for message in slack.posts] == seen


def _ignored(url: str) -> None:
    with suppress(OSError, HTTPException):
        asked(url, TEXT)


def test_an_answer_can_be_late_and_leaving_does_not_wait_for_it() -> None:
    began_at = SYSTEM.monotonic()
    with ScriptedSlack() as slack:
        slack.script(delay_s=0.1)
        posted(slack, TEXT)
        assert SYSTEM.monotonic() - began_at >= 0.1
        slack.script(delay_s=60)
        held = threading.Thread(target=_ignored, args=(slack.webhook_url("alarm"),))
        held.start()
    held.join()
    assert SYSTEM.monotonic() - began_at < 30


def test_slack_can_be_down_and_comes_back_at_the_same_place(slack: ScriptedSlack) -> None:
    for _ in range(5):
        slack.down()
        with pytest.raises(ConnectionRefusedError):
            posted(slack, TEXT)
        slack.up()
        assert posted(slack, TEXT) == (200, "ok")


def test_a_channel_takes_a_burst_and_then_its_rate() -> None:
    clock = FakeClock()
    with ScriptedSlack(burst=2, rate_per_s=0.5, clock=clock) as slack:
        assert [posted(slack, TEXT)[0] for _ in range(3)] == [200, 200, 429]
        assert asked(slack.webhook_url("alarm"), TEXT)[2]["Retry-After"] == "2"
        assert posted(slack, TEXT, "devops") == (200, "ok")
        clock.advance(2)
        assert [posted(slack, TEXT)[0] for _ in range(2)] == [200, 429]
        said = [called(slack, "chat.postMessage", {"channel": "#a", **TEXT}) for _ in range(3)]
        assert [answer.get("error") for answer in said] == [None, None, "ratelimited"]


def test_arrivals_are_told_by_its_clock() -> None:
    clock = FakeClock(now=1_631_000_000.0)
    with ScriptedSlack(clock=clock) as slack:
        posted(slack, TEXT)
        clock.advance(5)
        posted(slack, TEXT)
        assert [message.at for message in slack.posts] == [1_631_000_000.0, 1_631_000_005.0]


def test_waiting_ends_when_the_messages_are_there(slack: ScriptedSlack) -> None:
    threading.Thread(target=lambda: [posted(slack, {"text": str(number)}) for number in range(3)]).start()
    assert [message.payload["text"] for message in slack.wait_for(2)][:2] == ["0", "1"]
    [last] = slack.wait_for(lambda message: message.payload["text"] == "2")
    assert last.verb is Verb.POST


def test_waiting_in_vain_tells_what_came_instead(slack: ScriptedSlack) -> None:
    posted(slack, TEXT)
    posted(slack, {})
    with pytest.raises(AssertionError) as caught:
        slack.wait_for(2, timeout_s=0.01)
    assert str(caught.value).splitlines() == [
        "not received within 0.01 s: 2",
        "<ScriptedSlack, 2 messages>",
        "  <post alarm ok: 'something broke'>",
        "  <post alarm no_text: ''>",
    ]
