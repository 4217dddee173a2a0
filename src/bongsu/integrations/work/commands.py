"""A command of a program's command line: its name is the handler of the events inside it."""

from collections.abc import Mapping

from bongsu.capture.context import Work, context, current, mark_of, working
from bongsu.client.guard import guarded
from bongsu.clock import SYSTEM


class Command(Work):
    """One run of a command, and of commands inside it. It has no request id: what it runs may be a server."""

    __slots__ = ("_began_at", "_block", "_paths")

    def __init__(self, *paths: str) -> None:
        super().__init__()
        self._began_at = SYSTEM.monotonic()
        self._paths = list(paths)
        self._block: context | None = None

    @guarded({})
    def facts(self) -> Mapping[str, object]:
        passed_s = SYSTEM.monotonic() - self._began_at
        return {"handler": self._paths[-1], "duration": f"{passed_s:.1f} s"}

    def enter(self, path: str) -> None:
        """A command begins, or a command of a command."""
        if not self._paths:
            self._block = working(self)
            self._block.__enter__()
        self._paths.append(path)

    def leave(self, error: BaseException | None) -> None:
        """The innermost one ends; the exception that ends it keeps its name, whoever sees it later."""
        path = self._paths.pop()
        if error is not None and mark_of(error).context is None:
            mark_of(error).context, mark_of(error).work = current(), self._as_it_was(path)
        if not self._paths and self._block is not None:
            self._block.__exit__(None, None, None)
            self._block = None

    def _as_it_was(self, path: str) -> "Command":
        past = Command(path)
        past._began_at, past.trail = self._began_at, self.trail
        return past
