"""What heartbeats, expectations and answers tell."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from bongsu.alerting.decision import Reason
from bongsu.event import Event, Finding, Kind, Problem
from bongsu.messages.gallery.sample import TOLD_AGAIN, Sample
from bongsu.messages.gallery.scene import BEGAN, HOUR, MINUTE, first, watched
from bongsu.messages.message import Message, State

_JOB = "seat-backup"


def samples() -> Iterator[Sample]:
    """Jobs that do not come, counts that are too low, answers that are bad."""
    found = {
        "heartbeat_missed": ("A heartbeat is missed", _job(Problem.MISSED, span_s=26 * HOUR, allowed_s=24 * HOUR)),
        "heartbeat_late": ("A heartbeat came late", _job(Problem.LATE, span_s=42 * MINUTE)),
        "heartbeat_failed": ("A job failed", _job(Problem.FAILED, "the disk of backup-1 is full")),
        "heartbeat_killed": ("A job was killed", _job(Problem.KILLED, span_s=12 * MINUTE)),
        "heartbeat_too_long": ("A job takes too long", _job(Problem.TOO_LONG, span_s=HOUR, allowed_s=30 * MINUTE)),
        "heartbeat_overlapping": ("Runs of a job overlap", _job(Problem.OVERLAPPING, count=2)),
        "too_few": ("Too few successes", _too_few()),
        "http_5xx": ("An answer 5xx without an exception", _answer()),
        "http_burst": ("A burst of answers 5xx", _burst()),
        "http_burst_4xx": ("A burst of refusals on one route", _refused()),
    }
    for name, (title, event) in found.items():
        yield Sample(name=name, title=title, message=first(event))
    over = {
        "heard_again": ("A missed heartbeat is heard again", _over("heartbeat_missed", found, span_s=2 * HOUR)),
        "went_well_again": ("A failed job went well again", _over("heartbeat_failed", found)),
        "enough_again": ("There are enough again", _over("too_few", found, count=14, wanted=10, span_s=10 * MINUTE)),
        "burst_over": ("A burst is over", _over("http_burst", found, count=0, wanted=410, span_s=5 * MINUTE)),
        "not_watched": (
            "A missed heartbeat is watched no more",
            replace(_over("heartbeat_missed", found), finding=None),
        ),
    }
    for name, (title, message) in over.items():
        yield Sample(name=name, title=title, message=message, modes=TOLD_AGAIN)


def _job(problem: Problem, said: str = "", **numbers: Any) -> Event:
    finding = Finding(problem=problem, name=_JOB, **numbers)
    return watched(Kind.HEARTBEAT, finding, said or "\n", source="checkin/jobs.py:14")


def _too_few() -> Event:
    finding = Finding(problem=Problem.UNMET, name="log-in", count=2, wanted=10, span_s=10 * MINUTE)
    return watched(Kind.EXPECTATION, finding, "\n", source="checkin/auth.py:90")


def _answer() -> Event:
    name = "503 GET /rooms/{id}/seats"
    tags = {"status": "503", "method": "GET", "route": "/rooms/{id}/seats"}
    finding = Finding(problem=Problem.ANSWER, name=name)
    return watched(Kind.HTTP, finding, name, tags=tags, request_id="1b7f0c55d2aa49e8")


def _burst() -> Event:
    finding = Finding(problem=Problem.BURST, name="5xx", count=37, wanted=140, span_s=5 * MINUTE)
    said = "5xx: 37 of 140 answers in 5 min\n29 × GET /login/callback\n8 × POST /seats"
    return watched(Kind.HTTP, finding, said)


def _refused() -> Event:
    finding = Finding(problem=Problem.BURST, name="4xx POST /seats", count=61, wanted=88, span_s=5 * MINUTE)
    return watched(Kind.HTTP, finding, "4xx POST /seats: 61 of 88 answers in 5 min")


def _over(name: str, found: dict[str, tuple[str, Event]], **numbers: Any) -> Message:
    event = found[name][1]
    assert event.finding is not None, "only what a watch found can be over"
    finding = Finding(problem=event.finding.problem, name=event.finding.name, **numbers)
    return first(event, reason=Reason.RESOLVED, state=State.QUIET, finding=finding, at=BEGAN + 2 * HOUR)
