"""`logging`: records at ERROR and above become events, and the host's own output stays as it was.

A handler on the root logger would be noticed: `logging` prints by itself only where there is none, `basicConfig` does
nothing where there is one, and the loggers of gunicorn and uvicorn do not propagate to it. So we stand before
`Logger.callHandlers`, which every record passes.
"""

import logging
from collections.abc import Callable

from bongsu.capture.context import work_at_hand
from bongsu.capture.exceptions import printable
from bongsu.event import Level

OWN = ("bongsu", "slack_sdk", "slack_bolt", "slack_log_handler", "slackclient")  # never captured: they would feed us

TRAIL_READ_MAX = 1_000  # characters of a log line that are kept while its request lasts

Seen = Callable[[logging.LogRecord], None]

Teller = Callable[[logging.LogRecord], bool]
"""Whether an integration tells of what the record says, in a better way."""

_tellers: dict[str, list[Teller]] = {}


def ask_first(package: str, teller: Teller) -> Callable[[], None]:
    """Ask an integration before a record of a package's loggers becomes an event; the answer undoes that."""
    asked = _tellers.setdefault(package, [])
    asked.append(teller)
    return lambda: asked.remove(teller)


def level_of(levelno: int) -> Level:
    """logging's number as a level."""
    for threshold, level in _LEVELS:
        if levelno >= threshold:
            return level
    return Level.DEBUG


_LEVELS = (
    (logging.CRITICAL, Level.FATAL),
    (logging.ERROR, Level.ERROR),
    (logging.WARNING, Level.WARNING),
    (logging.INFO, Level.INFO),
)


class LogRecords:
    """Sees every record that reaches handlers, before they do: those from a level on, and the trail of a request."""

    def __init__(self, seen: Seen, threshold: int) -> None:
        self.threshold = threshold  # may be replaced
        self._seen: Seen | None = seen
        self._hosts = logging.Logger.callHandlers
        hosts = self._hosts

        def call_handlers(logger: logging.Logger, record: logging.LogRecord) -> None:
            if self._seen is not None:
                if record.levelno >= self.threshold and _is_wanted(logger) and not _is_told(record):
                    self._seen(record)
                _leave_a_trail(record)
            hosts(logger, record)

        self._ours = call_handlers
        logging.Logger.callHandlers = self._ours  # type: ignore[assignment,method-assign]

    def remove(self) -> None:
        """Put the host's way back; where somebody has since stepped in before us, ours only passes on."""
        self._seen = None
        if logging.Logger.callHandlers is self._ours:
            logging.Logger.callHandlers = self._hosts  # type: ignore[method-assign]


def _leave_a_trail(record: logging.LogRecord) -> None:
    """Remember the line for events that its request may still have; rendered, so that it keeps nothing alive."""
    work = work_at_hand()
    if work is not None and _package(record.name) not in OWN:
        name, message = printable(record.name), message_of(record)[:TRAIL_READ_MAX]
        work.trail.append((record.created, record.levelno, name, message))


def _is_told(record: logging.LogRecord) -> bool:
    return any(teller(record) for teller in _tellers.get(_package(record.name), ()))


def _package(name: object) -> str:
    """The first part of a logger's name; `makeLogRecord` makes records that have none."""
    return name.partition(".")[0] if isinstance(name, str) else ""


def _is_wanted(logger: logging.Logger) -> bool:
    """Not one of ours, and not silenced: sent to a NullHandler and no further."""
    if _package(logger.name) in OWN:
        return False
    found = False
    step: logging.Logger | None = logger
    while step is not None:
        if any(type(handler) is not logging.NullHandler for handler in step.handlers):
            return True
        found = found or bool(step.handlers)
        if not step.propagate:
            return not found
        step = step.parent
    return True


def template_of(record: logging.LogRecord) -> str:
    """The unformatted message."""
    return record.msg if isinstance(record.msg, str) else printable(record.msg)


def message_of(record: logging.LogRecord) -> str:
    """The formatted message; a record whose arguments do not fit still has its template."""
    try:
        return record.getMessage()
    except Exception:  # noqa: BLE001  # foreign __str__ and __format__ run here
        return template_of(record)
