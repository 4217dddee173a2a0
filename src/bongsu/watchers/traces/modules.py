"""The modules of files: tracebacks print the paths, and the folders know the rest."""

import os
import re
from collections.abc import Sequence

PACKAGE_DEPTH_MAX = 30

_FROZEN = re.compile(r"<frozen (.+)>")
_INSTALLED = re.compile(
    r".*[/\\](?:site-packages|dist-packages|lib(?:64)?[/\\]python3\.\d+t?(?:[/\\]lib-dynload)?)[/\\]"
)


def is_installed(path: str) -> bool:
    """Whether it belongs to a library or to the interpreter."""
    return path.startswith("<frozen ") or _INSTALLED.match(path) is not None


def module_of(path: str, roots: Sequence[str]) -> str:
    """What the file at an absolute path is imported as; nothing for what is no file.

    Its package says so, if there is one. Else it lies below one of the folders that modules are looked for in.
    """
    if frozen := _FROZEN.fullmatch(path):
        return frozen[1]
    if path.startswith("<"):
        return ""
    folder, file = os.path.split(path)
    stem = os.path.splitext(file)[0]
    if packages := _packages(folder):
        return ".".join(packages if stem == "__init__" else (*packages, stem))
    return ".".join(_below_root(path, roots))


def _packages(folder: str) -> list[str]:
    """The packages around the files of a folder, the outer ones first."""
    names: list[str] = []
    while len(names) < PACKAGE_DEPTH_MAX and os.path.isfile(os.path.join(folder, "__init__.py")):
        folder, name = os.path.split(folder)
        names.insert(0, name)
    return names


def _below_root(path: str, roots: Sequence[str]) -> list[str]:
    installed = _INSTALLED.match(path)
    places = [installed[0]] if installed else [os.path.join(root, "") for root in roots]
    stem = os.path.splitext(path)[0]
    for place in sorted(places, key=len, reverse=True):
        names = stem[len(place) :].split(os.sep)
        if stem.startswith(place) and all(name.isidentifier() for name in names):
            return names
    return [os.path.basename(stem)]
