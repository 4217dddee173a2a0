"""Blocks of type `rich_text`: https://docs.slack.dev/reference/block-kit/blocks/rich-text-block"""

import re

from bongsu.messages import limits
from bongsu.messages.drawing.literals import link, literal, mention, with_emoji
from bongsu.messages.drawing.values import Json, object_of, objects, string, whole

_OFFSET_MAX = 100_000  # of a list's first number; more is no list that a person reads
_IDS = {
    "user": ("user_id", "@"),
    "usergroup": ("usergroup_id", "@"),
    "channel": ("channel_id", "#"),
    "team": ("team_id", "@"),
    "broadcast": ("range", "@"),
}
_MARKS = {"code": "code", "underline": "u", "strike": "s", "italic": "em", "bold": "b", "highlight": "mark"}
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_CODE_POINTS = re.compile(r"[0-9a-f]{2,6}(?:-[0-9a-f]{2,6}){0,9}", re.IGNORECASE)


def rich_text(block: Json) -> str:
    return "".join(map(_part, objects(block.get("elements"))))


def _part(part: Json) -> str:
    inner = "".join(map(_leaf, objects(part.get("elements"))))
    bordered = ' class="bordered"' if part.get("border") in (1, True) else ""
    match part.get("type"):
        case "rich_text_preformatted":
            return f"<pre{bordered}>{inner}</pre>"
        case "rich_text_quote":
            return f"<blockquote{bordered}>{_broken(inner)}</blockquote>"
        case "rich_text_list":
            return _list(part)
        case "rich_text_section":
            return f"<p>{_broken(inner)}</p>"
    return ""


def _broken(inner: str) -> str:
    return inner.replace("\n", "<br>")


def _list(part: Json) -> str:
    indent = whole(part.get("indent"), 0, limits.LIST_INDENT)
    names = f"indent-{indent} turn-{indent % 3}" + (" bordered" if part.get("border") in (1, True) else "")
    items = "".join(f"<li>{_item(item)}</li>" for item in objects(part.get("elements")))
    if part.get("style") != "ordered":
        return f'<ul class="{names}">{items}</ul>'
    start = whole(part.get("offset"), 0, _OFFSET_MAX) + 1
    return f'<ol class="{names}" start="{start}">{items}</ol>'


def _item(item: Json) -> str:
    return _broken("".join(map(_leaf, objects(item.get("elements")))))


def _leaf(leaf: Json) -> str:
    kind = string(leaf.get("type"))
    if kind in _IDS:
        key, sign = _IDS[kind]
        drawn = mention(sign + literal(string(leaf.get(key))), is_loud=kind == "broadcast")
    elif kind == "emoji":
        drawn = literal(_emoji(leaf))
    elif kind == "color":
        drawn = _colour(string(leaf.get("value")))
    else:  # text, link, date
        drawn = literal(string(leaf.get("text")) or string(leaf.get("fallback")) or string(leaf.get("url")))
    for mark, tag in _MARKS.items():
        if object_of(leaf.get("style")).get(mark) is True:
            drawn = f"<{tag}>{drawn}</{tag}>"
    return link(string(leaf.get("url")), drawn) if kind in ("link", "date") else drawn


def _emoji(leaf: Json) -> str:
    """By its code points where they are given, else by its name."""
    points = string(leaf.get("unicode"))
    values = [int(one, 16) for one in points.split("-")] if _CODE_POINTS.fullmatch(points) else []
    if values and max(values) <= 0x10FFFF:
        return "".join(map(chr, values))
    return with_emoji(f":{string(leaf.get('name'))}:")


def _colour(value: str) -> str:
    if not _COLOUR.fullmatch(value):
        return literal(value)
    return f'{literal(value)}<svg class="swatch" viewBox="0 0 1 1"><rect width="1" height="1" fill="{value}"/></svg>'
