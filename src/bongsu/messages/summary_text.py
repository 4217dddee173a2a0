"""The title of a summary, and what it has in common with its lists."""

from collections.abc import Iterator

from bongsu.messages import limits
from bongsu.messages.characters import literal
from bongsu.messages.locales import WORDS, Words, counted, local
from bongsu.messages.style import Style
from bongsu.messages.summary import Summary


def title(summary: Summary, style: Style) -> str:
    """How much of what there is; with nothing to tell, a sign of life."""
    words = WORDS[style.language]
    app, host = short(summary.app), short(summary.host)
    name = words.summary_name.format(app=app, host=host) if host else app
    since = moment(summary.since, style)
    if told := [counted(number, forms, words) for number, forms in _amounts(summary, words) if number]:
        return literal(words.summary.format(name=name, since=since, told=", ".join(told)), limits.TITLE)
    checks = counted(summary.checks, words.summary_checks, words) if summary.checks else ""
    return literal(words.summary_alive.format(name=name, since=since) + checks, limits.TITLE)


def _amounts(summary: Summary, words: Words) -> Iterator[tuple[int, tuple[str, str]]]:
    yield summary.begun.number, words.summary_begun
    yield summary.over.number, words.summary_over
    yield summary.firing.number, words.summary_firing
    yield len(summary.endings), words.summary_endings
    yield len(summary.ways), words.summary_ways


def short(name: str) -> str:
    """A name or a word, in one line of a summary."""
    return literal(name, limits.SUMMARY_NAME)


def moment(at: float, style: Style) -> str:
    """`09-07 14:26`: day and minute."""
    return local(at, style.utc_offset_s).strftime("%m-%d %H:%M")
