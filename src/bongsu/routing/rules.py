"""One rule: what an event must be like, and where it then goes. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from bongsu.event import Event, Kind, Level


class Field(StrEnum):
    """What a rule can look at; a tag is looked at under its own name, `tag.team`."""

    APP = "app"
    ENVIRONMENT = "environment"
    EXCEPTION = "exception"
    HTTP_STATUS = "http_status"
    KIND = "kind"
    LEVEL = "level"
    LOGGER = "logger"
    RELEASE = "release"


TAG = "tag."

CHOICES: Mapping[str, tuple[str, ...]] = {
    Field.LEVEL: tuple(each.value for each in Level),
    Field.KIND: tuple(each.value for each in Kind),
}
"""The texts that there are, of fields with few."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """The first rule whose conditions all hold decides; one that `goes_on` leaves the next ones their say."""

    to: tuple[str, ...]  # channels
    when: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # field → patterns, of which one must match
    goes_on: bool = False


def values(event: Event) -> Mapping[str, tuple[str, ...]]:
    """What rules see of an event: each field with the texts that a pattern may match."""
    found = {
        Field.APP: (event.app,),
        Field.ENVIRONMENT: (event.environment,),
        Field.KIND: (event.kind.value,),
        Field.LEVEL: (event.level.value,),
        Field.LOGGER: (event.logger or "",),
        Field.RELEASE: (event.release or "",),
        Field.EXCEPTION: tuple(_names(event)),
        Field.HTTP_STATUS: (event.tags.get("status", ""),),
    }
    return {name.value: texts for name, texts in found.items()} | {
        f"{TAG}{name}": (value,) for name, value in event.tags.items()
    }


def _names(event: Event) -> Iterator[str]:
    """`IntegrityError` and `sqlalchemy.exc.IntegrityError`."""
    for exception in event.exceptions[:1]:
        yield exception.type
        if exception.module:
            yield f"{exception.module}.{exception.type}"
