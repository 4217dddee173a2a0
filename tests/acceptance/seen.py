"""What a person reads on a card that arrived."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from bongsu.testing import Received


def text(message: Received) -> str:
    """What a phone shows."""
    return str(message.payload["text"])


def everything(message: Received) -> str:
    """All texts of the card, one a line."""
    return "\n".join(_texts(message.payload))


def fields(message: Received) -> dict[str, str]:
    """The card's table: COUNT, SOURCE, REQUEST ID …"""
    pairs = (line.partition("*\n") for line in _texts(message.payload) if line.startswith("*"))
    return {name.strip("*"): value.replace("`", "") for name, _, value in pairs}


def count(message: Received) -> int:
    """COUNT as a number, of the episode."""
    shown = re.match(r"×([\d ,\u202f\u00a0]+)", fields(message)["COUNT"])
    assert shown is not None, everything(message)
    return int(re.sub(r"\D", "", shown[1]))


def _texts(part: Any) -> Iterator[str]:
    if isinstance(part, Mapping):
        for name, value in part.items():
            if name == "text" and isinstance(value, str):
                yield value
            else:
                yield from _texts(value)
    elif isinstance(part, list):
        for each in part:
            yield from _texts(each)
