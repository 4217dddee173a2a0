"""Whatever the library Apprise reaches: Telegram, Discord, Teams, ntfy and a hundred more. Extra: `bongsu[apprise]`."""

import threading
from typing import Any

from bongsu.delivery import http
from bongsu.delivery.answer import Answer, Delivered, Rejected, RetryAfter, Unknown
from bongsu.delivery.channels.one_way import OneWay, Receipt
from bongsu.delivery.destination import Destination
from bongsu.delivery.wire import seconds_left
from bongsu.messages import text
from bongsu.messages.characters import clean
from bongsu.messages.message import Message, State
from bongsu.messages.style import Style
from bongsu.routing import Ability

_KINDS = {State.FIRING: "failure", State.ACKNOWLEDGED: "warning", State.QUIET: "success"}


class AppriseService(OneWay):
    """One service. Apprise says yes or no and not why, so its no may be tried again.

    It bounds each read and not their sum, so each send has a thread of its own, which is left behind at the deadline.
    """

    ability = Ability.POSTS

    def __init__(self, destination: Destination, style: Style, line: http.Line) -> None:
        self._style = style
        self._line = line
        self._library = _library()  # at the first message, not before: with all its plugins it takes 0.3 s
        self._service = self._library and self._library.Apprise.instantiate(destination.url, suppress_exceptions=True)
        self._under_way: _Attempt | None = None

    def _post(self, message: Message, receipt: Receipt, *, plain: bool) -> Answer:
        if self._under_way is not None and self._under_way.thread.is_alive():
            return RetryAfter("apprise_busy")
        if self._library is None:
            return Rejected("apprise_missing", dead=True)
        if self._service is None:
            return Rejected("apprise_url", dead=True)
        until = self._line.until()
        kind = self._library.NotifyType(_KINDS.get(message.state, "info"))
        attempt = _Attempt(self._service, self._texts(message), kind)
        self._under_way = attempt
        try:
            attempt.thread.start()
        except RuntimeError:  # no more threads, or the interpreter is ending
            return RetryAfter("no_thread")
        attempt.thread.join(seconds_left(until))
        return attempt.answer

    def _texts(self, message: Message) -> tuple[str, str]:
        first, _, rest = clean(text.plain(message, self._style)).partition("\n")
        return first, rest.strip("\n") or first


class _Attempt:
    """One send, on a thread of its own."""

    def __init__(self, service: Any, texts: tuple[str, str], kind: Any) -> None:
        self.answer: Answer = Unknown("timeout")
        self._service = service
        self._texts = texts
        self._kind = kind
        # Log records of a thread of this name are never captured: Apprise logs its failures.
        self.thread = threading.Thread(target=self._run, name="bongsu-apprise", daemon=True)

    def _run(self) -> None:
        title, body = self._texts
        try:
            sent = self._service.notify(title=title, body=body, notify_type=self._kind)
        except Exception:  # noqa: BLE001  # a plugin of Apprise runs there
            self.answer = Unknown("apprise_broken")
        else:
            self.answer = Delivered() if sent else Unknown("apprise_failed")


def _library() -> Any:
    """The library; None where it is not installed."""
    try:
        import apprise
    except ImportError:
        return None
    return apprise
