"""One sample of every card, as a check-in service would cause it: for preview, pictures and tests."""

from collections.abc import Iterator
from dataclasses import replace

from bongsu.messages import slack
from bongsu.messages.gallery import courses, digests, errors, processes, records, watches
from bongsu.messages.gallery.sample import Mode, Sample
from bongsu.messages.gallery.scene import style
from bongsu.messages.slack import Json
from bongsu.messages.style import Style

__all__ = ["Mode", "Sample", "cards", "payload", "style"]


def cards() -> tuple[Sample, ...]:
    """Every sample, in the order of a tour; names are unique and fit for a file's name."""
    return tuple(_all())


def payload(sample: Sample, mode: Mode, style: Style) -> Json:
    """What Slack would get of it."""
    match mode:
        case Mode.FIRST:
            return slack.payload(sample.message, style)
        case Mode.FOLLOW_UP:
            return slack.payload(sample.message, style, brief=True)
        case Mode.REPLY:
            return slack.reply(sample.message, replace(style, mention=None))
        case Mode.PLAIN:
            return slack.payload(sample.message, style, plain=True)


def _all() -> Iterator[Sample]:
    for room in (errors, courses, processes, watches, digests, records):
        yield from room.samples()
