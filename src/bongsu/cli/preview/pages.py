"""The pages of the preview around what was drawn."""

from bongsu.cli.preview.choice import THEMES, Choice, payload, samples
from bongsu.cli.preview.judged import Fault, Judged, drawn
from bongsu.messages.characters import escape
from bongsu.messages.drawing import FLAME
from bongsu.messages.drawing.literals import literal
from bongsu.messages.gallery import Mode
from bongsu.messages.judge import judge
from bongsu.messages.style import LANGUAGES

_LANGUAGES = {"en": "English", "ko": "한국어"}
_MODES = {
    Mode.FIRST: "In the channel",
    Mode.FOLLOW_UP: "In the channel, as a follow-up: a webhook cannot edit",
    Mode.REPLY: "In the thread of a bot’s message",
    Mode.PLAIN: "As plain text, after Slack refused the layout",
}


def gallery_page(choice: Choice) -> str:
    """One card in each of its modes."""
    sample = samples()[choice.card]
    shown = "".join(_shown(choice.with_(mode=mode)) for mode in sample.modes)
    return _page(sample.title, choice, "/", f"<h2>{literal(sample.title)}</h2>{shown}")


def editor_page(text: str, first: Judged, choice: Choice) -> str:
    """A payload to write in, and what it looks like."""
    return _page(
        "Editor",
        choice,
        "/edit",
        f'<h2>Editor</h2><div class="editor"><div class="write">'
        f'<label for="payload">Payload, as JSON</label>'
        f'<textarea id="payload" spellcheck="false" autocomplete="off" autofocus>\n'
        f"{escape(text)}</textarea>{problems(first.problems)}</div>"
        f'<div class="see"><div id="drawn">{first.html}</div><p class="links">{_builder(first)}</p>'
        f'<h4>On a phone</h4><div id="phone">{first.phone}</div></div></div>'
        f'<script src="/preview.js" defer></script>',
    )


def problems(faults: tuple[Fault, ...]) -> str:
    """What is wrong, as the script writes it too."""
    if not faults:
        return '<ul id="problems" class="fine" aria-live="polite"><li>Slack would take it.</li></ul>'
    items = (
        f'<li data-path="{literal(one.path)}" data-line="{one.line}"><button type="button"><b>line {one.line}</b> '
        f"<code>{literal(one.path or one.word)}</code> {literal(one.text)}</button></li>"
        for one in faults
    )
    return f'<ul id="problems" aria-live="polite">{"".join(items)}</ul>'


def _shown(choice: Choice) -> str:
    content = payload(choice)
    seen = drawn(content)
    verdict = "" if not judge(content) else '<span class="wrong">Slack would refuse it: open it in the editor.</span>'
    edit = f'<a href="/edit?{literal(choice.query)}">Open in the editor</a>'
    return (
        f'<section><h4>{literal(_MODES[choice.mode])}</h4>{seen.html}<div class="beside">{seen.phone}'
        f'<p class="links">{edit} {_builder(seen)} {verdict}</p></div></section>'
    )


def _builder(seen: Judged) -> str:
    hidden = "" if seen.builder else " hidden"
    return (
        f'<a class="builder" href="{literal(seen.builder)}" target="_blank" rel="noreferrer"{hidden}>'
        f"Open in Slack’s Block Kit Builder</a>"
    )


def _page(title: str, choice: Choice, place: str, body: str) -> str:
    return (
        f'<!doctype html>\n<html lang="{choice.language}" data-theme="{choice.theme}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><title>{literal(title)} · Bongsu</title>'
        f'<link rel="stylesheet" href="/preview.css"></head><body>{_nav(choice, place)}'
        f'<main><div class="bar-of-choices">{_switches(choice, place)}</div>{body}</main></body></html>\n'
    )


def _nav(choice: Choice, place: str) -> str:
    entries = [_entry("/edit?" + choice.with_(card="").query, "Editor", _HERE if place == "/edit" else "")]
    for name, sample in samples().items():
        marks = f"{_HERE} autofocus" if place == "/" and name == choice.card else ""
        entries.append(_entry("/?" + choice.with_(card=name, mode=Mode.FIRST).query, sample.title, marks))
    return f'<nav aria-label="Cards"><h1>{FLAME}<span>Bongsu’s cards</span></h1><ul>{"".join(entries)}</ul></nav>'


# A card's entry has the focus: it scrolls the long list to where the reader is, and Tab goes on from there.
_HERE = ' aria-current="page"'


def _entry(address: str, title: str, marks: str) -> str:
    return f'<li><a href="{literal(address)}"{marks}>{literal(title)}</a></li>'


def _switches(choice: Choice, place: str) -> str:
    languages = (
        _switch(place, choice.with_(language=one), _LANGUAGES[one], on=one == choice.language) for one in LANGUAGES
    )
    themes = (_theme(place, choice.with_(theme=one), on=one == choice.theme) for one in THEMES)
    groups = {"Language": languages, "Theme": themes} if choice.card else {"Theme": themes}
    return "".join(
        f'<span class="switch" role="group" aria-label="{name}">{"".join(group)}</span>'
        for name, group in groups.items()
    )


def _theme(place: str, to: Choice, *, on: bool) -> str:
    return _switch(place, to, to.theme.capitalize(), on=on, extra=f' data-to-theme="{to.theme}"' * (place == "/edit"))


def _switch(place: str, to: Choice, word: str, *, on: bool, extra: str = "") -> str:
    current = ' aria-current="true"' if on else ""
    return f'<a href="{place}?{literal(to.query)}"{current}{extra}>{literal(word)}</a>'
