"""All rules at once: a thousand of them cost a handful of look-ups. Pure.

For each field there is a number whose bits are the rules that accept a value; those of all fields are combined with
`and`, and the lowest bit that is left is the first rule that matches.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache

from bongsu.event import Event
from bongsu.routing.patterns import Beginning, Exactly, Pattern, pattern_of
from bongsu.routing.rules import Rule, values

CACHED_MAX = 4_096  # values of one field whose patterns were tried lately


class Router:
    """Answers which rules an event meets. Made once, from rules in their order."""

    def __init__(self, rules: Sequence[Rule] = ()) -> None:
        self.rules = tuple(rules)
        names = sorted({name for rule in self.rules for name in rule.when})
        self._columns = {name: _Column(name, self.rules) for name in names}
        self._all = (1 << len(self.rules)) - 1

    def channels(self, event: Event) -> tuple[str, ...]:
        """Where the event goes by the rules; empty: none matches."""
        found: dict[str, None] = {}
        for number in self.matching(event):
            found |= dict.fromkeys(self.rules[number].to)
            if not self.rules[number].goes_on:
                break
        return tuple(found)

    def matching(self, event: Event) -> Iterator[int]:
        """The numbers of the rules that match, in order."""
        left, seen = self._all, values(event)
        for name, column in self._columns.items():
            left &= column.accepting(seen.get(name, ()))
        while left:
            lowest = left & -left
            yield lowest.bit_length() - 1
            left ^= lowest


class _Column:
    """One field of all rules."""

    def __init__(self, name: str, rules: Sequence[Rule]) -> None:
        self._free = 0  # rules that do not look at this field
        self._exact: dict[str, int] = {}
        self._prefixes: dict[str, int] = {}
        self._others: dict[Pattern, int] = {}
        for number, rule in enumerate(rules):
            if name not in rule.when:
                self._free |= 1 << number
            for pattern in rule.when.get(name, ()):
                self._add(name, pattern, 1 << number)
        self._lengths = sorted({len(prefix) for prefix in self._prefixes})
        self._accepting = lru_cache(maxsize=CACHED_MAX)(self._look)

    def _add(self, name: str, pattern: str, bit: int) -> None:
        known = pattern_of(name, pattern)
        match known:
            case Exactly(text=text):
                self._exact[text] = self._exact.get(text, 0) | bit
            case Beginning(text=text):
                self._prefixes[text] = self._prefixes.get(text, 0) | bit
            case _:
                self._others[known] = self._others.get(known, 0) | bit

    def accepting(self, texts: Sequence[str]) -> int:
        found = self._free
        for text in texts:
            found |= self._accepting(text)
        return found

    def _look(self, text: str) -> int:
        found = self._exact.get(text, 0)
        for length in self._lengths:
            found |= self._prefixes.get(text[:length], 0) if length <= len(text) else 0
        for pattern, bits in self._others.items():
            found |= bits if pattern.accepts(text) else 0
        return found
