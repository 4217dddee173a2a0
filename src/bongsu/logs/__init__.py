"""Logs one can trace: every record is one line that names its request. `bongsu logs` reads them."""

import logging
import os
import sys
from collections.abc import Mapping
from dataclasses import replace
from typing import TextIO

from bongsu.client import active
from bongsu.client.guard import caught
from bongsu.client.telling import tell
from bongsu.config import Settings, default_app
from bongsu.config.words import NAME_LENGTH_MAX
from bongsu.errors import ConfigError
from bongsu.logs import line
from bongsu.logs.line import Process

__all__ = ["Formatter", "setup"]


def setup(
    *,
    json: bool | None = None,
    level: str | int = "INFO",
    stream: TextIO | None = None,
    app: str | None = None,
    release: str | None = None,
) -> logging.Handler:
    """Write every log record from `level` on as one line to `stream` (stderr); the handler on the root logger.

    JSON, unless the stream is a terminal. A second call replaces the first; other handlers stay. The root logger's
    level is lowered where it keeps such records back, never raised. `app` and `release` are those of `bongsu.init`, if
    not given. Raises ConfigError.
    """
    problems: list[str] = []
    number = _level(level, problems)
    _check(json, stream, {"app": app, "release": release}, problems)
    if problems:
        raise ConfigError(problems)
    stream = sys.stderr if stream is None else stream
    as_json = not _is_terminal(stream) if json is None else json
    handler = _Handler(stream)
    handler.setLevel(number)
    handler.setFormatter(Formatter(json=as_json, app=app, release=release, ascii_only=not _takes_all(stream)))
    _put_on_root(handler, number)
    return handler


class Formatter(logging.Formatter):
    """One line for each record, for handlers that are set up elsewhere: `dictConfig`, files, queues.

    `ascii_only` is for streams that cannot write every character.
    """

    def __init__(
        self, *, json: bool = True, app: str | None = None, release: str | None = None, ascii_only: bool = False
    ) -> None:
        super().__init__()
        self._json, self._ascii_only = json, ascii_only
        self._app, self._release = app, release
        self._outside = _outside()
        self._known: tuple[Settings | None, Process] | None = None

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end. Never raises, and leaves the record as it is."""
        try:
            return line.written(line.fields(record, self._process()), as_json=self._json, ascii_only=self._ascii_only)
        except Exception as error:  # noqa: BLE001  # the host's border: a record may be anything
            caught("bongsu.logs.Formatter", error)
            lost = {"level": "error", "logger": __name__, "message": f"a line was lost: {type(error).__name__}"}
            return line.written(line.EMPTY | lost, as_json=self._json, ascii_only=True)

    def _process(self) -> Process:
        """Looked up for each line: `bongsu.init` may come later, or again."""
        client = active()
        settings = None if client is None else client.settings
        known = self._known
        if known is None or known[0] is not settings:
            known = self._known = settings, self._with(settings)
        return known[1]

    def _with(self, settings: Settings | None) -> Process:
        """Arguments win over `bongsu.init`, that over the environment."""
        process = self._outside if settings is None else _inside(settings, self._outside.roots)
        return replace(process, app=self._app or process.app, release=self._release or process.release)


class _Handler(logging.StreamHandler[TextIO]):
    """The one that `setup` puts on the root logger, and finds there again."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  # logging's own word
        """Say it once; logging's way prints the record and its traceback, unscrubbed, each time."""
        kind = sys.exc_info()[0]
        name = kind.__name__ if kind else "unknown"
        tell(f"log lines {name}", f"log lines cannot be written: {name}")


def _put_on_root(handler: _Handler, level: int) -> None:
    root = logging.getLogger()
    for other in [each for each in root.handlers if isinstance(each, _Handler)]:
        root.removeHandler(other)
        other.close()
    root.addHandler(handler)
    if root.level > level:
        root.setLevel(level)


def _check(json: object, stream: object, names: Mapping[str, object], problems: list[str]) -> None:
    if json is not None and not isinstance(json, bool):
        problems.append(f"json: must be True, False or None, not {type(json).__name__}")
    if stream is not None and not callable(getattr(stream, "write", None)):
        problems.append(f"stream: must be something with write(), not {type(stream).__name__}")
    for key, value in names.items():
        if value is not None and not (isinstance(value, str) and 0 < len(value) <= NAME_LENGTH_MAX):
            problems.append(f"{key}: must be a text of 1 to {NAME_LENGTH_MAX} characters")


def _level(level: object, problems: list[str]) -> int:
    """logging's number of a level that is given by number, or by logging's or Bongsu's word."""
    if isinstance(level, int) and not isinstance(level, bool):
        return level
    known = logging.getLevelNamesMapping()
    number = known.get(level.upper()) if isinstance(level, str) else None
    if number is None:
        problems.append(f"level: is not known; choose one of {', '.join(known)}")
    return number or logging.NOTSET


def _is_terminal(stream: object) -> bool:
    try:
        return bool(stream.isatty())  # type: ignore[attr-defined]
    except (AttributeError, ValueError):  # an object of the host's, or closed
        return False


def _takes_all(stream: object) -> bool:
    """Whether the stream writes every character; one without an encoding takes texts as they are."""
    encoding = getattr(stream, "encoding", None)
    return not isinstance(encoding, str) or encoding.lower().replace("_", "-") in ("utf-8", "utf8", "utf-8-sig")


def _inside(settings: Settings, roots: tuple[str, ...]) -> Process:
    return Process(
        app=settings.app,
        environment=settings.environment,
        release=settings.release,
        roots=roots,
        threshold=settings.level,
        sorting=settings.sorting,
    )


def _outside() -> Process:
    """What the environment says, for a program that has not called `bongsu.init`."""
    try:
        cwd = os.getcwd()
    except OSError:  # removed under us
        cwd = os.sep
    return Process(
        app=os.environ.get("BONGSU_APP") or default_app(sys.argv[0] if sys.argv else "", cwd),
        environment=os.environ.get("BONGSU_ENVIRONMENT") or "production",
        release=os.environ.get("BONGSU_RELEASE") or None,
        roots=(cwd, *(os.path.abspath(path) for path in sys.path[:1] if path)),
    )
