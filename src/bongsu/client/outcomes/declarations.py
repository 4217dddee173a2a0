"""What this program expects of itself. Like a decorator it stands in the code, before or after `init`.

Every client tells the store, which knows of it in all processes: when it begins, when its spool is a new one, and once
a day.
"""

from dataclasses import replace
from typing import Any

from bongsu.event import Kind
from bongsu.outcomes import expectations, heartbeats
from bongsu.outcomes.durations import DAY_S
from bongsu.outcomes.expectations import Expectation
from bongsu.outcomes.heartbeats import Heartbeat

DECLARED_MAX = 200  # of a program; a name made up at run time would have no end
AGAIN_EVERY_S = float(DAY_S)

Declared = Expectation | Heartbeat

_declared: dict[tuple[Kind, str], Declared] = {}


def declare(what: Declared) -> Declared | None:
    """Remember it, instead of an earlier one of that name; None: there are too many.

    Declared alike in two places it stays as it was in the first.
    """
    key = kind_of(what), what.name
    known = _declared.get(key)
    if known is None and len(_declared) >= DECLARED_MAX:
        return None
    if known is None or replace(known, source=what.source) != what:
        _declared[key] = what
    return _declared[key]


def declared() -> list[Declared]:
    """All there are."""
    return list(_declared.values())


def kind_of(what: Declared) -> Kind:
    return Kind.EXPECTATION if isinstance(what, Expectation) else Kind.HEARTBEAT


def record_of(what: Declared, now: float) -> dict[str, Any]:
    """Its spool record."""
    if isinstance(what, Expectation):
        data = expectations.to_json(replace(what, declared_at=now, observed_since=now, looked_at=now))
    else:
        data = heartbeats.to_json(replace(what, declared_at=now, since=now))
    return {"declared": {"kind": kind_of(what), **data}}
