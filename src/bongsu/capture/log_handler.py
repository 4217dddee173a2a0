"""`logging`: records at ERROR and above become events, and the host's own output stays as it was."""

import logging
from collections.abc import Callable
from typing import Any

from bongsu.capture.exceptions import printable
from bongsu.event import Level

OWN = ("bongsu", "slack_sdk", "slack_bolt", "slack_log_handler", "slackclient")  # never captured: they would feed us

Seen = Callable[[logging.LogRecord], None]


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


class LogHandler(logging.Handler):
    """A handler on the root logger that nobody notices.

    It has no lock, so no record waits for another. Without any handler `logging` prints to stderr by itself; our
    presence would switch that off, so where we are the only handler we do what would have happened.
    """

    def __init__(self, seen: Seen, threshold: int) -> None:
        super().__init__(logging.NOTSET)
        self._seen = seen
        self._threshold = threshold
        self._basic_config = logging.basicConfig
        logging.basicConfig = self._configure
        self.attach()

    def createLock(self) -> None:  # noqa: N802  # logging's own name
        self.lock = None

    def attach(self) -> None:
        """Be there, also after the host configured logging anew."""
        if self not in logging.root.handlers:
            logging.root.addHandler(self)

    def remove(self) -> None:
        """Be gone."""
        logging.root.removeHandler(self)
        if logging.basicConfig == self._configure:
            logging.basicConfig = self._basic_config

    def handle(self, record: logging.LogRecord) -> bool:
        if len(logging.root.handlers) == 1 and not self._has_other_handler(record.name):
            self._print_as_without_us(record)
        if record.levelno >= self._threshold and record.name.partition(".")[0] not in OWN:
            self._seen(record)
        return True

    def _configure(self, **options: Any) -> None:
        """`logging.basicConfig`, which does nothing when the root logger has a handler: ours does not count."""
        logging.root.removeHandler(self)
        try:
            self._basic_config(**options)
        finally:
            self.attach()

    def _print_as_without_us(self, record: logging.LogRecord) -> None:
        if record.name == "root":  # logging.error(…) and its like begin with basicConfig()
            handler = logging.StreamHandler()
            handler.setFormatter(logging.Formatter(logging.BASIC_FORMAT))
            logging.root.addHandler(handler)  # the loop over the handlers that called us goes on to it
        elif logging.lastResort is not None and record.levelno >= logging.lastResort.level:
            logging.lastResort.handle(record)

    def _has_other_handler(self, name: str) -> bool:
        logger: logging.Logger | None = logging.getLogger(name)
        while logger is not None and logger is not logging.root:
            if logger.handlers:
                return True
            logger = logger.parent
        return False


def template_of(record: logging.LogRecord) -> str:
    """The unformatted message."""
    return record.msg if isinstance(record.msg, str) else printable(record.msg)


def message_of(record: logging.LogRecord) -> str:
    """The formatted message; a record whose arguments do not fit still has its template."""
    try:
        return record.getMessage()
    except Exception:  # noqa: BLE001  # foreign __str__ and __format__ run here
        return template_of(record)
