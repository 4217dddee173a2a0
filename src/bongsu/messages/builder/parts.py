"""One part of a card: drawn at once, so that a mistake is raised in the line that makes it."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from bongsu.messages import limits
from bongsu.messages.builder.markup import Markup, ends, inert, marked, told
from bongsu.messages.characters import clip, escape, one_line
from bongsu.messages.spoken import unmarked

Json = dict[str, Any]

_URL = re.compile(r"https?://[^\s/<>\"|\\]+[^\s<>\"|\\]*")
_EMPTY = "–"


class Kind(Enum):
    """How a part is placed: those of one kind that follow each other share a block."""

    FIELD = auto()
    BUTTON = auto()
    CONTEXT = auto()
    TABLE = auto()
    BLOCK = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A block or an element of one."""

    kind: Kind
    drawn: str  # as JSON: nobody can change it, and each payload gets its own copy
    words: str = ""  # for the line of text

    def json(self) -> Json:
        loaded: Json = json.loads(self.drawn)
        return loaded


def field(name: object, value: object, *, short: bool) -> Part:
    label = one_line(told(name))
    if not label:
        raise ValueError("field: the name is empty; write what the value is, e.g. field('APP_NAME', 'checkin')")
    shown = told(value)
    text = f"{_bold(label)}\n{inert(shown, limits.OWN_FIELD) or _EMPTY}"
    drawn = _mrkdwn(text)
    words = f"{label} {_words(shown)}"
    if short:
        return _part(Kind.FIELD, drawn, words)
    return _part(Kind.BLOCK, {"type": "section", "text": drawn}, words)


def _bold(label: str) -> str:
    if set("*~`") & set(label):  # they would end it
        return inert(label, limits.OWN_FIELD_NAME)
    return f"*{clip(escape(label), limits.OWN_FIELD_NAME)}*"


def section(text: object) -> Iterable[Part]:
    shown = told(text)
    if shown.strip():
        drawn = {"type": "section", "text": _mrkdwn(marked(shown, limits.OWN_SECTION))}
        yield _part(Kind.BLOCK, drawn, _words(shown))


def context(texts: Iterable[object]) -> Iterable[Part]:
    for text in texts:
        shown = told(text)
        if shown.strip():
            yield _part(Kind.CONTEXT, _mrkdwn(marked(shown, limits.OWN_FIELD)), _words(shown))


def code(text: object, language: str) -> Iterable[Part]:
    shown = ends(text, limits.OWN_CODE)
    if not shown.strip():
        return
    inner: Json = {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": shown}]}
    if name := one_line(language):
        inner["language"] = clip(name, limits.OWN_FIELD_NAME)
    yield _part(Kind.BLOCK, {"type": "rich_text", "elements": [inner]}, "")


def button(label: object, url: str, style: str) -> Part:
    shown = one_line(told(label))
    if not shown:
        raise ValueError("button: the label is empty; write what a click leads to, e.g. button('Runbook', url=…)")
    if style not in ("", "primary", "danger"):
        raise ValueError(f"button: style {style!r} is not known; write 'primary' or 'danger', or leave it out")
    drawn: Json = {"type": "button", "text": _plain(shown, limits.OWN_LABEL), "url": _address("button", url)}
    return _part(Kind.BUTTON, drawn | ({"style": style} if style else {}))


def image(url: str, alt: object, title: object) -> Part:
    shown = one_line(told(alt))
    if not shown:
        raise ValueError("image: alt is empty; write what the picture shows, for those who cannot see it")
    drawn: Json = {
        "type": "image",
        "image_url": _address("image", url),
        "alt_text": clip(shown, limits.OWN_ALT_TEXT),
    }
    heading = one_line(told(title))
    return _part(Kind.BLOCK, drawn | ({"title": _plain(heading, limits.OWN_ALT_TEXT)} if heading else {}), shown)


def divider() -> Part:
    return _part(Kind.BLOCK, {"type": "divider"})


def heading(title: str) -> Json:
    return {"type": "header", "text": _plain(one_line(title), limits.OWN_TITLE)}


def _words(shown: str) -> str:
    return unmarked(shown) if isinstance(shown, Markup) else shown


def _address(where: str, url: str) -> str:
    shown = told(url).strip()
    if not _URL.fullmatch(shown):
        raise ValueError(
            f"{where}: url {shown[:80]!r} is no web address; write it whole, e.g. https://wiki.example/page"
        )
    if len(shown) > limits.URL:
        raise ValueError(f"{where}: url has {len(shown)} characters, Slack allows {limits.URL}; use a shorter one")
    return shown


def _part(kind: Kind, drawn: Json, words: str = "") -> Part:
    return Part(kind=kind, drawn=json.dumps(drawn), words=clip(one_line(words), limits.BUDGET_TEXT))


def _mrkdwn(text: str) -> Json:
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def _plain(text: str, limit: int) -> Json:
    return {"type": "plain_text", "text": clip(escape(text), limit)}
