"""The words of each language, and its way with numbers, durations and times."""

from datetime import datetime, timedelta, timezone
from functools import lru_cache

from bongsu.messages.locales.en import EN
from bongsu.messages.locales.ko import KO
from bongsu.messages.locales.words import Words
from bongsu.messages.style import Language

__all__ = ["WORDS", "Words", "clock_time", "counted", "duration", "local", "memory", "number"]

_LAST_MOMENT_S = 253_370_764_800.0  # 9999-01-01: later ones, and earlier than 1970, are shown as the nearest of the two

WORDS: dict[Language, Words] = {"en": EN, "ko": KO}


def number(value: int, words: Words) -> str:
    """Grouped by thousands: 1 240, or 1,240."""
    return f"{value:,}".replace(",", words.group_separator)


def counted(value: int, forms: tuple[str, str], words: Words, **more: str) -> str:
    """The form for one or for many, filled with the number."""
    return forms[value != 1].format(number(value, words), **more)


def memory(size: int, words: Words) -> str:
    """`512 MiB`, rounded to the nearest."""
    return f"{number((size + (1 << 19)) >> 20, words)} MiB"


def duration(seconds: float, words: Words) -> str:
    """The two largest units, rounded down: 45 s, 12 min, 2 h 3 min, 3 d 4 h."""
    total = int(min(max(0.0, seconds), _LAST_MOMENT_S))
    if total < 60:
        return words.seconds.format(total)
    minutes, hours, days = total // 60, total // 3_600, total // 86_400
    large, small = words.hours.format(hours), words.minutes.format(minutes % 60) if minutes % 60 else ""
    if days:
        large, small = words.days.format(number(days, words)), words.hours.format(hours % 24) if hours % 24 else ""
    elif not hours:
        large, small = words.minutes.format(minutes), ""
    return f"{large}{words.unit_separator}{small}" if small else large


def clock_time(at: float, utc_offset_s: int, *, today: float) -> str:
    """`14:26:05`, with the date before it unless that is the date of `today`. Any float is told."""
    moment, reference = local(at, utc_offset_s), local(today, utc_offset_s)
    return moment.strftime("%H:%M:%S" if moment.date() == reference.date() else "%Y-%m-%d %H:%M:%S")


def local(at: float, utc_offset_s: int) -> datetime:
    """The moment in the reader's zone, brought into the years 1970 to 9999."""
    return datetime.fromtimestamp(min(max(86_400.0, at), _LAST_MOMENT_S), _zone(utc_offset_s))


@lru_cache(maxsize=8)  # one in a process, and some in tests
def _zone(utc_offset_s: int) -> timezone:
    return timezone(timedelta(seconds=utc_offset_s))
