"""What follows the end of a process: start it again, when, or no more. Pure."""

from dataclasses import dataclass, replace
from enum import StrEnum

LONG_RUN_S = 60.0  # whoever ran that long has not failed to start; the client counts crash loops by the same measure
BACKOFF_FIRST_S = 0.1


class Restart(StrEnum):
    """When a command is started again."""

    ON_FAILURE = "on-failure"
    ALWAYS = "always"
    NEVER = "never"


class Next(StrEnum):
    """What follows an end."""

    AGAIN = "again"
    OVER = "over"  # it ended as it should, or nobody wants it again
    GIVE_UP = "give_up"  # it was started again often enough


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What the user wants."""

    restart: Restart = Restart.ON_FAILURE
    max_restarts: int = 16  # in a row, each after a short run
    backoff_max_s: float = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Streak:
    """Short runs, one after the other."""

    short_runs: int = 0
    began_at: float = 0.0  # when the first of them ended

    @property
    def restarts(self) -> int:
        """How often it was started again because of them, before the last one."""
        return max(0, self.short_runs - 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """The decision, and what to remember."""

    next: Next
    streak: Streak
    delay_s: float = 0.0  # before it is started again


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """What counts of an end."""

    is_clean: bool
    is_wanted: bool  # by an operator
    has_run: bool  # False: the command could not be started
    uptime_s: float
    at: float


def step(rules: Rules, streak: Streak, end: End, *, is_first: bool) -> Step:
    """What follows this end."""
    is_short = end.uptime_s < LONG_RUN_S
    after = _longer(streak, end.at) if is_short else Streak()
    if end.is_wanted or not _wants_again(rules.restart, end) or (is_first and not end.has_run):
        return Step(next=Next.OVER, streak=after)
    if after.restarts >= rules.max_restarts:
        return Step(next=Next.GIVE_UP, streak=after)
    return Step(next=Next.AGAIN, streak=after, delay_s=backoff_s(after.short_runs, rules.backoff_max_s))


def backoff_s(short_runs: int, most_s: float) -> float:
    """The pause before the next start: none after a long run, then doubling."""
    if short_runs == 0:
        return 0.0
    return min(most_s, BACKOFF_FIRST_S * 2.0 ** min(short_runs - 1, 32))


def _longer(streak: Streak, at: float) -> Streak:
    began_at = streak.began_at if streak.short_runs else at
    return replace(streak, short_runs=streak.short_runs + 1, began_at=began_at)


def _wants_again(restart: Restart, end: End) -> bool:
    match restart:
        case Restart.ALWAYS:
            return True
        case Restart.NEVER:
            return False
        case Restart.ON_FAILURE:
            return not end.is_clean
