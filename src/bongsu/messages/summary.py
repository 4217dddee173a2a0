"""What a summary tells, in plain values."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from bongsu import event as events
from bongsu.event import Event, Finding, Level


class Standing(StrEnum):
    """Where a problem stands."""

    FIRING = "firing"
    ACKNOWLEDGED = "acknowledged"
    SILENCED = "silenced"
    OVER = "over"


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One problem."""

    title: str
    location: str
    level: Level
    standing: Standing
    count: int  # occurrences in the span
    began_at: float  # of its last episode
    finding: Finding | None = None  # of a watch
    raised: bool = False  # the title is that of an exception

    @classmethod
    def of(cls, event: Event, standing: Standing, count: int, began_at: float) -> "Item":
        """A problem with this sample."""
        return cls(
            title=event.title,
            location=event.location,
            level=event.level,
            standing=standing,
            count=count,
            began_at=began_at,
            finding=event.finding,
            raised=bool(event.exceptions),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Items:
    """A list of problems, and how many there are with those that are not shown."""

    shown: tuple[Item, ...] = ()
    number: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """A silence that ends before the next summary."""

    why: str
    until: float
    held: int  # occurrences held back


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """A channel that messages do not get through to."""

    channel: str
    word: str = ""  # the last answer; empty: it is reached, or nobody has tried
    is_dead: bool = False  # no message will pass until a person changes something
    waiting: int = 0  # messages
    oldest_at: float = 0.0  # of these
    rejected: int = 0  # messages of the span that were refused for good
    rejected_word: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What has happened since the last one."""

    app: str
    environment: str
    host: str
    since: float
    begun: Items = Items()
    over: Items = Items()
    firing: Items = Items()
    noisiest: Items = Items()
    endings: tuple[Ending, ...] = ()
    ways: tuple[Way, ...] = ()
    checks: int = 0  # what is expected, and the processes that are watched


LISTS = ("begun", "over", "firing", "noisiest")


def to_json(summary: Summary) -> dict[str, Any]:
    """The summary as JSON values; `from_json` is its inverse."""
    data = {name: getattr(summary, name) for name in Summary.__slots__}
    for name in LISTS:
        shown = [_item_to_json(each) for each in data[name].shown]
        data[name] = {"shown": shown, "number": data[name].number}
    return data | {name: [asdict(each) for each in data[name]] for name in ("endings", "ways")}


def from_json(data: Mapping[str, Any]) -> Summary:
    """The inverse of `to_json`. Raises KeyError, TypeError or ValueError for anything else."""
    values = dict(data)
    for name in LISTS:
        shown = tuple(_item_from_json(each) for each in values[name]["shown"])
        values[name] = Items(shown=shown, number=values[name]["number"])
    values["endings"] = tuple(Ending(**each) for each in values["endings"])
    values["ways"] = tuple(Way(**each) for each in values["ways"])
    return Summary(**values)


def _item_to_json(item: Item) -> dict[str, Any]:
    data = {name: getattr(item, name) for name in Item.__slots__}
    return data | {"finding": events.finding_to_json(item.finding) if item.finding else None}


def _item_from_json(data: Mapping[str, Any]) -> Item:
    finding = events.finding_from_json(data["finding"]) if data["finding"] else None
    return Item(**{**data, "level": Level(data["level"]), "standing": Standing(data["standing"]), "finding": finding})
