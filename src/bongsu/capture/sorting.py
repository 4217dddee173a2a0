"""What the rules of the configuration tell apart at one place: it needs counters of its own, or the counts would mix.

A counter counts for the group of the event that it began with. Where a rule asks for a tag, a logger or the message,
equal errors of one place may belong to different groups, or be ignored or not; so these become part of the quick key.
"""

import functools
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from bongsu.capture.context import mark_of
from bongsu.capture.exceptions import QuickKey, message_of, printable, traceback_of, type_of
from bongsu.event import CapturedException, Event, Kind, Level
from bongsu.grouping import templates
from bongsu.routing.rules import TAG, Field
from bongsu.routing.sorting import Sorting
from bongsu.scrubbing import scrub, scrub_value

APART_MAX = 500  # keys that differ by what stands in a template, within …
APART_FOR_S = 3_600.0  # … an hour: each is a problem, and a store remembers 20 000
CACHED_MAX = 1_024  # kinds of events whose rules were looked for lately

Values = tuple[str, ...]
Raised = tuple[str, str | None]
"""An exception's type, and its module."""


class Salt(NamedTuple):
    """What tells an event apart from others of its place."""

    ignored: str = ""  # the rule that ignores it
    group: str = ""  # the template of its group
    values: Values = ()  # what stands in it


UNSALTED = Salt()


class Sorter:
    """Looks at what is captured as the rules will. Made once for a process."""

    def __init__(self, sorting: Sorting, *, app: str, environment: str, release: str | None) -> None:
        self._sorting = sorting
        self._app, self._environment, self._release = app, environment, release
        self._tags = tuple(sorted(set(_tags(sorting))))
        self._apart: set[QuickKey] = set()
        self._apart_since = float("-inf")
        self._found = functools.lru_cache(CACHED_MAX)(self._look)

    def told_apart(
        self,
        key: QuickKey,
        kind: Kind,
        level: Level,
        logger: str,
        what: BaseException | str,
        values: Mapping[str, object],
        tags: Mapping[str, object],
        now: float,
    ) -> tuple[QuickKey, Mapping[str, bool]]:
        """The quick key with what tells it apart, and what a record has to say of that.

        `what` is an exception, or a message. Work at hand (`values`) and call (`tags`) both name tags: the call's win.
        """
        texts = tuple([_tag(name, tags if name in tags else values) for name in self._tags]) if self._tags else ()
        salt, names = self._found(kind, level, logger, None if isinstance(what, str) else type_of(what), texts)
        if salt is UNSALTED:
            return key, {}
        if not names:
            return (*key, salt), {}
        known = {"logger": logger} | {f"{TAG}{name}": text for name, text in zip(self._tags, texts, strict=True)}
        said = (_said(what) if name == "message" else known[_full(name)] or "" for name in names)
        full = (*key, salt._replace(values=tuple(map(_shown, names, said))))
        return (full, {}) if self._admits(full, now) else ((*key, salt), {"crowded": True})

    def _admits(self, key: QuickKey, now: float) -> bool:
        """Whether there is room for such a key: each is a problem of its own."""
        if not 0 <= now - self._apart_since < APART_FOR_S:
            self._apart, self._apart_since = set(), now
        apart = self._apart
        if key not in apart and len(apart) < APART_MAX:
            apart.add(key)
        return key in apart

    def _look(
        self, kind: Kind, level: Level, logger: str, raised: Raised | None, texts: tuple[str | None, ...]
    ) -> tuple[Salt, Values]:
        """The salt of such an event but for its values, and the names of these."""
        event = Event(
            id="",
            at=0.0,
            kind=kind,
            level=level,
            message="",
            app=self._app,
            environment=self._environment,
            release=self._release,
            logger=logger,
            tags={name: text for name, text in zip(self._tags, texts, strict=True) if text is not None},
            exceptions=() if raised is None else (_described(*raised),),
        )
        if ignored := self._sorting.ignores(event):
            return Salt(ignored), ()
        template = self._sorting.template(event)
        return (UNSALTED, ()) if template is None else (Salt("", template.written), template.varying)


def _said(what: BaseException | str) -> str:
    if isinstance(what, str):
        return scrub(what)
    mark = mark_of(what)
    before = mark.event_id, mark.traceback
    mark.event_id, mark.traceback = "", traceback_of(what)  # its __str__ may capture it, or log it
    try:
        return message_of(what)
    finally:
        mark.event_id, mark.traceback = before


def _described(name: str, module: str | None) -> CapturedException:
    return CapturedException(type=name, module=module or "", message="")


def _tags(sorting: Sorting) -> Iterator[str]:
    """The names of the tags that rules look at."""
    names = {name for when in sorting.conditions() for name in when}
    names |= {_full(name) for rule in sorting.regrouped for name in rule.group.varying}
    yield from (name.removeprefix(TAG) for name in names if name.startswith(TAG))
    if Field.HTTP_STATUS in names:
        yield "status"


def _full(name: str) -> str:
    """`{route}` is short for `{tag.route}`."""
    return name if name in ("message", "logger") or name.startswith(TAG) else f"{TAG}{name}"


def _tag(name: str, values: Mapping[str, object]) -> str | None:
    """The tag as the event will have it."""
    return _scrubbed(name, printable(values[name])) if name in values else None


@functools.lru_cache(CACHED_MAX)
def _scrubbed(name: str, value: str) -> str:
    return scrub_value(name, value)


@functools.lru_cache(CACHED_MAX)
def _shown(name: str, value: str) -> str:
    return templates.shown(name, value)
