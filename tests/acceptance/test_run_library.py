"""`bongsu run` around a program that has the library inside: an end is told once, by the one that knows more."""

import sys

import pytest
import seen
from children import PROGRAMS, Launch
from running import ONCE, through

from bongsu.testing import ScriptedSlack

ENDS = {
    "exit": "shop: exit 3",
    "raise": "KeyError: 'gone'",
    "segfault": "Fatal Python error: Segmentation fault",
}


@pytest.mark.parametrize(("how", "title"), ENDS.items(), ids=list(ENDS))
def test_an_end_is_told_once(launch: Launch, slack: ScriptedSlack, how: str, title: str) -> None:
    program = str(PROGRAMS / "library_inside.py")
    through(launch, *ONCE, "--name", "shop", "--", sys.executable, program, how, BONGSU_APP="shop")
    told = [seen.text(post) for post in slack.posts if "started" not in seen.text(post)]
    assert len(told) == 2, told
    assert "ValueError: early" in told[0]
    assert title in told[1]
