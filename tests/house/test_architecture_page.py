"""ARCHITECTURE.md stays short and true: every path it names exists."""

import re

import pytest
from source import ROOT

PAGE = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
LINES_MAX = 150

# `code spans` that hold a slash or end like a file; those relative to the package are written from src/bongsu.
PATHS = sorted(set(re.findall(r"`([\w.-]+(?:/[\w.-]+)*(?:/|\.(?:py|md|toml|txt)))`", PAGE)))


@pytest.mark.parametrize("path", PATHS)
def test_every_path_it_names_exists(path: str) -> None:
    assert (ROOT / path).exists() or (ROOT / "src" / "bongsu" / path).exists()


def test_it_names_paths() -> None:
    assert len(PATHS) > 10


def test_it_can_be_read_in_one_sitting() -> None:
    assert len(PAGE.splitlines()) <= LINES_MAX


def test_every_room_of_the_house_is_on_it() -> None:
    package = ROOT / "src" / "bongsu"
    rooms = {
        path.name.removesuffix(".py")
        for path in package.iterdir()
        if path.suffix == ".py" or (path / "__init__.py").exists()
    }
    missing = {room for room in rooms if not room.startswith("_") and not re.search(rf"`{room}(?:/|\.py)`", PAGE)}
    assert missing == set()
