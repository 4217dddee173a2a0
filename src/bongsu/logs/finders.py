"""Where in a block of lines a wanted one may stand. Most lines are never looked at: the whole block is searched."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from bongsu.event import Level
from bongsu.logs.entry import LEVEL_NUMBERS, LEVEL_WORDS, TEXT_LEVELS

FINDERS_MAX = 16  # searched one by one; with more, reading every line is cheaper

Finder = Callable[[bytes, int], int]
"""In a block, from a place on: where something stands that shows a wanted line; -1 if nowhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finders:
    """One of them finds every wanted line, and some others: reading decides."""

    anywhere: Sequence[Finder]
    in_text: Sequence[Finder] = ()  # needed only where lines are not JSON

    def of(self, block: bytes) -> Sequence[Finder]:
        """Those that the block needs."""
        return [*self.anywhere, *self.in_text] if self.in_text and not _is_json(block) else self.anywhere


def of_words(words: Sequence[str]) -> Finders | None:
    """Lines with one of the words, by its longest part that is written the same way in JSON."""
    parts = [max(_PLAIN.findall(word), key=len, default="") for word in words]
    if not all(parts) or len(parts) > FINDERS_MAX:
        return None
    return Finders(anywhere=[_literal(part.encode()) for part in parts])


_PLAIN = re.compile(r"[A-Za-z0-9_.:-]+")


def of_level(level: Level) -> Finders | None:
    """Lines that may have a level or a worse one; None where most lines do."""
    if level.rank <= Level.INFO.rank:
        return None
    words = "|".join(word for word, each in LEVEL_WORDS.items() if each.rank >= level.rank)
    digits = "".join(str(number)[0] for number, each in LEVEL_NUMBERS if each.rank >= level.rank)
    value = rf"(?:(?i:{words})|[{digits}]\d)"
    # It begins with a rare letter and looks back from there: 780 instead of 140 MB/s
    in_json = _pattern(rf"v(?:(?<=ev)el|(?<=sev)erity|(?<=lv)l)(?:name)?\\*\"\s*:\s*\\*\"?{value}")
    in_text = [word for word in TEXT_LEVELS if LEVEL_WORDS[word.strip("[]").lower()].rank >= level.rank]
    return Finders(anywhere=[in_json], in_text=[_literal(word.encode()) for word in in_text])


def candidates(block: bytes, finders: Finders | None, start: int = 0) -> Iterator[tuple[int, int]]:
    """Begin and end of each line that is found, or of every line; without its line end."""
    if finders is None:
        while start < len(block):
            end = line_end(block, start)
            yield start, end
            start = end + 1
        return
    chosen = finders.of(block)
    places = [find(block, start) for find in chosen]
    while (place := min((each for each in places if each >= 0), default=-1)) >= 0:
        end = line_end(block, place)
        yield block.rfind(b"\n", start, place) + 1 or start, end
        start = end + 1
        places = [find(block, start) if 0 <= each < start else each for find, each in zip(chosen, places, strict=True)]


def line_end(block: bytes, start: int) -> int:
    """Where the line ends that stands at this place."""
    end = block.find(b"\n", start)
    return end if end >= 0 else len(block)


def _is_json(block: bytes) -> bool:
    """Whether every line is JSON, by how it begins and ends."""
    return block.startswith(b'{"') and block.count(b'}\n{"') == block.count(b"\n", 0, len(block) - 1)


def _literal(word: bytes) -> Finder:
    return lambda block, start: block.find(word, start)


def _pattern(form: str) -> Finder:
    search = re.compile(form.encode()).search

    def find(block: bytes, start: int) -> int:
        found = search(block, start)
        return found.start() if found else -1

    return find
