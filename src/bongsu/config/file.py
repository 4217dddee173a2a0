"""bongsu.toml, read and bounded; its problems name the file and, where it is known, the line."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bongsu.config.homes import working_directory
from bongsu.config.words import scrubbed, short

DEFAULT_FILE = "bongsu.toml"
FILE_BYTES_MAX = 1 << 20  # a thousand routes take a tenth of it

_WHERE = re.compile(r" \(at (?:line ([0-9]+), column [0-9]+|end of document)\)\Z")  # as tomllib ends its sentences


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the file lies, also when the program has gone to another directory."""

    path: str  # absolute, unless the working directory is gone
    name: str  # as problems call it
    is_named: bool  # if not, it may be missing


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """What the file says; nothing if there is none."""

    name: str = ""  # as problems call it
    text: str = field(default="", repr=False)
    values: Mapping[str, Any] = field(default_factory=dict, repr=False)


def find(path: Any, environ: Mapping[str, str], problems: list[str]) -> Place:
    """The file that is named by argument or BONGSU_CONFIG, else the one of the working directory."""
    if path is not None and not isinstance(path, (str, os.PathLike)):  # open() takes numbers, and closes what they name
        problems.append(f"config: must be the path of a file, not {short(path)}")
        path = os.devnull
    named = os.fsdecode(path or environ.get("BONGSU_CONFIG") or "")
    given = named or DEFAULT_FILE
    return Place(path=os.path.join(working_directory(), given), name=scrubbed(given), is_named=bool(named))


def read(place: Place, problems: list[str]) -> File:
    """What it says; nothing if nobody named it and there is none."""
    name = place.name
    if not place.is_named and not os.path.isfile(place.path):
        return File()
    try:
        with open(place.path, "rb") as file:
            data = file.read(FILE_BYTES_MAX + 1)
    except OSError as error:
        problems.append(f"{name}: cannot be read ({error.strerror}); name another file with config= or BONGSU_CONFIG")
        return File()
    except ValueError:  # a NUL in the path
        problems.append(f"{name!r}: cannot be read; name another file with config= or BONGSU_CONFIG")
        return File()
    if len(data) > FILE_BYTES_MAX:
        problems.append(f"{name}: is larger than {FILE_BYTES_MAX >> 20} MiB; name another file with config=")
        return File()
    return _parsed(name, data, problems)


def _parsed(name: str, data: bytes, problems: list[str]) -> File:
    import tomllib

    try:
        text = data.decode("utf-8-sig")  # some editors begin a file with a mark of the encoding
        return File(name=name, text=text, values=tomllib.loads(text))
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        problems.append(f"{name}:{line}: is not TOML: not UTF-8; save it in that encoding")
    except tomllib.TOMLDecodeError as error:
        told, where = str(error), _WHERE.search(str(error))
        at = where[1] if where and where[1] else text.rstrip().count("\n") + 1
        problems.append(f"{name}:{at}: is not TOML: {scrubbed(_WHERE.sub('', told))}")
    except (RecursionError, ValueError):  # lists in lists without end; numbers of thousands of digits
        problems.append(f"{name}: is not TOML: nested too deeply, or with a number too long")
    return File(name=name)
