"""What the configuration says of single events before they are judged: ignored, or in a group of its own. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from bongsu.event import Event, Kind
from bongsu.grouping import fingerprint
from bongsu.grouping.templates import Template, fingerprint_by
from bongsu.routing.router import Router
from bongsu.routing.rules import Field, Rule

NAME_LENGTH_MAX = 200  # characters of a rule, as it is told
OWN_KINDS = (Kind.EXCEPTION, Kind.LOG, Kind.MESSAGE, Kind.CRASH)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ignored:
    """What makes no group and no message, and is counted by this rule."""

    when: Mapping[str, tuple[str, ...]]  # as in a rule; never empty

    @property
    def name(self) -> str:
        """`exception=BrokenPipeError`, `level=debug|info tag.team=login`"""
        text = " ".join(f"{name}={'|'.join(patterns)}" for name, patterns in self.when.items())
        return text if len(text) <= NAME_LENGTH_MAX else f"{text[: NAME_LENGTH_MAX - 1]}…"


@dataclass(frozen=True, slots=True, kw_only=True)
class Regrouped:
    """What is one group is said by a text instead of by the usual fingerprint."""

    group: Template
    when: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


class Sorting:
    """All such rules; of each kind the first one that matches decides."""

    def __init__(self, ignored: Sequence[Ignored] = (), regrouped: Sequence[Regrouped] = ()) -> None:
        self.ignored = tuple(ignored)
        self.regrouped = tuple(regrouped)
        self._ignoring = Router([Rule(to=(), when=each.when) for each in self.ignored])
        self._regrouping = Router([Rule(to=(), when=each.when) for each in self.regrouped])

    def conditions(self) -> Iterator[Mapping[str, tuple[str, ...]]]:
        """Those of every rule."""
        yield from (rule.when for rule in self.ignored)
        yield from (rule.when for rule in self.regrouped)

    def ignores(self, event: Event) -> str:
        """The name of the rule that ignores it; empty: none.

        What a watch has found, and what `notify` writes down, is meant only by a rule that names its kind.
        """
        if not self.ignored:
            return ""
        found = (self.ignored[number] for number in self._ignoring.matching(event))
        meant = (each.name for each in found if is_own(event) or Field.KIND in each.when)
        return next(meant, "")

    def fingerprint(self, event: Event, *, crowded: bool = False) -> str:
        """That of its group. `crowded`: the process that had it has met too many groups of one rule."""
        usual, template = fingerprint(event), self.template(event)
        return usual if template is None else fingerprint_by(template, event, usual, crowded=crowded)

    def template(self, event: Event) -> Template | None:
        """How its group is named; None: as usual. The fingerprints of findings are keys of state machines, and stay."""
        if not self.regrouped or not is_own(event):
            return None
        return next((self.regrouped[number].group for number in self._regrouping.matching(event)), None)


def is_own(event: Event) -> bool:
    """Whether the program itself had it, and no watch has found it."""
    return event.kind in OWN_KINDS and event.finding is None
