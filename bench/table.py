"""The table: ratios first, then the figures behind them, then what they must reach."""

from collections.abc import Iterable
from dataclasses import dataclass

HEADER = ("what", "ratio", "Bongsu", "peer", "must reach", "met")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One promise and its measurement."""

    what: str
    ours: str
    must: str = ""
    met: bool | None = None  # None: told for information, nothing is promised
    ratio: str = "–"
    peer: str = "–"


def times(ours: float, theirs: float) -> str:
    """Ours as a fraction of the peer's: `1/120`, or `1.3×` when ours is more."""
    if ours <= 0:
        return "0"
    return f"1/{theirs / ours:.0f}" if theirs >= 2 * ours else f"{ours / theirs:.2f}×"


def seconds(value: float) -> str:
    """A duration in the unit that a reader would choose."""
    for unit, size in (("s", 1.0), ("ms", 1e-3)):
        if abs(value) >= size:
            return f"{value / size:.3g} {unit}"
    return f"{value / 1e-6:.3g} µs"


def markdown(rows: Iterable[Row]) -> str:
    """The rows as a Markdown table."""
    lines = [HEADER, tuple("---" for _ in HEADER), *(_cells(row) for row in rows)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _cells(row: Row) -> tuple[str, ...]:
    met = {True: "yes", False: "**no**", None: ""}[row.met]
    return row.what, row.ratio, row.ours, row.peer, row.must, met
