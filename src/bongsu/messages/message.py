"""The channel-neutral message: the facts to tell, before any dialect or language."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from bongsu import event as events
from bongsu.alerting import causes, deploys
from bongsu.alerting.causes import Cause
from bongsu.alerting.decision import Reason
from bongsu.alerting.deploys import Deploy
from bongsu.event import Event, Finding, Kind, Level
from bongsu.messages import summary as summaries
from bongsu.messages.summary import Summary


class State(StrEnum):
    """The state of a problem; it decides the colour."""

    FIRING = "firing"  # red
    ACKNOWLEDGED = "acknowledged"  # yellow
    QUIET = "quiet"  # green
    SILENCED = "silenced"  # grey
    NEUTRAL = "neutral"  # an operational record: no colour


class Trouble(StrEnum):
    """What Bongsu has to say of itself, in a message's footer. `detail` is given where noted."""

    STATE_DIR = "state_dir"  # events are kept in memory only; detail: the system's reason
    STORE_SET_ASIDE = "store_set_aside"  # the database was damaged; detail: the name it has now
    SHED = "shed"  # occurrences that could only be counted; detail: how many
    PAYLOAD = "payload"  # the raw payload was wrong, this is its plain text; detail: the first problem
    FALLBACK = "fallback"  # meant for another channel that is dead; detail: channel and Slack's word


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """One line of the footer."""

    trouble: Trouble
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One problem in a digest."""

    title: str
    location: str
    count: int
    level: Level
    finding: Finding | None = None  # of a watch
    raised: bool = False  # the title is that of an exception

    @classmethod
    def of(cls, event: Event, count: int) -> "Entry":
        """A problem with this sample, that many times."""
        return cls(
            title=event.title,
            location=event.location,
            count=count,
            level=event.level,
            finding=event.finding,
            raised=bool(event.exceptions),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """The facts of one message. A renderer turns them into a payload in a language; nothing here is translated."""

    reason: Reason
    state: State
    at: float  # when it was decided
    event: Event | None = None  # the newest detailed sample; None in a digest
    step: int = 0  # GROWING: the step reached
    count: int = 1  # occurrences in the episode; in a digest, of all its problems
    total: int = 1  # occurrences ever
    episode_began_at: float = 0.0
    first_seen_at: float = 0.0
    last_seen_at: float = 0.0
    users: int = 0  # distinct users, estimated; 0: unknown
    request_ids: tuple[str, ...] = ()  # the newest last, at most three
    app: str = ""  # DIGEST: of all its problems; empty: they differ
    environment: str = ""  # likewise
    entries: tuple[Entry, ...] = ()  # DIGEST: the top five
    problems: int = 0  # DIGEST: how many in all, entries included
    cause: Cause | None = None  # DIGEST: what half of them or more share
    backlog_s: float = 0.0  # DIGEST: written after an outage of the channel this long; 0: written because of a storm
    deploy: Deploy | None = None  # the last one before the episode, if it was not long before
    finding: Finding | None = None  # RESOLVED: how it stands; None: nobody watches it any more
    summary: Summary | None = None  # SUMMARY
    notes: tuple[Note, ...] = ()
    repeat: bool = False  # an earlier attempt may have arrived

    @property
    def is_record(self) -> bool:
        """Whether somebody noted it down: nothing is wrong."""
        return self.event is not None and self.event.kind is Kind.RECORD


def in_common(texts: Iterable[str]) -> str:
    """What all of them are; empty where they differ."""
    found = set(texts)
    return found.pop() if len(found) == 1 else ""


def to_json(message: Message) -> dict[str, Any]:
    """The message as JSON values; `from_json` is its inverse."""
    data = {name: getattr(message, name) for name in Message.__slots__}
    data["event"] = events.to_json(message.event) if message.event else None
    data["deploy"] = deploys.to_json(message.deploy) if message.deploy else None
    data["finding"] = events.finding_to_json(message.finding) if message.finding else None
    data["entries"] = [_entry_to_json(entry) for entry in message.entries]
    data["summary"] = summaries.to_json(message.summary) if message.summary else None
    data["cause"] = causes.to_json(message.cause) if message.cause else None
    data["notes"] = [{"trouble": note.trouble, "detail": note.detail} for note in message.notes]
    return data


def from_json(data: Mapping[str, Any]) -> Message:
    """The inverse of `to_json`. Raises KeyError, TypeError or ValueError for anything else."""
    values = dict(data)
    values["reason"] = Reason(values["reason"])
    values["state"] = State(values["state"])
    values["event"] = events.from_json(values["event"]) if values["event"] else None
    values["finding"] = events.finding_from_json(values["finding"]) if values.get("finding") else None
    values["deploy"] = deploys.from_json(values["deploy"]) if values.get("deploy") else None
    values["request_ids"] = tuple(values["request_ids"])
    values["entries"] = tuple(_entry_from_json(entry) for entry in values["entries"])
    values["summary"] = summaries.from_json(values["summary"]) if values.get("summary") else None
    values["cause"] = causes.from_json(values["cause"]) if values.get("cause") else None
    values["notes"] = tuple(Note(trouble=Trouble(note["trouble"]), detail=note["detail"]) for note in values["notes"])
    return Message(**values)


def _entry_to_json(entry: Entry) -> dict[str, Any]:
    data = {name: getattr(entry, name) for name in Entry.__slots__}
    return data | {"finding": events.finding_to_json(entry.finding) if entry.finding else None}


def _entry_from_json(data: Mapping[str, Any]) -> Entry:
    finding = events.finding_from_json(data["finding"]) if data.get("finding") else None
    return Entry(**{**data, "level": Level(data["level"]), "finding": finding})
