"""A table, within Slack's bounds: rows and columns that do not fit are counted, never lost in silence."""

import json
from collections.abc import Iterable, Mapping, Set
from itertools import islice
from typing import Any

from bongsu.messages import limits
from bongsu.messages.builder.markup import told
from bongsu.messages.builder.parts import Kind, Part
from bongsu.messages.builder.parts import code as code_part
from bongsu.messages.characters import literal

Json = dict[str, Any]
Rows = list[list[str]]

_EMPTY = "–"  # Slack refuses an empty cell
_READ_MAX = 10_000  # rows looked at, and cells of each, so that an endless iterator ends


def table(rows: Iterable[Iterable[object]], *, is_first: bool) -> Iterable[Part]:
    """The first row is the head. Slack takes one table in a message: any other is aligned text."""
    values = _values(rows)
    if not values:
        return
    shown = _fitted(_even([[_cell(value) for value in row] for row in values]))
    if is_first:
        numbers = _number_columns(values)
        drawn = {"type": "table", "rows": [[_rich(cell) for cell in row] for row in shown]}
        settings = [{"align": "right" if at in numbers else "left"} for at in range(len(shown[0]))]
        yield Part(kind=Kind.TABLE, drawn=json.dumps(drawn | {"column_settings": settings}))
    else:
        yield from code_part(_aligned(shown), "")


def _values(rows: Iterable[Iterable[object]]) -> list[list[object]]:
    found: list[list[object]] = []
    for row in rows:
        if isinstance(row, str | bytes | Mapping | Set) or not isinstance(
            row, Iterable
        ):  # these have no cells in order
            raise ValueError("table: each row is a list of cells, e.g. table([('host', 'load'), ('web-1', 0.7)])")
        if len(found) >= _READ_MAX:
            break
        found.append(list(islice(row, _READ_MAX)))
    return [row for row in found if row]


def _cell(value: object) -> str:
    return literal(told("" if value is None else value), limits.OWN_TABLE_CELL) or _EMPTY


def _even(rows: Rows) -> Rows:
    """All rows as long as the longest, and none longer than Slack allows: its last cell then says so."""
    width = max(map(len, rows))
    if width > limits.TABLE_CELLS:
        width = limits.TABLE_CELLS
        rows = [row if len(row) <= width else [*row[: width - 1], "…"] for row in rows]
    return [[*row, *[_EMPTY] * (width - len(row))] for row in rows]


def _fitted(rows: Rows) -> Rows:
    """As many rows as fit, and how many more there are."""
    room, kept = limits.OWN_TABLE_TEXT, 0
    most = min(limits.TABLE_ROWS, limits.OWN_TABLE_CELLS // len(rows[0]))
    for row in rows[:most]:
        room -= sum(map(len, row))
        if room < 0 and kept:
            break
        kept += 1
    if kept == len(rows):
        return rows
    kept = min(kept, most - 1)
    plus = "+" if len(rows) >= _READ_MAX else ""
    last = [f"… {len(rows) - kept:,}{plus} more", *[_EMPTY] * (len(rows[0]) - 1)]
    return [*rows[:kept], last]


def _number_columns(rows: list[list[object]]) -> set[int]:
    """The columns with nothing but numbers below the head."""
    width = max(map(len, rows))
    below = rows[1:]
    return {at for at in range(width) if below and all(at < len(row) and _is_number(row[at]) for row in below)}


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _rich(text: str) -> Json:
    section = {"type": "rich_text_section", "elements": [{"type": "text", "text": text}]}
    return {"type": "rich_text", "elements": [section]}


def _aligned(rows: Rows) -> str:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ("  ".join(f"{cell:{width}}" for cell, width in zip(row, widths, strict=True)) for row in rows)
    return "\n".join(line.rstrip() for line in lines)
