"""The words of a payload that somebody else has laid out: for phones, terminals, and where Slack refused the layout."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from bongsu.messages import limits
from bongsu.messages.characters import clip, one_line, unescape

_ADDRESS = r"(?:https?://|mailto:|tel:)[^<>|]*"
_LABELLED = re.compile(rf"<(?:[!@#][^<>|]*|{_ADDRESS})\|([^<>]*)>")
_BARE = re.compile(rf"<(?:!(?:subteam\^)?([^<>|^\s]+)|([@#][^<>|\s]+|{_ADDRESS}))>")
_IN_ONE_LINE = ("rich_text_section", "rich_text_preformatted", "rich_text_quote")
_TOLD = ("pretext", "title", "text", "alt_text")
_FIRST = ("pretext", "title")  # where several keys hold text, these are read before the rest


def unmarked(mrkdwn: str) -> str:
    """Slack's markup as a person reads it: labels of links, names of mentions, no entities."""
    text = _BARE.sub(lambda match: f"@{match[1]}" if match[1] else match[2], _LABELLED.sub(r"\1", mrkdwn))
    return unescape(text)


def spoken(payload: Mapping[str, Any], limit: int) -> str:
    """What a payload says in its blocks and attachments, one line for each text; nothing is repeated."""
    lines: dict[str, None] = {}
    for text in _texts([payload.get("blocks"), payload.get("attachments")], 0):
        line = "\n".join(one for one in map(str.rstrip, text.splitlines()) if one)
        if line.strip():
            lines[line] = None
    return clip("\n".join(lines), limit)


def _texts(value: Any, depth: int) -> Iterator[str]:
    if depth > limits.PAYLOAD_DEPTH:
        return
    match value:
        case list():
            for one in value:
                yield from _texts(one, depth + 1)
        case Mapping():
            yield from _of_object(value, depth)


def _of_object(value: Mapping[str, Any], depth: int) -> Iterator[str]:
    if value.get("type") in ("table", "data_table") and isinstance(value.get("rows"), list):
        yield from (" · ".join(one_line(text) for text in _texts(row, depth + 1)) for row in value["rows"])
        return
    if value.get("type") in _IN_ONE_LINE and isinstance(value.get("elements"), list):
        yield "".join(_leaf(one) for one in value["elements"])
        return
    told = (*_TOLD, "value") if "title" in value else _TOLD  # the value of an old attachment's field, of no button
    for key in sorted(value, key=lambda key: key not in _FIRST):
        inner = value[key]
        if not isinstance(inner, str):
            yield from _texts(inner, depth + 1)
        elif key in told:
            yield unmarked(inner)


def _leaf(one: Any) -> str:
    if not isinstance(one, Mapping):
        return ""
    for key in ("text", "url", "fallback", "user_id", "usergroup_id", "channel_id"):
        if isinstance(one.get(key), str):
            return str(one[key])
    if one.get("type") == "emoji" and isinstance(one.get("name"), str):
        return f":{one['name']}:"
    return f"@{one['range']}" if isinstance(one.get("range"), str) else ""
