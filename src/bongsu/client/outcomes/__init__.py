"""The doors of outcomes: counts, answers, declarations and signs of life → tallies and spool records."""

from bongsu.capture.exceptions import printable
from bongsu.capture.recorder import Failed, Recorder
from bongsu.client.outcomes import declarations
from bongsu.client.outcomes.declarations import Declared
from bongsu.client.telling import tell
from bongsu.clock import Clock
from bongsu.event import Finding, Kind, Level, Problem
from bongsu.ids import new_id
from bongsu.outcomes.durations import NAME_LENGTH_MAX
from bongsu.outcomes.expectations import Expectation
from bongsu.outcomes.heartbeats import Beat
from bongsu.outcomes.http import OTHERS, UNMATCHED, Answer, kind_of
from bongsu.scrubbing import scrub
from bongsu.store.watches import COUNT

TIMES_MAX = 1_000_000_000  # at once
BEAT_EVERY_S = 1.0  # a name that beats faster is recorded this often
BEATING_MAX = 200  # names of heartbeats in one process
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"})
_KINDS = {kind: kind.value for kind in Answer}


class Outcomes:
    """What one client is told of outcomes. Thread-safe and signal-safe, as the recorder is."""

    def __init__(self, recorder: Recorder, clock: Clock, *, tells_answers: bool) -> None:
        self._recorder = recorder
        self._clock = clock
        self.tells_answers = tells_answers  # may be replaced
        self._told: dict[str, tuple[Declared, str, float]] = {}  # of each kind and name, in which spool, and when
        self._beats: dict[str, tuple[Beat, float]] = {}  # the newest recorded one of a name; monotonic
        self._starts: dict[str, tuple[float, bool]] = {}  # the newest recorded one, and whether it met another run
        self._running: dict[str, set[str]] = {}  # by name; those that end with this process

    def count(self, name: object, times: object) -> None:
        """Something went well."""
        if type(times) is not int or not 0 <= times <= TIMES_MAX:
            tell("times", f"count: times must be a whole number from 0 to {TIMES_MAX:,}, not {printable(times)[:80]}.")
        elif times:
            self._recorder.tally(COUNT, (name if type(name) is str else printable(name))[:NAME_LENGTH_MAX], times)

    def answered(self, method: str, route: str | None, status: int, *, told: bool) -> None:
        """A request was answered; `told`: its exception is an event already."""
        kind = kind_of(status, is_told=told)
        name = _answer_name(method, route)
        self._recorder.tally(_KINDS[kind], name)
        if kind is Answer.SERVER and self.tells_answers:
            self._tell_answer(method, name, route, status)

    def _tell_answer(self, method: str, name: str, route: str | None, status: int) -> None:
        message = f"{status} {name}"
        finding = Finding(problem=Problem.ANSWER, name=scrub(message, limit=NAME_LENGTH_MAX))
        tags = {"method": method, "status": status, **({"route": route} if route else {})}
        failed = Failed(kind=Kind.HTTP, finding=finding)
        self._recorder.text(Kind.HTTP, message, level=finding.problem.level, tags=tags, failed=failed)

    # -- declarations

    def declare(self, what: Declared) -> None:
        """Tell the store, unless this spool has it and it was told today."""
        if isinstance(what, Expectation):
            self._recorder.expected.add(what.name)
        now, spool, key = self._clock.now(), self._recorder.spool.name, f"{declarations.kind_of(what)} {what.name}"
        told, told_in, told_at = self._told.get(key, (None, "", 0.0))
        if told != what or told_in != spool or not 0 <= now - told_at < declarations.AGAIN_EVERY_S:
            self._told[key] = what, spool, now
            self._recorder.keep(declarations.record_of(what, now))

    def declare_all(self) -> None:
        for what in declarations.declared():
            self.declare(what)

    # -- heartbeats

    def started(self, name: str, *, is_bound: bool) -> str | None:
        """A run begins; its id, or None when the last one began so lately that this one is not recorded.

        The first that meets another is.
        """
        now, meets = self._clock.monotonic(), bool(self._running.get(name))
        at, met = self._starts.get(name, (float("-inf"), False))
        if not self._may_beat(name) or (now - at < BEAT_EVERY_S and (met or not meets)):
            return None
        run = new_id(self._clock.now())
        self._starts[name] = now, meets
        if is_bound:
            self._running.setdefault(name, set()).add(run)
        self._beat(name, Beat.STARTED, run, is_bound=is_bound)
        return run

    def ended(self, name: str, beat: Beat, run: str | None) -> None:
        """A run has ended; or, without one, a mere sign of life."""
        self._end(name, run)
        newest, at = self._beats.get(name, (None, float("-inf")))
        is_repeat = not run and newest is beat and self._clock.monotonic() - at < BEAT_EVERY_S
        if self._may_beat(name) and not is_repeat:
            self._beat(name, beat, run)

    def failed(self, name: str, run: str | None, why: BaseException | str, source: str) -> None:
        """A run has failed: its exception or text becomes one event, unless it is one already."""
        self._end(name, run)
        if not self._may_beat(name):
            return
        if isinstance(why, BaseException) and self._recorder.is_told(why):
            self.ended(name, Beat.FAILED, run)
            return
        self._beats[name] = Beat.FAILED, self._clock.monotonic()
        failed = Failed(
            kind=Kind.HEARTBEAT,
            finding=Finding(problem=Problem.FAILED, name=name),
            beat=self._record(name, Beat.FAILED, run),
            detail_every_s=0.0 if run else BEAT_EVERY_S,
        )
        if isinstance(why, BaseException):
            self._recorder.exception(why, level=Level.ERROR, handled=False, failed=failed)
        else:
            self._recorder.text(Kind.HEARTBEAT, why, level=Level.ERROR, source=source, failed=failed)

    @property
    def has_runs(self) -> bool:
        """Whether a run goes on that ends with this process."""
        return any(list(self._running.values()))

    def _end(self, name: str, run: str | None) -> None:
        if run and name in self._running:
            self._running[name].discard(run)

    def _beat(self, name: str, beat: Beat, run: str | None, *, is_bound: bool = False) -> None:
        self._beats[name] = beat, self._clock.monotonic()
        self._recorder.keep({"beat": self._record(name, beat, run, is_bound=is_bound)})

    def _record(self, name: str, beat: Beat, run: str | None, *, is_bound: bool = False) -> dict[str, object]:
        return {"name": name, "beat": beat, "at": self._clock.now(), "run": run, "bound": is_bound}

    def _may_beat(self, name: str) -> bool:
        if name in self._beats or len(self._beats) < BEATING_MAX:
            return True
        tell("heartbeats", f"heartbeat {name!r} is not watched: this process has {BEATING_MAX} others already.")
        return False


def _answer_name(method: str, route: str | None) -> str:
    """What an answer is counted under. Methods and paths that a stranger made up are not told apart."""
    if not route:
        return UNMATCHED
    return f"{method if method in _METHODS else OTHERS} {route}"[:NAME_LENGTH_MAX]
