"""An incoming webhook of Slack, or of a server that takes the same payload."""

import json

from bongsu.clock import Clock
from bongsu.delivery import http, reading
from bongsu.delivery.answer import Answer, Delivered, about
from bongsu.delivery.channels.one_way import OneWay, Receipt
from bongsu.delivery.destination import Destination
from bongsu.messages import slack
from bongsu.messages.message import Message
from bongsu.messages.style import Style
from bongsu.routing import Ability


class Webhook(OneWay):
    """Posts only: a webhook's answer has no ts, so nothing can be edited or replied to."""

    ability = Ability.POSTS

    def __init__(self, destination: Destination, style: Style, clock: Clock, line: http.Line) -> None:
        self._url = destination.url
        self._style = style
        self._clock = clock
        self._line = line

    def _post(self, message: Message, receipt: Receipt, *, plain: bool) -> Answer:
        payload = slack.payload(message, self._style, plain=plain, brief=receipt is not None)
        body = json.dumps(payload).encode("ascii")
        headers = {"Content-Type": "application/json; charset=utf-8"}
        result = http.post(self._url, body, headers, until=self._line.until(), environ=self._line.environ)
        if isinstance(result, http.Response):
            return about(read(result, self._clock.now()), payload)
        return reading.unheard(result)


def read(response: http.Response, now: float) -> Answer:
    """What a webhook's answer means.

    Yes is status 200 and the body `ok` (Slack, Mattermost) or JSON that says `"ok": true` or `"success": true`
    (Rocket.Chat); nothing else is. A no is one word, as text or as `error` in JSON.
    """
    body = response.body.strip()
    data = reading.json_object(body)
    if response.status == 200 and (body == "ok" or data.get("ok") is True or data.get("success") is True):
        return Delivered()
    return reading.understood(data.get("error", body), response, now)
