"""How settings were read: enough to see that their file has changed, and to read them again in the same way."""

import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from bongsu.config.file import Place


class Mark(NamedTuple):
    """What changes when a file is written, or replaced by another of the same size and age."""

    device: int
    inode: int
    size: int
    modified_ns: int
    changed_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Everything that settings depend on, and the file's mark just before it was read."""

    arguments: Mapping[str, Any] = field(repr=False)  # as the environment, it may hold a token
    environ: Mapping[str, str] = field(repr=False)
    place: Place
    cwd: str
    script: str
    mark: Mark | None

    def again(self) -> "Reading":
        """The same reading, of what the file is at present."""
        return replace(self, mark=mark_of(self.place.path))


def mark_of(path: str) -> Mark | None:
    """None: there is no such file, or it is none that can be read twice, such as a pipe."""
    try:
        found = os.stat(path)
    except (OSError, ValueError):  # a NUL in the path
        return None
    if not stat.S_ISREG(found.st_mode):
        return None
    return Mark(found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)
