"""What Slack says to one request: the rules of a workspace, without sockets or threads."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from hmac import compare_digest
from typing import Any
from urllib.parse import parse_qsl

from bongsu.clock import Clock
from bongsu.messages.delivery import Verb
from bongsu.messages.judge import judge

Json = dict[str, Any]

# What an incoming webhook's words come with; all others with 400.
_STATUS = {
    **dict.fromkeys(("action_prohibited", "invalid_token", "posting_to_general_channel_denied"), 403),
    **dict.fromkeys(("channel_not_found", "no_active_hooks", "no_service", "no_service_id", "no_team"), 404),
    "channel_is_archived": 410,
    "rate_limited": 429,
    "rollup_error": 500,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """One message that came in, and what was said to it."""

    at: float  # arrival, seconds since the epoch
    verb: Verb
    channel: str  # as the sender named it: `alarm` of a webhook, `#000-alarm` of a bot
    ts: str | None  # of the message that was posted or edited; None: there is none
    thread_ts: str | None
    payload: Mapping[str, Any]
    answered: str  # `ok`, Slack's word or the status; `lost`: accepted, and the answer thrown away

    @property
    def accepted(self) -> bool:
        """Whether people see it."""
        return self.answered in ("ok", "lost")

    def __repr__(self) -> str:
        return f"<{self.verb} {self.channel} {self.answered}: {str(self.payload.get('text', ''))[:100]!r}>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """What is done with one request, other than what Slack would do."""

    word: str = ""
    status: int = 0
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    delay_s: float = 0.0
    close: bool = False
    lose: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One POST as it came in."""

    at: float
    path: str
    headers: Mapping[str, str]  # names in lower case
    body: bytes
    script: Script


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What goes back."""

    status: int = 200
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


class _Refused(Exception):
    def __init__(self, word: str) -> None:
        self.word = word
        super().__init__(word)


class Workspace:
    """Channels, the messages in them, and one app with its token. Not for two threads at a time."""

    def __init__(self, *, base_url: str, token: str, burst: int | None, rate_per_s: float, clock: Clock) -> None:
        self.messages: list[Received] = []
        self._base_url = base_url
        self._token = token
        self._burst = burst
        self._rate_per_s = rate_per_s
        self._clock = clock
        self._buckets: dict[str, tuple[float, float]] = {}  # channel → messages left, at that time
        self._ids: dict[str, str] = {}  # channel's name → id
        self._uploads: dict[str, tuple[str, bytes]] = {}  # file id → name, bytes
        self._posted = 0

    def answer(self, request: Request) -> Reply:
        """What Slack, or the script, says to a request."""
        kind, _, rest = request.path.lstrip("/").partition("/")
        match kind:
            case "services":
                return self._webhook(request, rest.rpartition("/")[2])
            case "api":
                return self._api(request, rest)
            case "upload":
                return self._upload(request, rest)
        return Reply(status=404, body="<html>not found</html>")

    def _webhook(self, request: Request, channel: str) -> Reply:
        payload = _object(request.body)
        thread = payload.get("thread_ts") if payload else None
        verb = Verb.REPLY if thread else Verb.POST
        if scripted := _scripted(request.script):
            self._keep(request, verb, channel, None, thread, payload, answered=_said(request.script))
            return scripted
        word, retry_after = self._objection(channel, payload)
        self._keep(request, verb, channel, None if word else self._ts(), thread, payload, answered=word)
        return Reply(status=_STATUS.get(word, 400), body=word, headers=retry_after) if word else Reply(body="ok")

    def _api(self, request: Request, method: str) -> Reply:
        arguments = _arguments(request)
        if scripted := _scripted(request.script, api=True):
            self._keep_call(request, method, arguments or {}, _said(request.script))
            return scripted
        try:
            self._authorise(request.headers.get("authorization", ""))
            if arguments is None:
                raise _Refused("invalid_json")
            said = self._call(request, method, arguments)
        except _Refused as refusal:
            self._keep_call(request, method, arguments or {}, refusal.word)
            limited = refusal.word == "ratelimited"
            headers = self._wait(self._channel(arguments)) if limited else {}
            return _refusal(refusal.word, status=429 if limited else 200, headers=headers)
        return Reply(body=json.dumps({"ok": True, **said}))

    def _authorise(self, header: str) -> None:
        scheme, _, token = header.partition(" ")
        if scheme != "Bearer" or not token:
            raise _Refused("not_authed")
        if not compare_digest(token.encode(), self._token.encode()):
            raise _Refused("invalid_auth")

    def _call(self, request: Request, method: str, arguments: Json) -> Json:
        match method:
            case "auth.test":
                return {"team": "Scripted", "user": "bongsu", "bot_id": "B0"}
            case "chat.postMessage":
                return self._post(request, arguments)
            case "chat.update":
                return self._update(request, arguments)
            case "files.getUploadURLExternal":
                return self._make_upload(arguments)
            case "files.completeUploadExternal":
                return self._complete_upload(request, arguments)
        raise _Refused("unknown_method")

    def _post(self, request: Request, arguments: Json) -> Json:
        channel, thread = self._channel(arguments), arguments.get("thread_ts")
        if not channel:
            raise _Refused("channel_not_found")
        if thread is not None and not self._has(channel, thread):
            raise _Refused("thread_not_found")
        word, _ = self._objection(channel, arguments)
        if word:
            raise _Refused("ratelimited" if word == "rate_limited" else word)
        ts = self._ts()
        self._keep(request, Verb.REPLY if thread else Verb.POST, channel, ts, thread, arguments)
        return {"channel": self._id(channel), "ts": ts}

    def _update(self, request: Request, arguments: Json) -> Json:
        channel, ts = self._channel(arguments), arguments.get("ts")
        if channel.startswith("#") and arguments.get("channel") == channel:
            raise _Refused("channel_not_found")  # an edit wants the id that the post returned
        if not isinstance(ts, str) or not self._has(channel, ts):
            raise _Refused("message_not_found")
        if problems := judge(arguments):
            raise _Refused(problems[0].word)
        self._keep(request, Verb.EDIT, channel, ts, None, arguments)
        return {"channel": self._id(channel), "ts": ts}

    def _make_upload(self, arguments: Json) -> Json:
        if not arguments.get("filename") or not str(arguments.get("length", "")).isdecimal():
            raise _Refused("invalid_arguments")
        file_id = f"F{len(self._uploads) + 1:08d}"
        self._uploads[file_id] = (str(arguments["filename"]), b"")
        return {"file_id": file_id, "upload_url": f"{self._base_url}/upload/{file_id}"}

    def _upload(self, request: Request, file_id: str) -> Reply:
        if scripted := _scripted(request.script):
            return scripted
        if file_id not in self._uploads:
            return Reply(status=404, body="<html>not found</html>")
        self._uploads[file_id] = (self._uploads[file_id][0], request.body)
        return Reply(body=f"OK - {len(request.body)}")

    def _complete_upload(self, request: Request, arguments: Json) -> Json:
        channel, thread = self._channel({"channel": arguments.get("channel_id")}), arguments.get("thread_ts")
        files = _json(str(arguments.get("files", "")).encode())
        if not isinstance(files, list) or not files or any(one.get("id") not in self._uploads for one in files):
            raise _Refused("file_not_found")
        if thread is not None and not self._has(channel, thread):
            raise _Refused("thread_not_found")
        for one in files:
            name, content = self._uploads[one["id"]]
            payload = {"filename": name, "text": content.decode("utf-8", "replace")}
            self._keep(request, Verb.STACK, channel, None, thread, payload)
        return {"files": [{"id": one["id"]} for one in files]}

    def _objection(self, channel: str, payload: Json | None) -> tuple[str, Mapping[str, str]]:
        """Slack's word against a message, with the headers that go with it; empty if there is none."""
        if payload is None:
            return "invalid_payload", {}
        if not self._take(channel):
            return "rate_limited", self._wait(channel)
        problems = judge(payload)
        return (problems[0].word if problems else ""), {}

    def _take(self, channel: str) -> bool:
        """Take one message out of the channel's bucket, if there is one left."""
        if self._burst is None:
            return True
        left = self._left(channel)
        self._buckets[channel] = (left - 1 if left >= 1 else left, self._clock.monotonic())
        return left >= 1

    def _left(self, channel: str) -> float:
        now, full = self._clock.monotonic(), float(self._burst or 0)
        left, since = self._buckets.get(channel, (full, now))
        return min(full, left + (now - since) * self._rate_per_s)

    def _wait(self, channel: str) -> Mapping[str, str]:
        return {"Retry-After": str(max(1, math.ceil((1 - self._left(channel)) / self._rate_per_s)))}

    def _channel(self, arguments: Json | None) -> str:
        """The channel's name, or its id if it was never named."""
        wanted = str((arguments or {}).get("channel") or "")
        return next((name for name, id_ in self._ids.items() if id_ == wanted), wanted)

    def _id(self, channel: str) -> str:
        if not channel.startswith("#"):
            return channel
        return self._ids.setdefault(channel, f"C{len(self._ids) + 1:08d}")

    def _ts(self) -> str:
        self._posted += 1
        return f"{1_600_000_000 + self._posted}.{self._posted:06d}"

    def _has(self, channel: str, ts: object) -> bool:
        posted = (message for message in self.messages if message.verb is not Verb.EDIT and message.accepted)
        return any(message.channel == channel and message.ts == ts for message in posted)

    def _keep_call(self, request: Request, method: str, arguments: Json, answered: str) -> None:
        """Keep a message that the Web API refused."""
        posted = Verb.REPLY if "thread_ts" in arguments else Verb.POST
        verbs = {"chat.update": Verb.EDIT, "chat.postMessage": posted}
        verb = verbs.get(method, Verb.STACK if method.startswith("files.") else None)
        if verb:
            channel = self._channel({"channel": arguments.get("channel") or arguments.get("channel_id")})
            self._keep(request, verb, channel, None, arguments.get("thread_ts"), arguments, answered=answered)

    def _keep(
        self,
        request: Request,
        verb: Verb,
        channel: str,
        ts: str | None,
        thread_ts: str | None,
        payload: Mapping[str, Any] | None,
        *,
        answered: str = "",
    ) -> None:
        answered = answered or ("lost" if request.script.lose else "ok")
        self.messages.append(
            Received(
                at=request.at,
                verb=verb,
                channel=channel,
                ts=ts,
                thread_ts=thread_ts,
                payload=payload or {},
                answered=answered,
            )
        )


def _scripted(script: Script, *, api: bool = False) -> Reply | None:
    if script.word:
        status = _STATUS.get(script.word, 400)
        if api:
            return _refusal(script.word, status=429 if script.status == 429 else 200, headers=script.headers)
        return Reply(status=script.status or status, body=script.word, headers=script.headers)
    if script.status or script.body:
        return Reply(status=script.status or 200, body=script.body, headers=script.headers)
    return None


def _refusal(word: str, *, status: int = 200, headers: Mapping[str, str]) -> Reply:
    return Reply(status=status, body=json.dumps({"ok": False, "error": word}), headers=headers)


def _said(script: Script) -> str:
    return script.word or str(script.status or 200)


def _arguments(request: Request) -> Json | None:
    """The arguments of a call of the Web API, sent as JSON or as a form."""
    if "json" in request.headers.get("content-type", ""):
        return _object(request.body)
    return dict(parse_qsl(request.body.decode("utf-8", "replace")))


def _object(body: bytes) -> Json | None:
    data = _json(body)
    return data if isinstance(data, dict) else None


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None
