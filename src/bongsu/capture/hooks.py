"""The interpreter's own last words: uncaught exceptions of the main program and of threads, and unraisable ones."""

import sys
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Any

NOT_ERRORS = (KeyboardInterrupt, SystemExit, GeneratorExit)  # somebody asked for the end

Uncaught = Callable[[BaseException, bool], None]
"""Called with the exception, and whether the process dies of it. Never raises."""


class Hooks:
    """Our hooks in front of the host's, which are always called."""

    def __init__(self, uncaught: Uncaught) -> None:
        self._uncaught: Uncaught | None = uncaught
        self._excepthook = sys.excepthook
        self._threading = threading.excepthook
        self._unraisable = sys.unraisablehook
        self._ours: tuple[Any, Any, Any] = (self._on_exception, self._on_thread, self._on_unraisable)
        sys.excepthook, threading.excepthook, sys.unraisablehook = self._ours

    def remove(self) -> None:
        """Put the host's hooks back; where somebody has since hooked in before us, ours only pass on."""
        self._uncaught = None
        if sys.excepthook == self._ours[0]:
            sys.excepthook = self._excepthook
        if threading.excepthook == self._ours[1]:
            threading.excepthook = self._threading
        if sys.unraisablehook == self._ours[2]:
            sys.unraisablehook = self._unraisable

    def _on_exception(self, kind: type[BaseException], error: BaseException, traceback: TracebackType | None) -> None:
        if self._uncaught is not None and not issubclass(type(error), NOT_ERRORS):
            self._uncaught(error, True)
        self._excepthook(kind, error, traceback)

    def _on_thread(self, arguments: Any) -> None:
        error = arguments.exc_value
        if self._uncaught is not None and error is not None and not issubclass(type(error), NOT_ERRORS):
            self._uncaught(error, False)
        self._threading(arguments)

    def _on_unraisable(self, arguments: Any) -> None:
        error = arguments.exc_value
        if self._uncaught is not None and error is not None and not issubclass(type(error), NOT_ERRORS):
            self._uncaught(error, False)
        self._unraisable(arguments)
