"""Files that grow: what is there, and what comes, through rotation and truncation."""

import os
from collections.abc import Iterator
from io import FileIO

from bongsu.logs.blocks import CHUNK_BYTES, Lines, Report

LEFT_AFTER_POLLS = 25  # a rotated file is read on for so long: its writer may not have noticed yet


class Tail:
    """One file by its name, as `tail -F` sees it: a new file of that name is read from its start."""

    def __init__(self, path: str, report: Report) -> None:
        self.path = path
        self._report = report
        self._open: list[_Open] = []  # the file of this name last; before it, those that had the name

    def blocks(self) -> Iterator[bytes]:
        """All whole lines that are there and were not given before."""
        self._look()
        for each in self._open:
            yield from each.blocks(self._report)

    @property
    def is_missing(self) -> bool:
        """Whether there was no such file so far."""
        return not self._open

    def close(self) -> None:
        for each in self._open:
            each.file.close()
        self._open = []

    def _look(self) -> None:
        """Notice that another file has the name."""
        for each in self._open[:-1]:
            each.polls += 1
        while len(self._open) > 1 and self._open[0].polls > LEFT_AFTER_POLLS:
            self._open.pop(0).file.close()
        try:
            status = os.stat(self.path)
            if not self._open or not os.path.samestat(status, os.fstat(self._open[-1].file.fileno())):
                self._open.append(_Open(FileIO(self.path)))
                self._report.files.add(self.path)
        except FileNotFoundError:
            return  # between two files of this name
        except OSError as error:
            self._report.trouble(f"{self.path}: {error.strerror or error}")


class _Open:
    """A file that is open, and its last line as far as it is written."""

    __slots__ = ("file", "lines", "polls", "position")

    def __init__(self, file: FileIO) -> None:
        self.file = file
        self.lines = Lines()
        self.position = 0
        self.polls = 0

    def blocks(self, report: Report) -> Iterator[bytes]:
        try:
            if os.fstat(self.file.fileno()).st_size < self.position:
                self.file.seek(0)  # truncated: begun anew
                self.lines, self.position = Lines(), 0
            while chunk := self.file.read(CHUNK_BYTES):
                self.position += len(chunk)
                report.bytes_read += len(chunk)
                if block := self.lines.feed(chunk):
                    yield block
        except OSError as error:
            report.trouble(f"{self.file.name}: {error.strerror or error}")
