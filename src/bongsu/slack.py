"""Messages of your own for Slack: a builder of cards, payloads from files, and a judge of both."""

import json
import os
from typing import Any

from bongsu.messages.builder.card import Card
from bongsu.messages.builder.markup import Markup
from bongsu.messages.characters import escape
from bongsu.messages.judge import Problem, judge

__all__ = ["Card", "Markup", "Problem", "escape", "judge", "load", "read"]

FILE_BYTES_MAX = 1 << 20  # of a payload; Slack takes some 12 000 characters in all blocks


def load(path: str | os.PathLike[str]) -> dict[str, Any]:
    """The payload in a JSON file, as Slack's Block Kit Builder shows it. Raises OSError, and ValueError as `read`."""
    with open(path, "rb") as file:
        data = file.read(FILE_BYTES_MAX + 1)
    try:
        return read(data)
    except ValueError as error:
        raise ValueError(f"{os.fspath(path)}: {error}") from None


def read(data: str | bytes) -> dict[str, Any]:
    """The payload in a JSON text: an object with `text`, `blocks` or `attachments`, or a bare list of blocks.

    Raises ValueError with the place where it is no JSON. What Slack would refuse of it is for `judge` to say.
    """
    if len(data) > FILE_BYTES_MAX:
        raise ValueError(f"longer than {FILE_BYTES_MAX:,} bytes, which no message of Slack is")
    try:
        found = json.loads(data.decode("utf-8-sig") if isinstance(data, bytes) else data)
    except UnicodeDecodeError as error:
        raise ValueError(f"not UTF-8 at byte {error.start}") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"line {error.lineno}, column {error.colno}: {error.msg}") from None
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if isinstance(found, list):
        return {"blocks": found}
    if not isinstance(found, dict):
        raise ValueError("neither a JSON object nor a list of blocks")
    return found
