"""Attachments, with blocks or of the old kind: https://docs.slack.dev/messaging/formatting-message-text#attachments"""

import re
from datetime import UTC, datetime
from typing import Any

from bongsu.messages.drawing.blocks import blocks
from bongsu.messages.drawing.elements import element, folded
from bongsu.messages.drawing.literals import link, literal
from bongsu.messages.drawing.mrkdwn import mrkdwn, plain
from bongsu.messages.drawing.values import Json, objects, placed, string

_NAMED_COLOURS = {"good": "#2eb886", "warning": "#daa038", "danger": "#a30200"}
_COLOUR = re.compile(r"#?[0-9a-fA-F]{6}")
_LAST_TS = 2**32  # the year 2106


def attachments(value: Any) -> str:
    return "".join(_attachment(one, path) for path, one in placed(value, "attachments"))


def _attachment(one: Json, path: str) -> str:
    inside = _old(one) + blocks(one.get("blocks"), f"{path}.blocks") + _footer(one)
    inside = inside or f"<div>{literal(string(one.get('fallback')))}</div>"
    pretext = string(one.get("pretext"))
    above = f'<div class="pretext">{mrkdwn(pretext)}</div>' if pretext else ""
    return f'{above}<div class="attachment" data-path="{path}">{_bar(one)}<div class="inside">{inside}</div></div>'


def _bar(one: Json) -> str:
    """An attribute of SVG, not a style: no value of a payload ever stands in CSS."""
    colour = string(one.get("color"))
    colour = f"#{colour.lstrip('#')}" if _COLOUR.fullmatch(colour) else _NAMED_COLOURS.get(colour, "")
    filled = f' fill="{colour}"' if colour else ""
    return f'<svg class="bar" aria-hidden="true"><rect width="100%" height="100%"{filled}/></svg>'


def _old(one: Json) -> str:
    """The keys that are older than blocks."""
    author, title, told = (string(one.get(key)) for key in ("author_name", "title", "text"))
    parts = []
    if author:
        parts.append(f'<div class="author">{link(string(one.get("author_link")), literal(author))}</div>')
    if title:
        parts.append(f'<div class="title"><b>{link(string(one.get("title_link")), plain(title))}</b></div>')
    if told:
        parts.append(folded(told, f'<div class="text">{mrkdwn(told)}</div>'))
    if fields := "".join(map(_field, objects(one.get("fields")))):
        parts.append(f'<div class="fields">{fields}</div>')
    if buttons := "".join(map(element, objects(one.get("actions")))):
        parts.append(f'<div class="block actions">{buttons}</div>')
    parts += [f'<span class="picture {size}">image</span>' for key, size in _PICTURES if one.get(key)]
    return "".join(parts)


_PICTURES = (("image_url", "large"), ("thumb_url", "thumb"))


def _field(field: Json) -> str:
    wide = "" if field.get("short") is True else ' class="wide"'
    return f"<div{wide}><b>{literal(string(field.get('title')))}</b><br>{mrkdwn(string(field.get('value')))}</div>"


def _footer(one: Json) -> str:
    ts = one.get("ts")
    parts = [literal(string(one.get("footer")))]
    if isinstance(ts, int | float) and not isinstance(ts, bool) and 0 < ts < _LAST_TS:
        parts.append(f"{datetime.fromtimestamp(ts, UTC):%Y-%m-%d %H:%M} UTC")
    told = " | ".join(part for part in parts if part)
    return f'<div class="footer">{told}</div>' if told else ""
