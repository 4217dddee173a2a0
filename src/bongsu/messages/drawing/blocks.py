"""Every block that a message can hold: https://docs.slack.dev/reference/block-kit/blocks"""

from collections.abc import Iterator
from typing import Any

from bongsu.messages import limits
from bongsu.messages.drawing.elements import element, folded, picture, text
from bongsu.messages.drawing.literals import link, literal
from bongsu.messages.drawing.markdown import markdown
from bongsu.messages.drawing.rich_text import rich_text
from bongsu.messages.drawing.values import Json, object_of, objects, placed, string


def blocks(value: Any, path: str) -> str:
    """A list of blocks, each marked with its place."""
    return "".join(_block(block, place) for place, block in placed(value, path))


def _block(block: Json, place: str) -> str:
    kind = string(block.get("type"))
    name = kind if kind in _KNOWN else "outline"
    return f'<div class="block {name}" data-path="{place}">{_inside(block, kind)}</div>'


_KNOWN = (
    "section",
    "header",
    "divider",
    "context",
    "rich_text",
    "actions",
    "markdown",
    "table",
    "data_table",
    "image",
    "video",
)


def _inside(block: Json, kind: str) -> str:
    match kind:
        case "section":
            return _section(block)
        case "header":
            return f"<h3>{text(block.get('text'))}</h3>"
        case "divider":
            return "<hr>"
        case "context":
            return "".join(map(_context, objects(block.get("elements"))))
        case "rich_text":
            return rich_text(block)
        case "actions":
            return "".join(map(element, objects(block.get("elements"))))
        case "markdown":
            return markdown(string(block.get("text")))
        case "table" | "data_table":
            return _table(block)
        case "image":
            return _title(block) + picture(block, "large")
        case "video":
            return _video(block)
    return _outline(block, kind)


def _section(block: Json) -> str:
    told, drawn = object_of(block.get("text")), ""
    if told:
        drawn = f'<div class="text">{text(told)}</div>'
        drawn = drawn if block.get("expand") is True else folded(string(told.get("text")), drawn)
    fields = "".join(f"<div>{text(field)}</div>" for field in objects(block.get("fields")))
    drawn += f'<div class="fields">{fields}</div>' if fields else ""
    accessory = object_of(block.get("accessory"))
    beside = f'<div class="accessory">{element(accessory)}</div>' if accessory else ""
    return f'<div class="main">{drawn}</div>{beside}'


def _context(one: Json) -> str:
    if one.get("type") == "image":
        return picture(one, "tiny")
    return f"<span>{text(one)}</span>"


def _title(block: Json) -> str:
    title = text(block.get("title"))
    return f'<div class="title">{title}</div>' if title else ""


def _video(block: Json) -> str:
    title = link(string(block.get("title_url")), f"<b>{text(block.get('title'))}</b>")
    names = (string(block.get(key)) for key in ("author_name", "provider_name"))
    by = literal(" · ".join(name for name in names if name))
    lines = (title, text(block.get("description")), f'<span class="soft">{by}</span>' if by else "")
    told = "".join(f"<div>{line}</div>" for line in lines if line)
    return f'{told}<span class="picture large">▶ {literal(string(block.get("alt_text")))}</span>'


def _table(block: Json) -> str:
    rows, settings = block.get("rows"), block.get("column_settings")
    columns = settings if isinstance(settings, list) else []
    drawn = (_row(row, columns) for row in rows) if isinstance(rows, list) else ()
    return f"<table>{''.join(drawn)}</table>"


def _row(row: Any, columns: list[Any]) -> str:
    cells = (_cell(cell, object_of(columns[at]) if at < len(columns) else {}) for at, cell in enumerate(objects(row)))
    return f"<tr>{''.join(cells)}</tr>"


def _cell(cell: Json, column: Json) -> str:
    align = column.get("align")
    names = [align] if align in ("left", "center", "right") else []
    names += ["wrapped"] if column.get("is_wrapped") is True else []
    inside = rich_text(cell) if cell.get("type") == "rich_text" else literal(string(cell.get("text")))
    return f'<td class="{" ".join(names)}">{inside}</td>' if names else f"<td>{inside}</td>"


def _outline(block: Json, kind: str) -> str:
    """Of a block that alerts have no use for: its kind, and every text in it."""
    texts = "".join(f"<div>{text(one)}</div>" for one in _texts(block, limits.PAYLOAD_DEPTH))
    return f'<div class="soft">{literal(kind[:60]) or "no type"}</div>{texts}'


def _texts(value: Any, depth: int) -> Iterator[Json]:
    """The text objects within, in their order."""
    if isinstance(value, dict) and value.get("type") in ("mrkdwn", "plain_text"):
        yield value
    elif depth > 0:
        for one in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            yield from _texts(one, depth - 1)
