"""The card on stderr: for trying out, and for programs whose stderr somebody reads."""

import os
import sys
from typing import TextIO

from bongsu.delivery.answer import Answer, Delivered, RetryAfter
from bongsu.delivery.channels.one_way import OneWay, Receipt
from bongsu.messages import text
from bongsu.messages.message import Message
from bongsu.messages.style import Style
from bongsu.routing import Ability


class Console(OneWay):
    """Writes to whatever `sys.stderr` is at the moment of sending. Colour only on a terminal, and without NO_COLOR."""

    ability = Ability.POSTS

    def __init__(self, style: Style) -> None:
        self._style = style

    def _post(self, message: Message, receipt: Receipt, *, plain: bool) -> Answer:
        stream: TextIO | None = sys.stderr
        if stream is None:  # a program without a console, e.g. pythonw or a daemon
            return RetryAfter("no_stderr")
        try:
            card = text.card(message, self._style, colour=_is_coloured(stream) and not plain, brief=receipt is not None)
            encoding = getattr(stream, "encoding", None) or "utf-8"
            stream.write(f"{card}\n".encode(encoding, "backslashreplace").decode(encoding))
            stream.flush()
        except (OSError, ValueError):  # ValueError: the stream was closed
            return RetryAfter("no_stderr")
        return Delivered()


def _is_coloured(stream: TextIO) -> bool:
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
