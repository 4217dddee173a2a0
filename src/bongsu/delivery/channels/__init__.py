"""One file per kind of destination; each is loaded when the first destination of its kind is opened."""

from typing import assert_never

from bongsu.clock import Clock
from bongsu.delivery.channel import Channel
from bongsu.delivery.destination import Destination, Scheme
from bongsu.delivery.http import DEFAULT_LINE, Line
from bongsu.messages.style import Style


def open_channel(destination: Destination, style: Style, *, clock: Clock, line: Line = DEFAULT_LINE) -> Channel:
    """The channel that carries messages to a destination. Nothing is connected or opened before the first send."""
    match destination.scheme:
        case Scheme.WEBHOOK:
            from bongsu.delivery.channels.webhook import Webhook

            return Webhook(destination, style, clock, line)
        case Scheme.SLACK:
            from bongsu.delivery.channels.slack import SlackBot

            return SlackBot(destination, style, clock, line)
        case Scheme.CONSOLE:
            from bongsu.delivery.channels.console import Console

            return Console(style)
        case Scheme.FILE:
            from bongsu.delivery.channels.file import JsonLines

            return JsonLines(destination, style)
        case Scheme.SENTRY:
            from bongsu.delivery.channels.sentry import SentryServer

            return SentryServer(destination, clock, line)
        case Scheme.MAIL:
            from bongsu.delivery.channels.mail import Mail

            return Mail(destination, style, clock, line)
        case Scheme.JSON:
            from bongsu.delivery.channels.json_webhook import JsonWebhook

            return JsonWebhook(destination, style, clock, line)
        case Scheme.APPRISE:
            from bongsu.delivery.channels.apprise import AppriseService

            return AppriseService(destination, style, line)
    assert_never(destination.scheme)
