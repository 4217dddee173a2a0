"""What somebody looks at: one card of the gallery, in a form, a language and a theme."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal
from urllib.parse import urlencode

from bongsu.messages import gallery
from bongsu.messages.gallery import Mode, Sample
from bongsu.messages.style import LANGUAGES, Language

Theme = Literal["light", "dark"]
THEMES: tuple[Theme, ...] = ("light", "dark")


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """All that an address of the preview says."""

    card: str = ""  # empty: none, in the editor
    mode: Mode = Mode.FIRST
    language: Language = "en"
    theme: Theme = "light"

    def with_(self, **changes: Any) -> "Choice":
        return replace(self, **changes)

    @property
    def query(self) -> str:
        """What differs from the default, as an address says it."""
        given = {"card": self.card, "mode": self.mode.value, "language": self.language, "theme": self.theme}
        return urlencode({key: value for key, value in given.items() if value != getattr(_DEFAULT, key)})


_DEFAULT = Choice()


def chosen(query: Mapping[str, str], otherwise: Choice) -> Choice:
    """What an address says; what it does not say, or says wrongly, is as in `otherwise`."""
    given: dict[str, Any] = {}
    if query.get("card") in samples():
        given["card"] = query["card"]
    if query.get("mode") in list(Mode):
        given["mode"] = Mode(query["mode"])
    if query.get("language") in LANGUAGES:
        given["language"] = query["language"]
    if query.get("theme") in THEMES:
        given["theme"] = query["theme"]
    return replace(otherwise, **given)


def samples() -> dict[str, Sample]:
    """Every card by its name, in the order of the tour."""
    return {sample.name: sample for sample in gallery.cards()}


def payload(choice: Choice) -> dict[str, Any]:
    """What Slack would get. Raises KeyError for a card that does not exist."""
    return gallery.payload(samples()[choice.card], choice.mode, gallery.style(choice.language))
