"""The source tree as the house tests read it."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "bongsu"

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One parsed Python file."""

    path: str  # relative to the repository
    text: str
    tree: ast.Module


@cache
def sources(folder: Path = PACKAGE) -> tuple[Source, ...]:
    """Every Python file below the folder, sorted by path."""
    files = sorted(path for path in folder.rglob("*.py") if "__pycache__" not in path.parts)
    assert files, f"no Python files below {folder}"
    return tuple(_parse(path) for path in files)


def functions(tree: ast.AST, prefix: str = "") -> Iterator[tuple[str, Function]]:
    """Every function with its dotted name: `Class.method`, `outer.inner`."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, Function | ast.ClassDef):
            name = f"{prefix}{node.name}"
            if isinstance(node, Function):
                yield name, node
            yield from functions(node, f"{name}.")
        else:
            yield from functions(node, prefix)


def _parse(path: Path) -> Source:
    text = path.read_text(encoding="utf-8")
    return Source(path=str(path.relative_to(ROOT)), text=text, tree=ast.parse(text, str(path)))
