"""A score: what happens when, and what each channel must receive for it.

    at("22:59:50", fails("LoginError"))        an event; times are those of the wall clock in the score's zone
    "23:00 growing · ×10"                      a message within that minute, with its reason and some of its words
    "+1 07:00-07:02 digest"                    on the next day, from one moment to another
    "23:01:30 reply growing"                   not a message of its own: reply, edit or file

What is written to the second must come in that second. `02:30b` is the second 02:30 of the night in which clocks are
put back.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import zip_longest
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from stage import Heard, Stage, open_stage

from bongsu.alerting.decision import Reason
from bongsu.messages.delivery import Verb

Act = Callable[[Stage], None]
WORDS_APART = " · "
EXPECTED_WIDTH, GOT_WIDTH = 70, 240  # characters of a line that tells what is wrong
_MOMENT = r"(?:\+(\d+) )?(\d\d):(\d\d)(?::(\d\d))?(b?)"
_EXPECTED = re.compile(rf"{_MOMENT}(?:-{_MOMENT})? (.+)")
_SPAN = re.compile(r"(\d+)([smhd])")
_UNITS_S = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
_VERBS = {Verb.POST: "", Verb.REPLY: "reply ", Verb.EDIT: "edit ", Verb.STACK: "file "}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cue:
    """One event of a score."""

    at: str
    act: Act
    turns_clock: bool = False


def at(moment: str, *acts: Act) -> list[Cue]:
    """Something happens then."""
    return [Cue(at=moment, act=act, turns_clock=getattr(act, "turns_clock", False)) for act in acts]


def every(span: str, act: Act, *, since: str, till: str) -> list[Cue]:
    """Something happens again and again; the last time not after `till`."""
    return [Cue(at=f"{since}~{span}~{till}", act=act)]


def seconds(span: str) -> float:
    """`90s`, `5m`, `2h`."""
    found = _SPAN.fullmatch(span)
    assert found, f"no span: {span}"
    return float(int(found[1]) * _UNITS_S[found[2]])


class Score:
    """Plays in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __call__(
        self,
        config: str = "",
        *,
        events: Iterable[Sequence[Cue]],
        till: str,
        expect: Mapping[str, Sequence[str]],
        day: str = "2021-09-07",
        counts: bool = False,
        **facts: Any,
    ) -> None:
        """`config`: tables of bongsu.toml. `counts`: edits that only renew numbers are looked at too. `facts`: Stage's.

        Channels that are not spoken of must receive nothing.
        """
        with open_stage(self._folder, config=config, **facts) as stage:
            _play(stage, day, events, till, expect, counts)


def _play(
    stage: Stage,
    day: str,
    events: Iterable[Sequence[Cue]],
    till: str,
    expect: Mapping[str, Sequence[str]],
    counts: bool,
) -> None:
    calendar = _Calendar(datetime.fromisoformat(day), stage.zone)
    stage.clock.jump(calendar.moment("00:00") - stage.clock.now())
    for cues in _movements([cue for each in events for cue in each]):
        for moment, act in sorted(_moments(cues, calendar), key=lambda each: each[0]):
            stage.live_until(moment)
            act(stage)
    stage.live_until(calendar.moment(till))
    stage.look()
    heard = [each for each in stage.heard if counts or each.message.reason is not Reason.UPDATED]
    _compare(heard, expect, calendar)


def _movements(cues: Sequence[Cue]) -> Iterable[list[Cue]]:
    """What is written behind a change of the clock happens after it."""
    movement: list[Cue] = []
    for cue in cues:
        movement.append(cue)
        if cue.turns_clock:
            yield movement
            movement = []
    yield movement


def _moments(cues: Iterable[Cue], calendar: "_Calendar") -> Iterable[tuple[float, Act]]:
    for cue in cues:
        since, _, more = cue.at.partition("~")
        span, _, till = more.partition("~")
        moment = calendar.moment(since)
        last = calendar.moment(till) if till else moment
        while moment <= last:
            yield moment, cue.act
            moment += seconds(span) if span else 1.0


@dataclass(frozen=True, slots=True)
class _Calendar:
    """Times as a score writes them."""

    day: datetime
    zone: ZoneInfo

    def moment(self, written: str) -> float:
        found = re.fullmatch(_MOMENT, written)
        assert found, f"no time: {written}"
        return self._at(found.groups())[0]

    def window(self, found: re.Match[str]) -> tuple[float, float]:
        """From when to when an expectation may come true."""
        first, last = found.groups()[:5], found.groups()[5:10]
        begins, ends = self._at(first)
        return begins, self._at(last)[1] if last[1] else ends

    def written(self, moment: float) -> str:
        local = datetime.fromtimestamp(moment, self.zone)
        days = (local.date() - self.day.date()).days
        return f"{f'+{days} ' if days else ''}{local:%H:%M:%S}{'b' if local.fold else ''}"

    def _at(self, parts: Sequence[str | None]) -> tuple[float, float]:
        days, hour, minute, second, again = parts
        day = self.day + timedelta(days=int(days or 0))
        local = day.replace(hour=int(hour or 0), minute=int(minute or 0), second=int(second or 0), fold=again == "b")
        begins = local.replace(tzinfo=self.zone).timestamp()
        return begins, begins + (1.0 if second else 60.0)


def _compare(heard: Iterable[Heard], expect: Mapping[str, Sequence[str]], calendar: _Calendar) -> None:
    got: dict[str, list[Heard]] = {channel: [] for channel in expect}
    for each in heard:
        got.setdefault(each.channel, []).append(each)
    is_right = all(
        len(found) == len(expect.get(channel, ()))
        and all(map(lambda one, other: _fits(one, other, calendar), expect.get(channel, ()), found))
        for channel, found in got.items()
    )
    if not is_right:
        pytest.fail("\n".join(_table(got, expect, calendar)), pytrace=False)


def _fits(expected: str, heard: Heard, calendar: _Calendar) -> bool:
    found = _EXPECTED.fullmatch(expected)
    assert found, f"no expectation: {expected}"
    begins, ends = calendar.window(found)
    what, *words = found[11].split(WORDS_APART)
    return begins <= heard.at < ends and what == _what(heard) and all(_says(word, heard) for word in words)


def _says(word: str, heard: Heard) -> bool:
    """`not X` must not stand in it."""
    return word.removeprefix("not ") in heard.said if not word.startswith("not ") else word[4:] not in heard.said


def _what(heard: Heard) -> str:
    return f"{_VERBS.get(heard.verb, '')}{heard.message.reason.value}"


def _table(got: Mapping[str, list[Heard]], expect: Mapping[str, Sequence[str]], calendar: _Calendar) -> Iterable[str]:
    """The whole timeline, expected beside got."""
    for channel, found in got.items():
        yield f"    {f'{channel} must hear':{EXPECTED_WIDTH}} | heard"
        for expected, heard in zip_longest(expect.get(channel, ()), found):
            fits = bool(expected and heard) and _fits(expected, heard, calendar)
            told = f"{calendar.written(heard.at)} {_what(heard)} · {heard.said}" if heard else "nothing"
            shown = " ".join(told.split())[:GOT_WIDTH]
            yield f"  {' ' if fits else '✗'} {expected or 'nothing':{EXPECTED_WIDTH}} | {shown}"
