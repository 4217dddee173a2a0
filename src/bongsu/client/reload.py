"""A changed configuration file: what of it comes into force, and what is said of it, once for an app."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from hashlib import sha256
from typing import Any

from bongsu import pipeline
from bongsu.alerting.group import Occurrence
from bongsu.capture.reading import Sources, event_of
from bongsu.client.edits import Edit, Edits
from bongsu.client.intake.session import Session
from bongsu.client.telling import forget, tell
from bongsu.config import Settings
from bongsu.event import Event, Kind, Level
from bongsu.ids import new_id
from bongsu.messages.locales import Words
from bongsu.pipeline import Policy
from bongsu.routing import DEVOPS
from bongsu.scrubbing import scrub
from bongsu.store import Book, SqliteStore

PROBLEMS_TOLD = 10  # a message has room for some 2 500 characters
PROBLEM_LENGTH_MAX = 200
CONFIG = "config"  # the key of all that is told of it outside of Slack

HELD = ("app", "environment", "release", "state_dir", "integrations")  # of these a process has one as long as it lives
HELD_BY_COMMANDS = ("run", "watch")  # what `bongsu run` and `bongsu watch` have built their watch from


class State(StrEnum):
    """How it stands with a content of the file."""

    WELL = "well"
    HELD = "held"  # in force, but for what cannot change in a running process
    BROKEN = "broken"


@dataclass(frozen=True, slots=True, kw_only=True)
class Saying:
    """What is to be told of an edit."""

    state: State
    is_mended: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Untold:
    edit: Edit
    held: Mapping[str, tuple[Any, Any]]  # what it stays, and what the file wants

    @property
    def state(self) -> State:
        if self.edit.problems:
            return State.BROKEN
        return State.HELD if self.held else State.WELL

    def news(self, note: str | None) -> tuple[str | None, Saying | None]:
        return news(note, self.state, self.edit.digest, _digest(repr(sorted(self.held.items()))))


def news(note: str | None, state: State, content: str, held: str = "") -> tuple[str | None, Saying | None]:
    """The note that the processes of an app share, after one of them has judged a content; and what it is to say.

    `content` and `held` are digests: of the file, and of what is held of it.
    """
    is_broken = (note or "").startswith(State.BROKEN)
    if is_broken and note == f"{State.BROKEN} {content}":
        return note, None  # said; if we find it sound, another process lacks a variable that we have
    if state is State.WELL and not is_broken:
        return note, None
    after = f"{state} {held if state is State.HELD else content}"
    if after == note:
        return note, None
    is_mended = is_broken and state is not State.BROKEN
    return after, Saying(state=state, is_mended=is_mended)


class Reload:
    """Follows the file of a client's settings; looked after on the worker's thread."""

    def __init__(self, settings: Settings, *, is_command: bool) -> None:
        """`is_command`: a command of ours, which has read tables that a program has no use for."""
        self._edits = Edits(settings)
        self._name = settings.reading.place.name
        self._note = f"{CONFIG} {_digest(settings.reading.place.path)}"
        self._holds = (*HELD, *HELD_BY_COMMANDS) if is_command else HELD
        self._untold: _Untold | None = None

    def look(self, present: Settings, now: float) -> Settings | None:
        """The settings that come into force instead of the present ones, if there are any."""
        edit = self._edits.look(now)
        if edit is None:
            return None
        held = _differing(self._holds, present, edit.settings) if edit.settings else {}
        self._untold = _Untold(edit=edit, held=held)
        return replace(edit.settings, **_held(present)) if edit.settings else None

    def say(self, store: SqliteStore, words: Words, header: Mapping[str, Any], policy: Policy, now: float) -> None:
        """Tell of the newest edit what no process has told yet. Raises StoreError, and says it the next time."""
        untold = self._untold
        if untold is None:
            return
        with store.reading() as book:
            _, saying = untold.news(book.note(self._note))
        if saying is not None and self._edits.is_current(untold.edit):
            self._say(store, untold, words, header, policy, now)
        self._untold = None

    def _say(
        self,
        store: SqliteStore,
        untold: _Untold,
        words: Words,
        header: Mapping[str, Any],
        policy: Policy,
        now: float,
    ) -> None:
        with store.transaction() as book:
            note, saying = untold.news(book.note(self._note))
            if saying is None or not self._edits.is_current(untold.edit):
                return  # another process was faster, or the file is a third one already
            text = _text(self._name, untold, saying, words)
            book.save_note(self._note, note)
            _record(book, _event(text, saying, header, now), policy, now)
        forget(CONFIG)
        tell(CONFIG, text)


def _differing(names: tuple[str, ...], present: Settings, wanted: Settings) -> dict[str, tuple[Any, Any]]:
    found = {name: (_value(name, present), _value(name, wanted)) for name in names}
    return {name: (stays, asked) for name, (stays, asked) in found.items() if stays != asked}


def _value(name: str, settings: Settings) -> Any:
    """`state_dir` without the app's own folder in it: another app is told once."""
    value = getattr(settings, name)
    return os.path.dirname(value) if name == "state_dir" else value


def _held(present: Settings) -> dict[str, Any]:
    return {name: getattr(present, name) for name in (*HELD, *HELD_BY_COMMANDS)}


def _text(name: str, untold: _Untold, saying: Saying, words: Words) -> str:
    if saying.state is State.BROKEN:
        return scrub("\n".join((words.config_broken.format(name), *_problems(untold.edit.problems, words))))
    held = (words.config_held.format(", ".join(untold.held)),) if untold.held else ()
    told = words.config_mended if saying.is_mended else words.config_in_force
    return scrub("\n".join((told.format(name), *held)))


def _problems(problems: tuple[str, ...], words: Words) -> list[str]:
    told = [f"• {each[:PROBLEM_LENGTH_MAX]}" for each in problems[:PROBLEMS_TOLD]]
    return [*told, words.more.format(len(problems) - PROBLEMS_TOLD)] if len(problems) > PROBLEMS_TOLD else told


def _event(text: str, saying: Saying, header: Mapping[str, Any], now: float) -> Event:
    level = Level.WARNING if saying.state is not State.WELL else Level.INFO
    record = {"id": new_id(now), "at": now, "kind": Kind.RECORD, "level": level, "message": text, "channel": DEVOPS}
    return event_of(record, header, Sources())


def _record(book: Book, event: Event, policy: Policy, now: float) -> None:
    session = Session(book, now, policy)
    session.occur(Occurrence(fingerprint=pipeline.fingerprint(event), at=now, event=event))
    session.save(policy.destinations)


def _digest(text: str) -> str:
    return sha256(os.fsencode(text)).hexdigest()[:16]
