"""What Slack received, drawn for a terminal. It knows the blocks of Bongsu's cards, and no others."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from bongsu.cli.terminal import Ink, painted
from bongsu.messages.characters import unescape
from bongsu.messages.text import columns

Json = Mapping[str, Any]

WIDTH = 100
_LABELLED = re.compile(r"<(?:!date\^|https?://)[^|>]*\|([^>]*)>")  # a moment, a link


def card(payload: Json) -> str:
    """The card behind a bar."""
    first, *rest = [line for block in payload["blocks"] for line in _block(block)]
    facts = [fact for attached in payload.get("attachments", ()) for fact in _facts(attached)]
    bar = painted("│", Ink.RED)
    return "\n".join([painted(first, Ink.BOLD), *(f"{bar} {line}".rstrip() for line in [*rest, *_rows(facts)])])


def unescaped(text: str) -> str:
    """mrkdwn as people read it."""
    return unescape(_LABELLED.sub(r"\1", text).replace("`", ""))


def _block(block: Json) -> Iterator[str]:
    for part in block["elements"]:
        told = "".join(leaf["text"] for leaf in part["elements"])
        is_stack = part["type"] == "rich_text_preformatted"
        yield from ["", *told.split("\n"), ""] if is_stack else [told]


def _facts(attached: Json) -> Iterator[str]:
    for block in attached["blocks"]:
        for field in block.get("fields", ()):
            label, _, value = field["text"].partition("\n")
            yield f"{label.strip('*')} {unescaped(value).replace(chr(10), ', ')}"


def _rows(facts: list[str]) -> Iterator[str]:
    """As many on a line as fit."""
    row = ""
    for fact in facts:
        longer = f"{row} · {fact}" if row else fact
        if row and columns(longer) > WIDTH:
            yield row
            longer = fact
        row = longer
    yield row
