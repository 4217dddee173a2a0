"""A reader can hold each part in mind: functions and files stay small, and nothing is left for later."""

import re

import pytest
from source import ROOT, Source, functions, sources

FUNCTION_LINES_MAX = 70
FILE_LINES_MAX = 450
FILE_LINES_USUAL = 400

# Files over the usual length, each with the reason why two files would read worse.
LONG_FILES: dict[str, str] = {}

EVERYWHERE = [
    source
    for folder in ("src/bongsu", "examples", "bench", "tests/house", "tests/docs")
    for source in sources(ROOT / folder)
]
LIBRARY = sources()


def _path(source: Source) -> str:
    return source.path


@pytest.mark.parametrize("source", EVERYWHERE, ids=_path)
def test_no_function_is_longer_than_a_screen(source: Source) -> None:
    lengths = {name: node.end_lineno - node.lineno + 1 for name, node in functions(source.tree) if node.end_lineno}
    assert {name: lines for name, lines in lengths.items() if lines > FUNCTION_LINES_MAX} == {}


@pytest.mark.parametrize("source", EVERYWHERE, ids=_path)
def test_no_file_is_longer_than_a_sitting(source: Source) -> None:
    assert len(source.text.splitlines()) <= FILE_LINES_MAX


def test_a_long_file_has_its_reason_and_a_reason_its_long_file() -> None:
    long = {source.path for source in EVERYWHERE if len(source.text.splitlines()) > FILE_LINES_USUAL}
    assert long == set(LONG_FILES)


@pytest.mark.parametrize("source", LIBRARY, ids=_path)
def test_nothing_is_left_for_later(source: Source) -> None:
    assert re.findall(r"\b(?:TODO|FIXME|XXX)\b", source.text) == []
