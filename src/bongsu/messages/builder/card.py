"""The card that a user builds."""

import re
from collections.abc import Iterable
from dataclasses import KW_ONLY, dataclass, field, replace
from typing import Any, Self

from bongsu.messages.builder import layout, parts
from bongsu.messages.builder.markup import told
from bongsu.messages.builder.parts import Kind, Part
from bongsu.messages.builder.table import table
from bongsu.messages.message import State
from bongsu.messages.slack import COLOURS

_HEX = re.compile(r"#[0-9a-fA-F]{6}")
_NAMED = {
    **{state.value: colour for state, colour in COLOURS.items()},
    State.NEUTRAL.value: "",
    # Slack's own words.
    "good": COLOURS[State.QUIET],
    "warning": COLOURS[State.ACKNOWLEDGED],
    "danger": COLOURS[State.FIRING],
}


@dataclass(frozen=True, slots=True)
class Card:
    """A message of your own. Each method gives a new card with one more part below; `bongsu.notify` sends it.

    `colour` is `#a30200` or the like, one of `good`, `warning`, `danger`, or a state: `firing`, `acknowledged`,
    `quiet`, `silenced`, `neutral`. Texts are scrubbed, cut to what Slack takes, and cannot mention or disguise
    anything, unless they are `Markup`. Raises ValueError for a wrong colour or address, and for an empty label.
    """

    title: str = ""
    _: KW_ONLY
    colour: str = ""
    _parts: tuple[Part, ...] = field(default=(), init=False, repr=False)

    def __post_init__(self) -> None:
        if self.colour and self.colour not in _NAMED and not _HEX.fullmatch(str(self.colour)):
            known = ", ".join(_NAMED)
            raise ValueError(f"colour {self.colour!r} is not known; write #a30200 or the like, or one of {known}")
        object.__setattr__(self, "title", told(self.title))

    def field(self, name: str, value: object, *, short: bool = False) -> Self:
        """A name and its value; short ones stand two in a row."""
        return self._with(parts.field(name, value, short=short))

    def section(self, text: object) -> Self:
        """A paragraph. `*bold*`, `_italic_` and `code` work in it; a web address becomes a link to itself."""
        return self._with(*parts.section(text))

    def code(self, text: object, *, language: str = "") -> Self:
        """Lines in a fixed width, such as a stack; where too long it is cut in the middle."""
        return self._with(*parts.code(text, language))

    def context(self, *texts: object) -> Self:
        """Small grey lines, marked up as in `section`."""
        return self._with(*parts.context(texts))

    def button(self, label: str, *, url: str, style: str = "") -> Self:
        """A button that opens a web page; `style` is `primary` (green) or `danger` (red)."""
        return self._with(parts.button(label, url, style))

    def table(self, rows: Iterable[Iterable[object]]) -> Self:
        """Rows of cells, the head first. Slack draws one table in a message; any other is shown as aligned text."""
        return self._with(*table(rows, is_first=all(part.kind is not Kind.TABLE for part in self._parts)))

    def image(self, url: str, *, alt: str, title: str = "") -> Self:
        """A picture that Slack fetches from a public address; `alt` says what it shows."""
        return self._with(parts.image(url, alt, title))

    def divider(self) -> Self:
        """A line across."""
        return self._with(parts.divider())

    def to_payload(self) -> dict[str, Any]:
        """The message as Slack takes it, without a channel."""
        return layout.payload(self.title, _NAMED.get(self.colour, self.colour), self._parts)

    def _with(self, *more: Part) -> Self:
        grown = replace(self)
        object.__setattr__(grown, "_parts", (*self._parts, *more))
        return grown
