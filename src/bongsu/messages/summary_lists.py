"""The lists of a summary in words, before any layout."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bongsu.messages import limits, sentences
from bongsu.messages.characters import literal, place
from bongsu.messages.locales import WORDS, Words, counted, duration, number
from bongsu.messages.message import Entry
from bongsu.messages.style import Style
from bongsu.messages.summary import Ending, Item, Items, Standing, Summary, Way
from bongsu.messages.summary_text import moment, short


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line: `before` *name* `place` · after. All but the name may be empty."""

    before: str = ""
    name: str
    place: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One list; `more` says how many it leaves out."""

    title: str
    rows: Sequence[Row]
    more: str = ""


def sections(summary: Summary, at: float, style: Style) -> Iterator[Section]:
    """Those that are not empty. `at`: when the summary was made."""
    words = WORDS[style.language]
    begun, over, firing = summary.begun, summary.over, summary.firing
    endings = [_ending(each, style) for each in summary.endings]
    ways = [_way(each, at, words) for each in summary.ways]
    found = (
        _problems(counted(begun.number, words.summary_begun, words), begun, style),
        _problems(counted(over.number, words.summary_over, words), over, style, is_old=True),
        _problems(counted(firing.number, words.summary_firing, words), firing, style, is_old=True),
        _problems(words.summary_noisiest, summary.noisiest, style),
        _section(counted(len(endings), words.summary_endings, words), endings, len(endings), words),
        _section(counted(len(ways), words.summary_ways, words), ways, len(ways), words),
    )
    return (each for each in found if each.rows)


def _section(title: str, rows: Sequence[Row], amount: int, words: Words) -> Section:
    shown = rows[: limits.SUMMARY_ROWS]
    left_out = amount - len(shown)
    return Section(title=title, rows=shown, more=words.more.format(number(left_out, words)) if left_out > 0 else "")


def _problems(title: str, items: Items, style: Style, *, is_old: bool = False) -> Section:
    rows = [_problem(each, style, is_old=is_old) for each in items.shown]
    return _section(title, rows, items.number, WORDS[style.language])


def _problem(item: Item, style: Style, *, is_old: bool) -> Row:
    words = WORDS[style.language]
    return Row(
        before=sentences.times(item.count, words) if item.count else "",
        name=literal(sentences.entry_title(_entry(item), style), limits.SUMMARY_TITLE),
        place=place(item.location, limits.SUMMARY_PLACE),
        after=_standing(item, style, is_old=is_old),
    )


def _entry(item: Item) -> Entry:
    return Entry(
        title=item.title,
        location=item.location,
        count=item.count,
        level=item.level,
        finding=item.finding,
        raised=item.raised,
    )


def _standing(item: Item, style: Style, *, is_old: bool) -> str:
    """Where it stands, if the title of the list does not say it."""
    words = WORDS[style.language]
    match item.standing:
        case Standing.ACKNOWLEDGED:
            return words.acknowledged
        case Standing.SILENCED:
            return words.silenced
        case Standing.OVER:
            return "" if is_old else words.summary_is_over
        case Standing.FIRING:
            return words.summary_since.format(moment(item.began_at, style)) if is_old else ""


def _ending(ending: Ending, style: Style) -> Row:
    words = WORDS[style.language]
    return Row(
        before=words.summary_until.format(moment(ending.until, style)),
        name=literal(ending.why, limits.SUMMARY_TITLE),
        after=words.summary_held.format(sentences.times(ending.held, words)) if ending.held else "",
    )


def _way(way: Way, at: float, words: Words) -> Row:
    told = []
    if way.word:
        told.append((words.summary_dead if way.is_dead else words.summary_down).format(short(way.word)))
    if way.waiting:
        told.append(counted(way.waiting, words.summary_waiting, words, age=duration(at - way.oldest_at, words)))
    if way.rejected:
        told.append(counted(way.rejected, words.summary_rejected, words, word=short(way.rejected_word)))
    return Row(name=short(way.channel), after=", ".join(told))
