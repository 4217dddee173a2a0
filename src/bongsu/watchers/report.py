"""What a watcher has seen, in one form for all of them; the client takes it from here."""

from dataclasses import dataclass

from bongsu.event import Process
from bongsu.outcomes.processes import Turn

__all__ = ["NAME_LENGTH_MAX", "Report", "Trace", "TraceError", "TraceFrame", "Turn"]

NAME_LENGTH_MAX = 200  # characters of a service's name or instance; the client keeps no more


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceFrame:
    """One call of a stack in somebody's output."""

    function: str  # qualified where it can be known
    module: str  # of Python, as `__name__` would say; empty where there is none
    path: str  # as it stands in the output
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceError:
    """One exception of a chain, not scrubbed. Frames run from the outermost call to the crash."""

    type: str
    module: str
    message: str
    frames: tuple[TraceFrame, ...]
    relation: str = "raised"  # a word of bongsu.event.Relation
    omitted: int = 0  # frames left out of the middle


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """A traceback or stack found in the output of a process: the captured exception first, then its causes."""

    errors: tuple[TraceError, ...]  # never empty


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One turn of one process. Texts are as they were found: the client scrubs them."""

    turn: Turn
    at: float
    process: Process
    instance: str = ""  # tells several processes of one name apart
    trace: Trace | None = None  # ENDED: what it died of; FAILED
    text: str = ""  # LINE: the line; HUNG: what was asked, and what came
    times: int = 1  # LINE: how many like it
    used_bytes: int = 0  # OVER_MEMORY
    limit_bytes: int = 0  # OVER_MEMORY
    span_s: float = 0.0  # HUNG: for how long
    is_announced: bool = False  # STARTED, ENDED: also an operational record of its own
    is_record: bool = False  # nothing but that record: the turn itself was reported when it happened
    is_told: bool = False  # ENDED: somebody has told of this end, or does not want to hear: it only counts for a loop;
    # GAVE_UP: there was one end, which says it all
    channel: str | None = None  # asked for by the configuration
    cwd: str = ""  # of the process: paths are shown from there
    host: str = ""  # where it runs, if not here
