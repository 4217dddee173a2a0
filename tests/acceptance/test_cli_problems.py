"""`bongsu problems list`: what was ignored is told too, since nothing else tells it."""

from shell import Shell

from bongsu.messages.locales import WORDS, number

IGNORING = """
app = "shop"
to = "file:told.jsonl"
[alerting]
ignore = ["BrokenPipeError", { kind = "record", level = "debug" }]
"""
FAILS = """
import bongsu
bongsu.init()
for _ in range(1_240):
    try:
        raise BrokenPipeError("gone")
    except BrokenPipeError as error:
        bongsu.capture_exception(error, level="fatal")
bongsu.notify("cache is warm", level="debug")
assert bongsu.flush(10)
"""


def test_what_was_ignored_is_listed_by_rule(bongsu: Shell) -> None:
    (bongsu.folder / "bongsu.toml").write_text(IGNORING)
    assert bongsu("problems", "list").stdout == "Nothing fires.\n"
    for _ in range(2):
        done = bongsu.python("-c", FAILS)
        assert (done.returncode, done.stderr) == (0, "")
    assert bongsu("problems", "list").stdout.splitlines() == [
        "Nothing fires.",
        f"ignored: {number(2_480, WORDS['en'])} by exception=BrokenPipeError",
        "ignored: 2 by kind=record level=debug",
    ]
    assert not (bongsu.folder / "told.jsonl").exists()


def test_an_uncaught_exception_is_ignored_only_if_the_user_says_so(bongsu: Shell) -> None:
    (bongsu.folder / "bongsu.toml").write_text(IGNORING)
    for error in ("BrokenPipeError", "KeyError"):
        bongsu.python("-c", f"import bongsu; bongsu.init(); raise {error}()")
    listed = bongsu("problems", "list").stdout.splitlines()
    assert listed[-1] == "ignored: 1 by exception=BrokenPipeError"
    assert "KeyError" in listed[1]
    assert len(listed) == 3
