"""Disks that are full, or cannot be written to, when a test wants it."""

import os
import resource
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from children import Child

SIZE = "4m"
FILLER = 1 << 16  # bytes a write


class FileLimit:
    """No file of the program may grow: what every user can do to a child."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def fill(self, child: Child) -> None:
        resource.prlimit(child.pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))

    def free(self, child: Child) -> None:
        resource.prlimit(child.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


class SmallDisk:
    """A file system of SIZE, filled to the last byte."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._filler = folder / "filler"

    def fill(self, child: Child) -> None:
        with self._filler.open("wb", buffering=0) as file:
            for size in (FILLER, 1):
                try:
                    while file.write(b"x" * size):
                        pass
                except OSError:
                    continue

    def free(self, child: Child) -> None:
        self._filler.unlink()


Disk = FileLimit | SmallDisk


@contextmanager
def file_limit(folder: Path) -> Iterator[FileLimit]:
    yield FileLimit(folder)


@contextmanager
def small_disk(folder: Path) -> Iterator[SmallDisk]:
    with mounted(folder, f"size={SIZE}"):
        yield SmallDisk(folder)


@contextmanager
def mounted(folder: Path, options: str) -> Iterator[None]:
    """A tmpfs; only root may."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


IS_ROOT = os.geteuid() == 0
FULL_DISKS: dict[str, Callable[[Path], object]] = {"a limit on file sizes": file_limit}
if IS_ROOT:
    FULL_DISKS["a full file system"] = small_disk
