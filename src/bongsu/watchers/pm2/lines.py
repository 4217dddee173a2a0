"""Lines that an app writes outside of stacks: every one is counted, few are told in their own words."""

from dataclasses import dataclass

from bongsu.grouping.normalise import normalise

OWN_TEXTS_MAX = 2  # with the line for all others, a flood is three problems at most
FORGET_S = 5.0  # a text that was not seen for so long gives its place to another
GATHER_S = 0.5  # a first line is told after that, with those like it
OTHERS = "(other lines)"


@dataclass(slots=True)
class _Counted:
    text: str  # the first of its kind
    last_at: float
    times: int = 0  # not told yet
    due_at: float = 0.0


class Lines:
    """The lines of one stream of one app."""

    def __init__(self) -> None:
        self._own: dict[str, _Counted] = {}  # by what is left of a text without its numbers
        self._others: _Counted | None = None

    def add(self, text: str, now: float) -> None:
        """Count a line."""
        if not text.strip():
            return
        self._forget(now)
        key = normalise(text)
        if key not in self._own and len(self._own) < OWN_TEXTS_MAX and self._others is None:
            self._own[key] = _Counted(text=text, last_at=now)
        counted = self._own.get(key) or self._other(now)
        counted.due_at = counted.due_at if counted.times else now + GATHER_S
        counted.times += 1
        counted.last_at = now

    def due_at(self) -> float | None:
        """When `due` has something; None: not before another line."""
        return min((each.due_at for each in self._all() if each.times), default=None)

    def due(self, now: float) -> list[tuple[str, int]]:
        """The texts that are to be told now, and how often each came since it was told last."""
        ripe = [each for each in self._all() if each.times and each.due_at <= now]
        told = [(each.text, each.times) for each in ripe]
        for each in ripe:
            each.times = 0
        return told

    def drop(self, most: int) -> None:
        """Forget what was not told yet, if that is so little: an end shows it."""
        if sum(each.times for each in self._all()) <= most:
            for each in self._all():
                each.times = 0

    def _all(self) -> list[_Counted]:
        return [*self._own.values(), *([self._others] if self._others else [])]

    def _other(self, now: float) -> _Counted:
        self._others = self._others or _Counted(text=OTHERS, last_at=now)
        return self._others

    def _forget(self, now: float) -> None:
        old = [key for key, each in self._own.items() if not each.times and now - each.last_at >= FORGET_S]
        for key in old:
            del self._own[key]
        if self._others and not self._others.times and now - self._others.last_at >= FORGET_S:
            self._others = None
