"""Edits of a configuration file are judged once each, at rest, whatever was made of the file."""

import os
import resource
from collections.abc import Callable
from pathlib import Path

import pytest

from bongsu.client.edits import GONE, GONE_S, LOOK_EVERY_S, SETTLED_S, Edit, Edits
from bongsu.clock import SYSTEM
from bongsu.config import load
from bongsu.config.file import FILE_BYTES_MAX

SOUND = 'to = "console:"\n'


Make = Callable[[Path], object]


class Look:
    """A file, and who looks at it; time passes only between two looks."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.now = SYSTEM.now() + 3_600.0  # all that is written lies long back
        self._edits = Edits(load({"config": file if file.exists() else None}, {}))

    def after(self, seconds: float = LOOK_EVERY_S) -> Edit | None:
        self.now += seconds
        return self._edits.look(self.now)

    def begin(self) -> "Look":
        first = self.after()
        assert first is not None
        assert (first.settings, first.problems) == (None, ())  # it is in force
        return self


@pytest.fixture
def look(tmp_path: Path) -> Look:
    file = tmp_path / "bongsu.toml"
    file.write_text(SOUND)
    return Look(file).begin()


def _replaced_by(content: bytes) -> Make:
    return lambda file: file.write_bytes(content)


def _directory(file: Path) -> None:
    file.unlink()
    file.mkdir()


def _dangling(file: Path) -> None:
    file.unlink()
    file.symlink_to("nowhere")


def _loop(file: Path) -> None:
    file.unlink()
    file.symlink_to(file.name)


def _pipe(file: Path) -> None:
    file.unlink()
    os.mkfifo(file)  # nobody must wait for a writer


HOSTILE: dict[str, Make] = {
    "no UTF-8": _replaced_by(b"app = '\xff\xfe'"),
    "NUL": _replaced_by(b"\0"),
    "no TOML": _replaced_by(b"app = "),
    "too large": _replaced_by(b"#" * (FILE_BYTES_MAX + 1)),
    "nested": _replaced_by(b"app = " + b"[" * 100_000),
    "a number of digits": _replaced_by(b"app = " + b"9" * 10_000),
    "half of it": _replaced_by(SOUND.encode()[:6]),
    "directory": _directory,
    "dangling link": _dangling,
    "link to itself": _loop,
    "pipe": _pipe,
}


@pytest.mark.parametrize("make", HOSTILE.values(), ids=HOSTILE)
def test_whatever_the_file_becomes_is_a_problem_told_once(look: Look, make: Make) -> None:
    make(look.file)
    found = look.after() or look.after(GONE_S)
    assert found is not None
    assert found.problems
    assert found.settings is None
    assert [look.after(GONE_S) for _ in range(3)] == [None] * 3


def test_nobody_looks_more_often_than_once_a_second(look: Look) -> None:
    look.file.write_text(f"{SOUND}app = 'x'\n")
    assert look.after(LOOK_EVERY_S / 2) is None
    assert look.after(LOOK_EVERY_S / 2) is not None


def test_a_file_that_is_being_written_is_left_alone(look: Look) -> None:
    look.now = SYSTEM.now()
    for number in range(5):
        look.file.write_text(f"{SOUND}app = {number}")
        os.utime(look.file, (look.now + LOOK_EVERY_S,) * 2)
        assert look.after() is None
    assert look.after(SETTLED_S) is not None


def test_a_file_that_is_gone_for_a_moment_is_no_news(look: Look) -> None:
    look.file.unlink()
    assert look.after() is None
    assert look.after() is None
    look.file.write_text(SOUND)
    assert [look.after(GONE_S) for _ in range(3)] == [None] * 3  # it says the same


def test_a_file_that_could_not_be_read_for_a_moment_is_read_afterwards(look: Look) -> None:
    look.file.write_text(f"{SOUND}app = 'x'\n")
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, limits[1]))  # the program has as many files open as it may
    try:
        found = [look.after() for _ in range(3)]
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
    assert [edit is not None and "cannot be read" in edit.problems[0] for edit in found] == [True, False, False]
    mended = look.after()
    assert mended is not None
    assert mended.settings is not None


def test_a_touched_file_is_no_news(look: Look) -> None:
    os.utime(look.file)
    assert look.after() is None
    assert look.after(GONE_S) is None


def test_a_broken_file_that_goes_from_where_there_was_none_is_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    look = Look(tmp_path / "bongsu.toml")
    assert look.after() is None
    look.file.write_text("nonsense")
    broken = look.after() or look.after()
    assert broken is not None
    assert broken.problems
    look.file.unlink()
    assert look.after() is None
    assert look.after(GONE_S) == Edit(mark=None, digest=GONE)
