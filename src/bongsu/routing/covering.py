"""Which rules are never asked, since an earlier one takes all that they would. Pure; told only where it is certain."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from bongsu.routing.patterns import WILD, Beginning, Exactly, Shape, Statuses, pattern_of
from bongsu.routing.rules import CHOICES, Field, Rule

Conditions = Mapping[str, Sequence[str]]
"""What is written for each field."""

_ALWAYS_THERE = frozenset({Field.APP, Field.ENVIRONMENT, Field.KIND, Field.LEVEL, Field.LOGGER, Field.RELEASE})


def covered(rules: Sequence[Rule]) -> Iterator[tuple[int, int]]:
    """(a rule that is never reached, the one before it that takes all of its events), as indices."""
    earlier = _Earlier()
    for number, rule in enumerate(rules):
        conditions = _needed(rule.when)
        if not all(conditions.values()):
            continue  # nothing can meet it, so it takes nothing either
        taker = earlier.taker(conditions)
        if taker is not None:
            yield number, taker
        elif not rule.goes_on:
            earlier.add(number, conditions)


def implies(name: str, inner: str, outer: str) -> bool:
    """Whether every text that one pattern of a field accepts is accepted by another one."""
    wide, narrow = pattern_of(name, outer), pattern_of(name, inner)
    match narrow:
        case Exactly(text=text):
            return wide.accepts(text)
        case Beginning(text=text):
            return isinstance(wide, Beginning) and text.startswith(wide.text)
        case Statuses():
            return isinstance(wide, Statuses) and wide.least <= narrow.least and narrow.most <= wide.most
        case Shape():
            literal = WILD.split(inner, maxsplit=1)[0]
            return inner == outer or (isinstance(wide, Beginning) and literal.startswith(wide.text))


class _Earlier:
    """The rules so far that end the search, found by what they want of one of their fields: a thousand are no work."""

    def __init__(self) -> None:
        self._conditions: dict[int, Conditions] = {}
        self._by_fields: dict[tuple[str, ...], _Shelf] = defaultdict(_Shelf)

    def add(self, number: int, conditions: Conditions) -> None:
        self._conditions[number] = conditions
        names = tuple(sorted(conditions, key=lambda name: (name == Field.HTTP_STATUS, name)))
        self._by_fields[names].add(number, conditions[names[0]] if names else ("*",), names)

    def taker(self, conditions: Conditions) -> int | None:
        """The first one that takes all that meets these conditions."""
        shelves = [(names, shelf) for names, shelf in self._by_fields.items() if conditions.keys() >= set(names)]
        found = (
            number
            for names, shelf in shelves
            for number in shelf.candidates(conditions[names[0]][0] if names else "")
            if _takes(self._conditions[number], conditions)
        )
        return min(found, default=None)


class _Shelf:
    """Rules that look at the same fields, by what is written for the first of these."""

    def __init__(self) -> None:
        self._written: dict[str, list[int]] = defaultdict(list)  # `checkin` and `checkin*` are looked up
        self._loose: list[int] = []  # all other patterns are tried
        self._lengths: set[int] = set()

    def add(self, number: int, patterns: Sequence[str], names: Sequence[str]) -> None:
        for pattern in patterns:
            self._written[pattern].append(number)
            match pattern_of(names[0] if names else "", pattern):
                case Beginning(text=text):
                    self._lengths.add(len(text))
                case Shape() | Statuses():
                    self._loose.append(number)

    def candidates(self, pattern: str) -> set[int]:
        """Those that may accept all that a pattern does."""
        literal = WILD.split(pattern, maxsplit=1)[0]
        wider = [f"{literal[:length]}*" for length in self._lengths if length <= len(literal)]
        found = {number for each in (pattern, *wider) for number in self._written.get(each, ())}
        return found if literal != pattern else found.union(self._loose)


def _takes(wide: Conditions, narrow: Conditions) -> bool:
    return all(any(implies(name, each, one) for one in wide[name]) for name in wide for each in narrow[name])


def _needed(when: Conditions) -> Conditions:
    """Without what holds for every event; levels and kinds by name, since there are few."""
    named = {name: _named(name, patterns) for name, patterns in when.items()}
    return {name: patterns for name, patterns in named.items() if not _holds_always(name, patterns)}


def _named(name: str, patterns: Sequence[str]) -> Sequence[str]:
    choices = CHOICES.get(name)
    if choices is None:
        return patterns
    return [each for each in choices if any(pattern_of(name, pattern).accepts(each) for pattern in patterns)]


def _holds_always(name: str, patterns: Sequence[str]) -> bool:
    if name in CHOICES:
        return len(patterns) == len(CHOICES[name])
    return name in _ALWAYS_THERE and "*" in patterns
