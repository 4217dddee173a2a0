"""Where in a TOML text each table and key stands, for problems that name a line. Pure.

Tables and keys are named by their path with dots: `channels.alarm`, `route.2.when` for the second `[[route]]`. What
stands inside an inline table or a list has the line of its key.
"""

import re
from collections.abc import Iterable, Iterator, Mapping

_TOKEN = re.compile(
    r'"""(?:\\.|[^\\])*?"""+'
    r"|'''.*?'''+"
    r'|"(?:\\.|[^"\\\n])*"'
    r"|'[^'\n]*'"
    r"|\#[^\n]*"
    r"|[A-Za-z0-9_-]+"
    r"|\n|[^\n]",
    re.DOTALL,
)
_LABEL = re.compile(r"[\w.-]{1,200}(?: [0-9]{1,6})?")
_KEY = re.compile(r"unknown (?:key|condition) '([\w.-]{1,80})'|(to|when|continue) must ")
_DESTINATION = re.compile(r"The destination of channel '([\w.-]{1,80})'")
_CHANNELS = ("to", "channels")
LABELS_MAX = 4  # `route 2: level: …` has two

Token = tuple[str, int]
"""A piece of the text, and its line."""


def index(text: str) -> dict[str, int]:
    """The line of each table and key of a valid TOML text."""
    found: dict[str, int] = {}
    counts: dict[str, int] = {}
    base = ""
    tokens = _tokens(text)
    for token, line in tokens:
        if token == "[":
            base = _header(tokens, counts)
            found.setdefault(base, line)
        elif not token.isspace() and not token.startswith("#"):
            _assignment(token, line, tokens, base, found)
    return found


def line_of(problem: str, lines: Mapping[str, int]) -> int | None:
    """The line that a problem speaks of, by the labels it begins with; None if the text has no such thing."""
    if destination := _DESTINATION.match(problem):
        return lines.get(_first([f"{each}.{destination[1]}" for each in _CHANNELS] + ["to"], lines))
    path = ""
    for label in problem.split(": ", LABELS_MAX)[:LABELS_MAX]:
        deeper = _deeper(path, _name(label), lines)
        if not deeper:
            break
        path = deeper
    return lines.get(path)


def _name(label: str) -> str:
    if match := _KEY.match(label):
        return match[1] or match[2]
    return label.replace(" ", ".") if _LABEL.fullmatch(label) else ""


def _deeper(path: str, name: str, lines: Mapping[str, int]) -> str:
    """The path of the thing of that name below `path`, else of what holds it; empty if there is none."""
    if not name:
        return ""
    if path:
        return _first([f"{path}.{name}", f"{path}.when.{name}", f"{path}.when"], lines)
    return _first([name, f"{name}.1", *_holders(name)], lines)


def _first(paths: Iterable[str], lines: Mapping[str, int]) -> str:
    return next((path for path in paths if path in lines), "")


def _holders(name: str) -> Iterator[str]:
    """`a.b` and `a` of `a.b.c`."""
    while "." in name:
        name = name.rpartition(".")[0]
        yield name


def _tokens(text: str) -> Iterator[Token]:
    line = 1
    for match in _TOKEN.finditer(text):
        yield match[0], line
        line += match[0].count("\n")


def _header(tokens: Iterator[Token], counts: dict[str, int]) -> str:
    """The path of `[table]` or of the next `[[table]]` of that name; what comes behind its `[`."""
    parts: list[str] = []
    is_list = False
    for token, _ in tokens:
        if token == "[":
            is_list = True
        elif token in ("]", "\n"):
            break
        elif token != "." and not token.isspace():
            parts.append(_plain(token))
    _skip_value(tokens, depth=0)
    path = ""
    for number, part in enumerate(parts, 1):
        path = f"{path}.{part}" if path else part
        if is_list and number == len(parts):
            counts[path] = counts.get(path, 0) + 1
        if path in counts:
            path = f"{path}.{counts[path]}"
    return path


def _assignment(first: str, line: int, tokens: Iterator[Token], base: str, found: dict[str, int]) -> None:
    path = f"{base}.{_plain(first)}" if base else _plain(first)
    found.setdefault(path, line)
    for token, _ in tokens:
        if token in ("=", "\n"):
            break
        if token != "." and not token.isspace():
            path = f"{path}.{_plain(token)}"
            found.setdefault(path, line)
    _skip_value(tokens, depth=0)


def _skip_value(tokens: Iterator[Token], *, depth: int) -> None:
    """On to the end of the line; a list may go over several."""
    for token, _ in tokens:
        if token in ("[", "{"):
            depth += 1
        elif token in ("]", "}"):
            depth -= 1
        elif token == "\n" and depth <= 0:
            return


def _plain(token: str) -> str:
    return token[1:-1] if token[0] in "\"'" else token
