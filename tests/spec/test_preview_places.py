"""A problem of a payload points at the line of its text."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bongsu.cli.preview.places import line_of, lines

TEXT = """{
  "text": "a, [b] {c} \\"d\\": e",
  "blocks": [
    {"type": "divider"}, {
      "type": "section",
      "fields": [
        {"type": "mrkdwn",
         "text": "x"}
      ]
    }
  ],
  "empty": [], "none": {}
}"""

PLACES = [
    ("", 1),
    ("text", 2),
    ("blocks[0].type", 4),
    ("blocks[1]", 4),
    ("blocks[1].type", 5),
    ("blocks[1].fields[0].text", 8),
    ("blocks[1].text", 4),  # missing: the block's own line
    ("blocks[7].type", 3),
    ("empty[0]", 12),
    ("none", 12),
    ("unheard.of[3]", 1),
]


@pytest.mark.parametrize(("path", "line"), PLACES)
def test_each_element_has_its_line_and_a_missing_one_that_of_what_is_around(path: str, line: int) -> None:
    assert line_of(path, lines(TEXT)) == line


def test_nesting_of_any_depth_costs_no_more_than_its_text() -> None:
    known = lines('{"a":' + "[" * 5_000 + "\n1" + "]" * 5_000 + "}")
    assert sum(map(len, known)) < 10_000
    assert line_of("a" + "[0]" * 5_000, known) == 1


json_trees = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)


@given(json_trees, st.sampled_from([None, 1]), st.booleans())
def test_every_json_text_is_read(value: Any, indent: int | None, ascii_only: bool) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    found = lines(text)
    assert found[""] == 1
    assert max(found.values()) <= text.count("\n") + 1
