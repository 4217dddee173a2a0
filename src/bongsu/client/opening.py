"""A channel is opened for the style of its readers, and anew when their clocks are put forward or back."""

import threading
from collections.abc import Callable, Mapping

from bongsu.clock import Clock, utc_offset_s
from bongsu.config import Settings
from bongsu.delivery.answer import Answer
from bongsu.delivery.channel import Channel
from bongsu.messages.delivery import Verb
from bongsu.messages.message import Message
from bongsu.messages.style import Style


class Opening:
    """Opens the channels of some settings."""

    def __init__(self, settings: Settings, clock: Clock, gate: threading.RLock) -> None:
        """`gate`: held while something is imported; a fork waits for it."""
        self._settings = settings
        self._clock = clock
        self._gate = gate

    def __call__(self, channel: str) -> Channel:
        """The channel of that name."""
        with self._gate:
            from bongsu.delivery import http, words

            http.load(secure=self._settings.destinations[channel].url.startswith("https:"))
            assert words, "imported for the day when something is refused"
        return InZone(self._offset_s, self._clock.now(), lambda offset_s: self._opened(channel, offset_s))

    def _offset_s(self, at: float) -> int:
        try:
            return utc_offset_s(at, self._settings.timezone)
        except (OverflowError, ValueError, OSError):  # no calendar has such a moment
            return utc_offset_s(self._clock.now(), self._settings.timezone)

    def _opened(self, channel: str, offset_s: int) -> Channel:
        settings = self._settings
        style = Style(
            language=settings.language,
            utc_offset_s=offset_s,
            links=settings.links,
            mention=settings.channels[channel].calls,
        )
        with self._gate:  # it imports its own
            from bongsu.delivery.channels import open_channel

            return open_channel(settings.destinations[channel], style, clock=self._clock)


class InZone:
    """A channel whose messages tell the time by the offset in force at their own moment."""

    def __init__(self, offset_s: Callable[[float], int], now: float, opened: Callable[[int], Channel]) -> None:
        """`offset_s` takes a moment, `opened` the offset from UTC in seconds."""
        self._offset_s = offset_s
        self._opened = opened
        self._at_offset_s = offset_s(now)
        self._channel = opened(self._at_offset_s)
        self.ability = self._channel.ability

    def send(
        self, verb: Verb, message: Message, receipt: Mapping[str, str] | None = None, *, plain: bool = False
    ) -> Answer:
        offset_s = self._offset_s(message.at)
        if offset_s != self._at_offset_s:
            self._channel.close()
            self._channel, self._at_offset_s = self._opened(offset_s), offset_s
        return self._channel.send(verb, message, receipt, plain=plain)

    def close(self) -> None:
        self._channel.close()
