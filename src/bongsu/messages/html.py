"""Slack messages drawn as HTML, for a local page: one file, no script, nothing fetched from anywhere."""

import re
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from bongsu.messages.page_style import CSS, FLAME
from bongsu.messages.style import Language

Json = Mapping[str, Any]

# No script, no network; styles and the drawn avatar stand in the page itself.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"

# Emoji fonts are missing on many servers; these few signs are drawn.
_SIGNS = {
    "🔴": '<i class="dot red" title="error"></i>',
    "🟡": '<i class="dot yellow" title="warning"></i>',
    "🟢": '<i class="dot green" title="quiet"></i>',
    "🔵": '<i class="dot blue" title="info"></i>',
    "⚪": '<i class="dot white" title="debug"></i>',
    "🔥": f'<i class="flame" title="fatal">{FLAME}</i>',
    "⚠️": '<i class="warn" title="note">!</i>',
}
_NAMED_COLOURS = {"good": "#2eb886", "warning": "#daa038", "danger": "#a30200"}
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_WEB = re.compile(r"(?:https?://|mailto:)")
_MARKUP = re.compile(
    r"```\n?(?P<block>.+?)```"
    r"|`(?P<code>[^`\n]+)`"
    r"|<(?P<target>[^<>|\n]+)(?:\|(?P<label>[^<>\n]*))?>"
    r"|(?<![\w*])\*(?P<bold>[^*\n]+)\*(?![\w*])"
    r"|(?<!\w)_(?P<italic>[^_\n]+)_(?!\w)"
    r"|(?<![\w~])~(?P<strike>[^~\n]+)~(?![\w~])",
    re.DOTALL,
)
_TAGS = {"bold": "b", "italic": "em", "strike": "s"}


def card(payload: Json) -> str:
    """One message without its sender and time; a value of the wrong kind is left out, nothing raises."""
    blocks = "".join(map(_block, _objects(payload.get("blocks"))))
    shown = blocks or f"<p>{_mrkdwn(_string(payload.get('text')))}</p>"
    return shown + "".join(map(_attachment, _objects(payload.get("attachments"))))


def page(
    cards: Sequence[tuple[str, str, Json]], *, title: str, refresh_s: int | None, language: Language = "en"
) -> str:
    """A whole page with the messages of each channel, given as (channel, time of day, payload) in their order."""
    channels: dict[str, list[str]] = {}
    for channel, time, payload in cards:
        channels.setdefault(channel, []).append(_message(time, payload))
    refresh = f'<meta http-equiv="refresh" content="{refresh_s:d}">' if refresh_s else ""
    listed = "".join(f'<li><a href="#{_anchor(name)}">{_hash(name)}</a></li>' for name in channels)
    panes = "".join(
        f'<section id="{_anchor(name)}"><h2>{_hash(name)}</h2>{"".join(drawn)}</section>'
        for name, drawn in channels.items()
    )
    return (
        f'<!doctype html>\n<html lang="{language}"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">{refresh}'
        f"<title>{_literal(title)}</title><style>{CSS}</style></head>"
        f"<body><nav><h1>{FLAME}<span>{_literal(title)}</span></h1><ul>{listed}</ul></nav>"
        f"<main>{panes}</main></body></html>\n"
    )


def _message(time: str, payload: Json) -> str:
    return (
        f'<article><div class="avatar">{FLAME}</div><div class="body"><header><b>Bongsu</b>'
        f'<span class="badge">APP</span><time>{_literal(time)}</time></header>{card(payload)}</div></article>'
    )


def _hash(channel: str) -> str:
    return f'<span class="hash">#</span> {_literal(channel.removeprefix("#"))}'


def _anchor(channel: str) -> str:
    return "c-" + re.sub(r"[^\w-]", "-", channel)


def _literal(text: str) -> str:
    """Text as it is, fit for HTML and UTF-8."""
    safe = escape(text.encode("utf-8", "replace").decode())
    for sign, drawn in _SIGNS.items():
        safe = safe.replace(sign, drawn)
    return safe


def _unescaped(text: str) -> str:
    """Slack's three entities read, all else as it is."""
    return _literal(text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"))


def _mrkdwn(text: str) -> str:
    drawn, at = [], 0
    for match in _MARKUP.finditer(text):
        drawn += [_unescaped(text[at : match.start()]), _marked(match)]
        at = match.end()
    return "".join([*drawn, _unescaped(text[at:])]).replace("\n", "<br>")


def _marked(match: re.Match[str]) -> str:
    kind, content = str(match.lastgroup), match[str(match.lastgroup)]
    if kind == "block":
        return f"<pre>{_unescaped(content)}</pre>"
    if kind == "code":
        return f"<code>{_unescaped(content)}</code>"
    if kind in _TAGS:
        return f"<{_TAGS[kind]}>{_mrkdwn(content)}</{_TAGS[kind]}>"
    return _reference(match["target"], match["label"])


def _reference(target: str, label: str | None) -> str:
    """`<https://…|label>`, `<!date^…|fallback>`, `<!channel>`, `<@U1>`, `<#C1>`."""
    if target.startswith(("!date^", "!subteam^")):
        return _unescaped(label or target)
    if target.startswith("!"):
        return f'<span class="mention">@{_unescaped(label or target[1:])}</span>'
    if target.startswith(("@", "#")):
        return f'<span class="mention">{target[0]}{_unescaped(label or target[1:])}</span>'
    return _link(target.replace("&amp;", "&"), _unescaped(label or target))


def _link(url: str, drawn: str) -> str:
    return f'<a href="{escape(url)}" rel="noreferrer">{drawn}</a>' if _WEB.match(url) else drawn


def _objects(value: Any) -> list[Json]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []


def _object(value: Any) -> Json:
    return value if isinstance(value, Mapping) else {}


def _string(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _text(value: Any) -> str:
    """A text object."""
    text = _object(value)
    draw = _mrkdwn if text.get("type") == "mrkdwn" else _unescaped
    return draw(_string(text.get("text"))).replace("\n", "<br>")


def _attachment(attachment: Json) -> str:
    colour = _string(attachment.get("color"))
    bar = colour if _COLOUR.fullmatch(colour) else _NAMED_COLOURS.get(colour, "var(--line)")
    title = _string(attachment.get("title"))
    parts = [f"<p><b>{_unescaped(title)}</b></p>" if title else ""]
    parts += [f"<p>{_mrkdwn(text)}</p>" for text in (_string(attachment.get("text")),) if text]
    parts += map(_block, _objects(attachment.get("blocks")))
    return f'<div class="attachment"><i class="bar" style="background:{bar}"></i><div>{"".join(parts)}</div></div>'


def _block(block: Json) -> str:
    elements = _objects(block.get("elements"))
    match block.get("type"):
        case "section":
            return _section(block)
        case "header":
            return f"<h3>{_text(block.get('text'))}</h3>"
        case "divider":
            return "<hr>"
        case "context":
            drawn = (_text(one) if "text" in one else _literal(_string(one.get("alt_text"))) for one in elements)
            return f'<p class="context">{"<br>".join(drawn)}</p>'
        case "rich_text":
            return "".join(map(_rich, elements))
        case "actions":
            buttons = (f'<span class="button">{_text(one.get("text"))}</span>' for one in elements if one.get("text"))
            return f"<p>{' '.join(buttons)}</p>"
        case "markdown":
            return f"<p>{_literal(_string(block.get('text')))}</p>".replace("\n", "<br>")
        case "table":
            return _table(block)
        case "image" | "video":
            return f'<p class="context">[{_literal(_string(block.get("alt_text")))}]</p>'
    return ""


def _section(block: Json) -> str:
    text = f"<p>{_text(block.get('text'))}</p>" if block.get("text") else ""
    fields = "".join(f"<div>{_text(field)}</div>" for field in _objects(block.get("fields")))
    return text + (f'<div class="fields">{fields}</div>' if fields else "")


def _table(block: Json) -> str:
    rows = block.get("rows")
    drawn = ("".join(map(_cell, _objects(row))) for row in rows) if isinstance(rows, list) else ()
    return f"<table>{''.join(f'<tr>{row}</tr>' for row in drawn)}</table>"


def _cell(cell: Json) -> str:
    return f"<td>{_block(cell) or _literal(_string(cell.get('text')))}</td>"


def _rich(part: Json) -> str:
    elements = _objects(part.get("elements"))
    inner = "".join(map(_leaf, elements))
    match part.get("type"):
        case "rich_text_preformatted":
            return f"<pre>{inner}</pre>"
        case "rich_text_quote":
            return f"<blockquote>{inner}</blockquote>"
        case "rich_text_list":
            tag = "ol" if part.get("style") == "ordered" else "ul"
            items = ("".join(map(_leaf, _objects(item.get("elements")))) for item in elements)
            return f"<{tag}>{''.join(f'<li>{item}</li>' for item in items)}</{tag}>"
    return f"<p>{inner}</p>".replace("\n", "<br>")


_LEAF_TEXT = {"user": "user_id", "usergroup": "usergroup_id", "channel": "channel_id", "broadcast": "range"}
_LEAF_TAGS = {"code": "code", "bold": "b", "italic": "em", "strike": "s"}


def _leaf(leaf: Json) -> str:
    kind = _string(leaf.get("type"))
    if kind in _LEAF_TEXT:
        return f'<span class="mention">@{_literal(_string(leaf.get(_LEAF_TEXT[kind])))}</span>'
    if kind == "emoji":
        return _literal(f":{_string(leaf.get('name'))}:")
    drawn = _literal(_string(leaf.get("text")) or _string(leaf.get("fallback")) or _string(leaf.get("url")))
    style = _object(leaf.get("style"))
    for mark, tag in _LEAF_TAGS.items():
        if style.get(mark) is True:
            drawn = f"<{tag}>{drawn}</{tag}>"
    return _link(_string(leaf.get("url")), drawn) if kind == "link" else drawn
