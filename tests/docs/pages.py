"""README and docs as the tests read them."""

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
OTHER_PAGES = [
    ROOT / name for name in ("ARCHITECTURE.md", "CHANGELOG.md", "CONTRIBUTING.md", "examples/checkin/README.md")
]

# A Python block, and the marker that may stand on the line above it.
_BLOCK = re.compile(r"(?:^<!-- (?P<marker>[^>]*) -->\n)?^```python\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One Python block of a page."""

    code: str
    line: int
    not_run: bool
    fails: str  # the type of the error it is meant to end with


def blocks(page: Path) -> list[Block]:
    """The Python blocks of a page, in order."""
    text = page.read_text(encoding="utf-8")
    return [_block(match, text) for match in _BLOCK.finditer(text)]


def name(page: Path) -> str:
    """The page's path in the repository."""
    return str(page.relative_to(ROOT))


def _block(match: re.Match[str], text: str) -> Block:
    kind, _, detail = (match["marker"] or "").partition(": ")
    assert kind in ("", "not run", "fails"), f"unknown marker {match['marker']!r}"
    return Block(
        code=match["code"],
        line=text.count("\n", 0, match.start("code")) + 1,
        not_run=kind == "not run",
        fails=detail if kind == "fails" else "",
    )
