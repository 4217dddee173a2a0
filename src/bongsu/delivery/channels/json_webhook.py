"""A receiver of the user's own: a POST of Bongsu's documented JSON, signed if there is a secret."""

import hmac
import json
from typing import Any

from bongsu.alerting.causes import Cause
from bongsu.clock import Clock
from bongsu.delivery import http, reading
from bongsu.delivery.answer import Answer, Delivered, RetryAfter
from bongsu.delivery.channels.one_way import OneWay, Receipt
from bongsu.delivery.destination import Destination
from bongsu.delivery.identity import identity
from bongsu.event import Event
from bongsu.messages import text
from bongsu.messages.characters import clean
from bongsu.messages.message import Message
from bongsu.messages.style import Style
from bongsu.messages.summary import LISTS, Items, Summary
from bongsu.routing import Ability

VERSION = 1  # of the schema: names are added under the same number, and never change their meaning
SIGNATURE = "X-Bongsu-Signature"


class JsonWebhook(OneWay):
    """Any answer 2xx is a yes."""

    ability = Ability.POSTS

    def __init__(self, destination: Destination, style: Style, clock: Clock, line: http.Line) -> None:
        self._url = destination.url
        self._secret = destination.secret.encode("utf-8", "replace")
        self._style = style
        self._clock = clock
        self._line = line

    def _post(self, message: Message, receipt: Receipt, *, plain: bool) -> Answer:
        body = json.dumps(payload(message, self._style)).encode("ascii")
        headers = {"Content-Type": "application/json; charset=utf-8"}
        if self._secret:
            headers[SIGNATURE] = f"sha256={hmac.new(self._secret, body, 'sha256').hexdigest()}"
        result = http.post(self._url, body, headers, until=self._line.until(), environ=self._line.environ)
        if not isinstance(result, http.Response):
            return reading.unheard(result)
        return read(result, self._clock.now())


def read(response: http.Response, now: float) -> Answer:
    """What a receiver's status means.

    Its body is not read, except to tell a log-in page from a receiver; its type says nothing, since frameworks call an
    empty answer HTML.
    """
    if 200 <= response.status < 300:
        return RetryAfter("captive_portal") if response.body.lstrip().startswith("<") else Delivered()
    return reading.understood(None, response, now)


def payload(message: Message, style: Style) -> dict[str, Any]:
    """The facts of a message, and the same as text."""
    event = message.event
    return {
        "version": VERSION,
        "id": identity(message),
        "reason": message.reason.value,
        "state": message.state.value,
        "at": message.at,
        "repeat": message.repeat,
        "title": text.heading(message, style),
        "line": text.line(message, style),
        "text": text.plain(message, style),
        "count": message.count,
        "total": message.total,
        "users": message.users,
        "problems": message.problems or int(message.summary is None),
        "first_seen_at": message.first_seen_at,
        "last_seen_at": message.last_seen_at,
        "episode_began_at": message.episode_began_at,
        "event": _event(event) if event else None,
        "entries": [
            {
                "title": clean(entry.title),
                "location": clean(entry.location),
                "count": entry.count,
                "level": entry.level.value,
            }
            for entry in message.entries
        ],
        "cause": _cause(message.cause) if message.cause else None,
        "summary": _summary(message.summary) if message.summary else None,
        "notes": [{"trouble": note.trouble.value, "detail": note.detail} for note in message.notes],
    }


def _cause(cause: Cause) -> dict[str, Any]:
    return {"kind": cause.kind.value, "text": clean(cause.text), "problems": cause.problems}


def _summary(summary: Summary) -> dict[str, Any]:
    return {
        "since": summary.since,
        **{name: _items(getattr(summary, name)) for name in LISTS},
        "endings": [{"why": clean(each.why), "until": each.until, "held": each.held} for each in summary.endings],
        "ways": [
            {
                "channel": each.channel,
                "word": each.word,
                "is_dead": each.is_dead,
                "waiting": each.waiting,
                "rejected": each.rejected,
                "rejected_word": each.rejected_word,
            }
            for each in summary.ways
        ],
        "checks": summary.checks,
    }


def _items(items: Items) -> dict[str, Any]:
    return {
        "number": items.number,
        "shown": [
            {
                "title": clean(each.title),
                "location": clean(each.location),
                "count": each.count,
                "level": each.level.value,
                "standing": each.standing.value,
            }
            for each in items.shown
        ],
    }


def _event(event: Event) -> dict[str, Any]:
    return {
        "id": event.id,
        "at": event.at,
        "kind": event.kind.value,
        "level": event.level.value,
        "title": clean(event.title),
        "message": clean(event.message),
        "location": clean(event.location),
        "app": event.app,
        "environment": event.environment,
        "release": event.release,
        "host": event.host,
        "request_id": event.request_id,
        "tags": {clean(name): clean(value) for name, value in event.tags.items()},
    }
