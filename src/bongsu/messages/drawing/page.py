"""Whole pages that need nothing from outside: a team's channels, and one card for a picture."""

import re
from collections.abc import Sequence

from bongsu.messages.drawing.cards import message
from bongsu.messages.drawing.literals import literal
from bongsu.messages.drawing.style import CSS, FLAME
from bongsu.messages.drawing.values import Json
from bongsu.messages.style import Language

# No script, no network; styles and the drawn avatar stand in the page itself.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def page(
    cards: Sequence[tuple[str, str, Json]], *, title: str, refresh_s: int | None, language: Language = "en"
) -> str:
    """The messages of each channel, given as (channel, time of day, payload) in their order."""
    channels: dict[str, list[str]] = {}
    for channel, time, payload in cards:
        channels.setdefault(channel, []).append(message(payload, time=time))
    listed = "".join(f'<li><a href="#{_anchor(name)}">{_hash(name)}</a></li>' for name in channels)
    panes = "".join(
        f'<section id="{_anchor(name)}"><h2>{_hash(name)}</h2>{"".join(drawn)}</section>'
        for name, drawn in channels.items()
    )
    refresh = f'<meta http-equiv="refresh" content="{refresh_s:d}">' if refresh_s else ""
    body = f"<nav><h1>{FLAME}<span>{literal(title)}</span></h1><ul>{listed}</ul></nav><main>{panes}</main>"
    return document(body, title=title, language=language, head=refresh)


def document(body: str, *, title: str, language: Language, theme: str = "", head: str = "") -> str:
    """A page around what was drawn; `theme` is "light", "dark" or the reader's own."""
    themed = f' data-theme="{theme}"' if theme else ""
    return (
        f'<!doctype html>\n<html lang="{language}"{themed}><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">{head}'
        f"<title>{literal(title)}</title><style>{CSS}</style></head><body>{body}</body></html>\n"
    )


def _hash(channel: str) -> str:
    return f'<span class="hash">#</span> {literal(channel.removeprefix("#"))}'


def _anchor(channel: str) -> str:
    return "c-" + re.sub(r"[^\w-]", "-", channel)
