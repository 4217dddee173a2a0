"""How far a long search is, on a terminal's stderr; erased before anything else is written."""

import os
import sys

from bongsu.clock import SYSTEM
from bongsu.logs.blocks import Report

PATIENCE_S = 1.0  # a search that ends sooner shows none
EVERY_S = 0.2
_ERASE = "\r\x1b[K"


class Progress:
    """Draws while the report grows. `total` is in bytes; 0 where nobody knows."""

    def __init__(self, report: Report, total: int, *, shows: bool) -> None:
        self._report, self._total = report, total
        self._began_at = SYSTEM.monotonic()
        self._next_at = self._began_at + PATIENCE_S
        self._stands = False
        if shows and sys.stderr is not None and sys.stderr.isatty() and os.environ.get("TERM") != "dumb":
            report.heard = self._look

    def erase(self) -> None:
        """Leave the line empty."""
        if self._stands:
            sys.stderr.write(_ERASE)
            sys.stderr.flush()
            self._stands = False

    def _look(self) -> None:
        now = SYSTEM.monotonic()
        if now < self._next_at:
            return
        self._next_at = now + EVERY_S
        self._stands = True
        sys.stderr.write(_ERASE + drawn(self._report.bytes_read, self._total, now - self._began_at))
        sys.stderr.flush()


def drawn(read: int, total: int, took_s: float) -> str:
    """`43 %, 512 MB/s`, or what was read where the total is not known."""
    share = f"{min(99, 100 * read // total)} %" if total else f"{read / 1e6:.0f} MB"
    return f"{share}, {read / 1e6 / max(took_s, 1e-6):.0f} MB/s"
