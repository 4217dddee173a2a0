"""What operators do to several apps at once, as `pm2 restart all`, is one record."""

from dataclasses import dataclass, replace

from bongsu.watchers.report import Report, Turn

QUIET_S = 2.0  # an operator's command has ended when nothing of its kind came for so long
WAIT_MAX_S = 10.0  # then it is told, also if more may come
NAMES_MAX = 5  # in a title; the others are counted


@dataclass(slots=True)
class _Batch:
    report: Report  # the first
    names: set[str]  # the processes of a cluster have one
    first_at: float
    last_at: float

    def due_at(self) -> float:
        return min(self.last_at + QUIET_S, self.first_at + WAIT_MAX_S)


class Records:
    """Collects records until their command has ended."""

    def __init__(self) -> None:
        self._batches: dict[tuple[Turn, str | None], _Batch] = {}

    def add(self, report: Report, now: float) -> None:
        """Take in what was done to one app."""
        key = (report.turn, report.channel)
        batch = self._batches.setdefault(key, _Batch(report=report, names=set(), first_at=now, last_at=now))
        batch.names.add(report.process.name)
        batch.last_at = now

    def forget(self, *turns: Turn) -> None:
        """Those are explained by something larger."""
        self._batches = {key: batch for key, batch in self._batches.items() if key[0] not in turns}

    def due_at(self) -> float | None:
        """When `due` has something; None: nothing waits."""
        return min((batch.due_at() for batch in self._batches.values()), default=None)

    def due(self, now: float) -> list[Report]:
        """The records whose commands have ended."""
        ripe = [key for key, batch in self._batches.items() if batch.due_at() <= now]
        return [_joined(self._batches.pop(key)) for key in ripe]


def _joined(batch: _Batch) -> Report:
    names = sorted(batch.names)
    if len(names) == 1:
        return batch.report
    more = f", +{len(names) - NAMES_MAX} more" if len(names) > NAMES_MAX else ""
    name = ", ".join(names[:NAMES_MAX]) + more
    process = replace(batch.report.process, name=name, command="", output=(), uptime_s=None, pid=0)
    return replace(batch.report, process=process, instance="")
