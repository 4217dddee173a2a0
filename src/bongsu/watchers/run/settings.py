"""What is written for `bongsu run`, on the command line or in a file, and what it means. Pure."""

import re
import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, TypeGuard

from bongsu.outcomes.durations import DAY_S, duration_s
from bongsu.watchers.run.launch import SHELL
from bongsu.watchers.run.restarting import Restart, Rules

SERVICES_MAX = 64  # of one supervisor; each has a pipe and a thread
RESTARTS_MOST = 1_000_000
NAME_LENGTH_MAX = 80  # as of an app
COMMAND_BYTES_MAX = 128 * 1024  # Linux takes no longer argument (MAX_ARG_STRLEN)
ENV_FILE_BYTES_MAX = 1 << 20
MEMORY_LEAST, MEMORY_MOST = 1 << 20, 1 << 50
SHOWN_MAX = 80  # characters of a wrong value

OPTIONS = (
    "restart",
    "max_restarts",
    "stop_timeout",
    "backoff_max",
    "max_memory",
    "env_file",
    "health",
    "no_output_for",
)
"""Of the command line, with hyphens there, and of a table `[run.NAME]`."""

KEYS = ("command", *OPTIONS)
"""Of such a table."""

_SIZE = re.compile(r"([0-9]{1,9})([KMGT]?)(?:i?B)?", re.IGNORECASE)
_UNITS = {"": 0, "K": 1, "M": 2, "G": 3, "T": 4}
_SHELL_ONLY = re.compile(r"[|&;<>()$`*?\[\]#~{}\n!]|^\w+=")  # what a shell does more than split words
_ADDRESS = re.compile(r"https?://[\w.:\[\]-]+(?:/[!-~]*)?")
_PROCFILE_LINE = re.compile(r"([A-Za-z0-9_-]+):\s*(\S.*)")
_VARIABLE = re.compile(r"(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One command to be kept alive."""

    name: str
    command: tuple[str, ...]
    is_shell: bool = False  # the command is a line for the shell, and a signal is for all that it starts
    rules: Rules = field(default_factory=Rules)
    stop_timeout_s: float = 10.0
    max_memory: int | None = None  # bytes
    env_file: str | None = None
    health: str | None = None  # an address, or a command for the shell
    no_output_for_s: float | None = None
    environ: Mapping[str, str] = field(default_factory=dict, repr=False)  # of the file; added to ours


def read(tables: Mapping[str, Any], problems: list[str]) -> tuple[Service, ...]:
    """The services of the tables `[run.NAME]` of bongsu.toml; every problem is added to the list."""
    if len(tables) > SERVICES_MAX:
        problems.append(f"run: {len(tables)} services are too many for one supervisor; {SERVICES_MAX} are the most")
        return ()
    found = [service(name, table, f"run.{name}", problems) for name, table in tables.items()]
    return tuple(each for each in found if each is not None)


def service(name: str, table: Any, where: str, problems: list[str]) -> Service | None:
    """One service; None, and why, if something is wrong."""
    before = len(problems)
    if not isinstance(table, Mapping):
        problems.append(f'{where}: write a table, [{where}] and below it command = "…"')
        return None
    problems.extend(f"{where}: unknown key {_shown(key)}{_nearest(key)}" for key in table if key not in KEYS)
    asked = _Table(table, where, problems)
    found = Service(
        name=_name(name, where, problems),
        command=asked.command(),
        is_shell=_needs_shell(table.get("command")),
        rules=asked.rules(),
        stop_timeout_s=asked.span("stop_timeout", "10s", least_s=0) or 0.0,
        max_memory=asked.size("max_memory"),
        env_file=asked.text("env_file"),
        health=asked.health(),
        no_output_for_s=asked.span("no_output_for", None, least_s=1),
    )
    return found if len(problems) == before else None


class _Table:
    """The values of one table, each with its check."""

    def __init__(self, table: Mapping[str, Any], where: str, problems: list[str]) -> None:
        self._values = {key: value for key, value in table.items() if value is not None}
        self._where = where
        self._problems = problems

    def command(self) -> tuple[str, ...]:
        """The command, in words: a list as it is, a text as a shell would understand it."""
        value = self._values.get("command")
        words = [value] if isinstance(value, str) else value
        if not _is_command(words):
            self._wrong("command", 'a text or a list of texts, such as "gunicorn shop:app"')
            return ()
        if any(len(word.encode("utf-8", "surrogateescape")) >= COMMAND_BYTES_MAX for word in words):
            self._problems.append(f"{self._where}.command: longer than {COMMAND_BYTES_MAX:,} bytes in one word")
            return ()
        return _words(value) if isinstance(value, str) else tuple(words)

    def rules(self) -> Rules:
        return Rules(
            restart=self._restart(),
            max_restarts=self._count("max_restarts", Rules().max_restarts, RESTARTS_MOST),
            backoff_max_s=self.span("backoff_max", "10s", least_s=0) or 0.0,
        )

    def _restart(self) -> Restart:
        value = self._values.get("restart", Restart.ON_FAILURE)
        if value in list(Restart):
            return Restart(value)
        self._wrong("restart", f"one of {', '.join(Restart)}")
        return Restart.NEVER

    def _count(self, key: str, usual: int, most: int) -> int:
        value = self._values.get(key, usual)
        if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) <= 9:
            value = int(value)
        if type(value) is int and 0 <= value <= most:
            return value
        self._wrong(key, f"a number from 0 to {most}")
        return usual

    def span(self, key: str, usual: str | None, *, least_s: int) -> float | None:
        """A duration in seconds."""
        value = self._values.get(key, usual)
        if value is None:
            return None
        try:
            return duration_s(value, least_s=least_s, most_s=DAY_S)
        except ValueError as error:
            self._problems.append(f"{self._where}.{key}: {error}")
            return None

    def size(self, key: str) -> int | None:
        """A number of bytes."""
        value = self._values.get(key)
        if value is None:
            return None
        found = _SIZE.fullmatch(value) if isinstance(value, str) else None
        size = int(found[1]) * 1024 ** _UNITS[found[2].upper()] if found else 0
        if MEMORY_LEAST <= size <= MEMORY_MOST:
            return size
        self._wrong(key, "a size from 1M, such as 500M or 2G")
        return None

    def text(self, key: str) -> str | None:
        value = self._values.get(key)
        if value is None or (isinstance(value, str) and value.strip() and "\0" not in value):
            return value
        self._wrong(key, "a text")
        return None

    def health(self) -> str | None:
        """An address or a command."""
        value = self.text("health")
        if value and value.startswith(("http:", "https:")) and not _ADDRESS.fullmatch(value):
            self._wrong("health", "an address such as http://127.0.0.1:8000/health, or a command")
        return value

    def _wrong(self, key: str, remedy: str) -> None:
        value = self._values.get(key)
        told = f"is missing; write {remedy}" if value is None else f"write {remedy}, not {_shown(value)}"
        self._problems.append(f"{self._where}.{key}: {told}")


def procfile(text: str, problems: list[str]) -> dict[str, dict[str, str]]:
    """The tables that a Procfile stands for: `web: gunicorn shop:app`, a line for each service."""
    tables: dict[str, dict[str, str]] = {}
    for number, line in _lines(text):
        found = _PROCFILE_LINE.fullmatch(line)
        if found is None:
            problems.append(f"line {number}: write NAME: COMMAND")
        elif found[1] in tables:
            problems.append(f"line {number}: {found[1]} stands there twice")
        else:
            tables[found[1]] = {"command": found[2]}
    return tables


def environment(text: str, problems: list[str]) -> dict[str, str]:
    """The variables of a file of `NAME=VALUE` lines. No problem shows a value."""
    found: dict[str, str] = {}
    for number, line in _lines(text):
        parts = _VARIABLE.fullmatch(line)
        value = _unquoted(parts[2]) if parts else None
        if parts is None or value is None:
            problems.append(f"line {number}: write NAME=VALUE" + (", and close the quote" if parts else ""))
        else:
            found[parts[1]] = value
    return found


def _lines(text: str) -> Iterable[tuple[int, str]]:
    for number, line in enumerate(text.split("\n"), 1):
        stripped = line.strip()
        if stripped and not stripped.startswith("#"):
            yield number, stripped


def _unquoted(value: str) -> str | None:
    """The value without its quotes, and without a comment behind it; None: the quote is not closed."""
    quote = value[:1]
    if quote not in ("'", '"'):
        return re.split(r"(?:^|\s)#", value, maxsplit=1)[0].rstrip()
    body = r"((?:[^\"\\]|\\.)*)" if quote == '"' else r"([^']*)"
    found = re.fullmatch(rf"{quote}{body}{quote}\s*(?:#.*)?", value)
    if found is None:
        return None
    return found[1] if quote == "'" else re.sub(r"\\(.)", _escaped, found[1])


def _escaped(found: "re.Match[str]") -> str:
    return {"n": "\n", "t": "\t", "r": "\r"}.get(found[1], found[1] if found[1] in '"\\$`' else found[0])


def _is_command(words: Any) -> TypeGuard[Sequence[str]]:
    is_list = isinstance(words, list | tuple) and len(words) > 0
    return is_list and all(isinstance(word, str) and "\0" not in word for word in words) and bool(words[0].strip())


def _words(line: str) -> tuple[str, ...]:
    if not _needs_shell(line):
        return tuple(shlex.split(line))
    return SHELL, "-c", line


def _needs_shell(command: Any) -> bool:
    if not isinstance(command, str):
        return False
    try:
        return bool(_SHELL_ONLY.search(command)) or not shlex.split(command)
    except ValueError:  # an open quote: the shell has the words for it
        return True


def _name(name: str, where: str, problems: list[str]) -> str:
    if not (0 < len(name) <= NAME_LENGTH_MAX and name.isprintable() and name.strip()):
        problems.append(f"{where}: a name is a text of 1 to {NAME_LENGTH_MAX} printable characters")
    return name


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= SHOWN_MAX else f"{text[:SHOWN_MAX]}…"


def _nearest(key: str) -> str:
    near = get_close_matches(key, KEYS, n=1)
    return f"; did you mean {near[0]}?" if near else f"; known are {', '.join(KEYS)}"
