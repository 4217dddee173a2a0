"""The qualified names of functions: tracebacks print the plain ones, and the source knows the rest."""

import os
import warnings
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import CodeType

SOURCE_FILE_MAX = 512 << 10  # bytes; compiling needs some 30 times as much for a moment
FILES_CACHED_MAX = 16
CODES_MAX = 20_000  # functions of one file

_NOT_COMPILED = (OSError, SyntaxError, ValueError, OverflowError, RecursionError, MemoryError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """A function or class of a file, with the lines that its own instructions stand on."""

    qualname: str
    lines: tuple[tuple[int, int], ...]  # from, to

    def has(self, line: int) -> bool:
        return any(first <= line <= last for first, last in self.lines)

    def surrounds(self, line: int) -> bool:
        return self.lines[0][0] <= line <= self.lines[-1][1]


Scopes = Mapping[str, tuple[Scope, ...]]  # by plain name, the inner ones behind the outer


def scopes_of(path: str) -> Scopes:
    """What a file defines; nothing where it is missing, too large or not for this interpreter."""
    try:
        status = os.stat(path)
    except (OSError, ValueError):  # no such file, NUL in its name
        return {}
    if status.st_size > SOURCE_FILE_MAX or not os.path.isfile(path):
        return {}
    return _read(path, status.st_mtime_ns, status.st_size)


def qualified(scopes: Scopes, name: str, line: int) -> str:
    """The qualified name of the function that has this line; the plain one where the file does not say."""
    candidates = scopes.get(name, ())
    exact = [scope for scope in candidates if scope.has(line)]
    around = exact or [scope for scope in candidates if scope.surrounds(line)]
    return around[-1].qualname if around else name


def defines(scopes: Scopes, qualname: str) -> bool:
    """Whether the file has a class or function of this name."""
    return any(scope.qualname == qualname for scope in scopes.get(qualname.rpartition(".")[2], ()))


@lru_cache(FILES_CACHED_MAX)
def _read(path: str, _mtime_ns: int, size: int) -> Scopes:
    """Compiled and never run. The compiler itself knows best what it calls a function, and where it stands."""
    try:
        with open(path, "rb") as file, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            module = compile(file.read(size), path, "exec", dont_inherit=True)
    except _NOT_COMPILED:
        return {}
    found: dict[str, list[Scope]] = {}
    for code in _codes(module):
        found.setdefault(code.co_name, []).append(Scope(qualname=code.co_qualname, lines=_lines(code)))
    return {name: tuple(scopes) for name, scopes in found.items()}


def _codes(module: CodeType) -> Iterator[CodeType]:
    """All codes, the inner ones behind the outer."""
    waiting = deque([module])
    for _ in range(CODES_MAX):
        if not waiting:
            return
        code = waiting.popleft()
        yield code
        waiting.extend(inner for inner in code.co_consts if isinstance(inner, CodeType))


def _lines(code: CodeType) -> tuple[tuple[int, int], ...]:
    """The lines of a code as ranges: what stands between them may be another function."""
    numbers = sorted({line for _, _, line in code.co_lines() if line} | {code.co_firstlineno})
    ranges: list[tuple[int, int]] = []
    for number in numbers:
        if ranges and number <= ranges[-1][1] + 1:
            ranges[-1] = (ranges[-1][0], number)
        else:
            ranges.append((number, number))
    return tuple(ranges)
