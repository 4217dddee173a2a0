"""What the machines answer: something is wrong, or is over."""

from dataclasses import dataclass

from bongsu.event import Finding, Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Raised:
    """A problem was found; `times` more than once where nobody had looked for a while, 0 where others counted it."""

    finding: Finding
    at: float
    times: int = 1
    detail: str = ""  # further lines, the same in every language
    fingerprint: str = ""  # of the group that it belongs to, if that is not plain from the finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Over:
    """A lasting problem has ended. `finding` says how it stands; None: nobody watches it any more."""

    problem: Problem
    name: str
    finding: Finding | None = None
    fingerprint: str = ""  # as in Raised


Sign = Raised | Over
