"""Slack's Web API with a bot token: posts, edits in place, threads, and the full stack as a file in the thread."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, assert_never

from bongsu.clock import Clock
from bongsu.delivery import http, reading
from bongsu.delivery.answer import Answer, Delivered, Rejected, RetryAfter, Unknown, about
from bongsu.delivery.destination import Destination
from bongsu.messages import slack, text
from bongsu.messages.delivery import Verb
from bongsu.messages.message import Message
from bongsu.messages.style import Style
from bongsu.routing import Ability

_STACK_FILE = "traceback.txt"


class SlackBot:
    """One Slack channel, reached with a bot token (scope chat:write; files:write for the full stack).

    The receipt is `{"channel": id as returned, "ts": text}`: both exactly as Slack wrote them.
    """

    ability = Ability.EDITS

    def __init__(self, destination: Destination, style: Style, clock: Clock, line: http.Line) -> None:
        self._api = destination.url
        self._token = destination.secret
        self._channel = destination.target
        self._style = style
        self._silent = replace(style, mention=None)  # for edits: whom they mention is not called
        self._clock = clock
        self._line = line

    def send(
        self, verb: Verb, message: Message, receipt: Mapping[str, str] | None = None, *, plain: bool = False
    ) -> Answer:
        until = self._line.until()
        if verb is Verb.POST or verb is Verb.FORWARD:
            card = slack.payload(message, self._style, plain=plain)
            return about(self._say("chat.postMessage", card | {"channel": self._channel}, until), card)
        if receipt is None or not {"channel", "ts"} <= receipt.keys():
            return Rejected("no_receipt", gone=True)
        match verb:
            case Verb.EDIT:
                card = slack.payload(message, self._silent, plain=plain)
                # What an edit does not name would stay: a plain text under the old card.
                place = {"channel": receipt["channel"], "ts": receipt["ts"]}
                said = self._say("chat.update", {"blocks": [], "attachments": []} | card | place, until)
                return _about_a_message(about(said, card))
            case Verb.REPLY:
                place = {"channel": receipt["channel"], "thread_ts": receipt["ts"]}
                said = self._say("chat.postMessage", slack.reply(message, self._style) | place, until)
                return _about_a_message(said)
            case Verb.STACK:
                return self._attach(text.full_stack(message).encode("utf-8", "replace"), receipt, until)
        assert_never(verb)

    def close(self) -> None:
        """Nothing is kept open between two sends."""

    def _say(self, method: str, arguments: Mapping[str, Any], until: float) -> Answer:
        body = json.dumps(arguments).encode("ascii")
        data, answer = self._call(method, body, "application/json; charset=utf-8", until)
        return answer or Delivered({key: data[key] for key in ("channel", "ts") if isinstance(data.get(key), str)})

    def _attach(self, stack: bytes, receipt: Mapping[str, str], until: float) -> Answer:
        """Three requests; only the last makes the file visible, so an answer lost before it costs no duplicate."""
        if not stack:
            return Delivered()
        slot, answer = self._form("files.getUploadURLExternal", until, filename=_STACK_FILE, length=str(len(stack)))
        answer = answer or self._upload(slot, stack, until)
        if answer:
            return _left_out(RetryAfter(answer.word) if isinstance(answer, Unknown) else answer)
        place = {"channel_id": receipt["channel"], "thread_ts": receipt["ts"]}
        files = json.dumps([{"id": slot.get("file_id"), "title": _STACK_FILE}])
        _, answer = self._form("files.completeUploadExternal", until, files=files, **place)
        return _left_out(answer) if answer else Delivered()

    def _upload(self, slot: Mapping[str, Any], stack: bytes, until: float) -> Answer | None:
        url = slot.get("upload_url")
        if not isinstance(url, str) or not url.startswith(self._api.partition("//")[0]) or not _is_sound(url):
            return Unknown("not_understood")
        headers = {"Content-Type": "application/octet-stream"}
        result = http.post(url, stack, headers, until=until, environ=self._line.environ)
        if not isinstance(result, http.Response):
            return reading.unheard(result)
        return None if result.status == 200 else reading.understood(result.body.strip(), result, self._clock.now())

    def _form(self, method: str, until: float, **arguments: str) -> tuple[dict[str, Any], Answer | None]:
        from urllib.parse import urlencode

        return self._call(method, urlencode(arguments).encode("ascii"), "application/x-www-form-urlencoded", until)

    def _call(self, method: str, body: bytes, kind: str, until: float) -> tuple[dict[str, Any], Answer | None]:
        """What Slack returned, and an answer unless that was a yes: status 200 and `"ok": true`."""
        headers = {"Content-Type": kind, "Authorization": f"Bearer {self._token}"}
        result = http.post(f"{self._api}{method}", body, headers, until=until, environ=self._line.environ)
        if not isinstance(result, http.Response):
            return {}, reading.unheard(result)
        data = reading.json_object(result.body)
        if result.status == 200 and data.get("ok") is True:
            return data, None
        if result.status == 200 and data.get("ok") is False:
            return {}, reading.refused(data.get("error"), result, self._clock.now())
        return {}, reading.understood(data.get("error"), result, self._clock.now())


def _about_a_message(answer: Answer) -> Answer:
    """An unheard-of refusal of an edit or reply most likely means that the message is gone.

    What Slack says when the parent of a thread was deleted is not documented.
    """
    match answer:
        case Rejected(dead=False, plain=False, gone=False):
            return Rejected(answer.word, gone=True)
    return answer


def _left_out(answer: Answer) -> Answer:
    """The file is a nicety: an app without the scope for it is a working destination."""
    if isinstance(answer, Rejected) and answer.word in ("missing_scope", "file_uploads_disabled"):
        return Delivered(word=answer.word)
    return answer


def _is_sound(url: str) -> bool:
    """Whether a URL that came over the network can be asked at all."""
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(url)
        return bool(parts.hostname) and parts.port != 0 and url.isascii() and url.isprintable() and " " not in url
    except ValueError:
        return False
