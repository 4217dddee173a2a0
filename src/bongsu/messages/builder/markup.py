"""What a user gives a card to show: scrubbed, cleaned, and made inert unless it is marked as markup."""

import re

from bongsu.messages.characters import clean, clip, escape
from bongsu.scrubbing import scrub

_READ_MAX = 20_000  # characters looked at of one text; a card shows far fewer
_ENDS_READ_MAX = 200_000  # of one of which both ends are shown: as of a stack in a file
_SIGNS = re.compile(r"[*_~`]|^\s*&gt;")  # in a line that is escaped
_CODE_FENCE = str.maketrans("`", "'")
_OPEN_AT_END = re.compile(r"<[^<>]*\Z")  # a link or mention that a cut has left open
_ADDRESS = re.compile(r"https?://(?:(?!&[lg]t;)[^\s<>|…`*])*(?:(?!&[lg]t;)[^\s<>|…`*_~.,;:!?)\]'\"])")


class Markup(str):
    """Text in Slack's own markup, passed on as it is: mentions and links in it are live.

    Whatever is made of it by `+`, `format` or slicing is an ordinary text again, and inert.
    """

    __slots__ = ()

    def __new__(cls, text: str) -> "Markup":
        return super().__new__(cls, text)


def told(value: object) -> str:
    """What is given, as a text without secrets and control characters; Markup stays Markup."""
    text = scrub(clean(str(value)), limit=_READ_MAX)
    return Markup(text) if isinstance(value, Markup) else text


def marked(text: str, limit: int) -> str:
    """As mrkdwn in which only Markup can mention, link or disguise; web addresses are links to what they show."""
    if isinstance(text, Markup):
        return _OPEN_AT_END.sub("…", clip(text, limit)) if len(text) > limit else str(text)
    escaped = clip(escape(text), limit)
    linked = _ADDRESS.sub(r"<\g<0>>", escaped)
    return linked if len(linked) <= limit else escaped


def inert(text: str, limit: int) -> str:
    """As mrkdwn that reads literally: mrkdwn has no escape for its own signs, so a line that holds one is code.

    The signs of code come on top of the limit, two for each line.
    """
    if isinstance(text, Markup):
        return marked(text, limit)
    return "\n".join(_inert_line(line) for line in clip(escape(text), limit).splitlines())


def _inert_line(line: str) -> str:
    return f"`{line.translate(_CODE_FENCE)}`" if _SIGNS.search(line) else line


def ends(text: object, limit: int) -> str:
    """As `told`, of both ends of what is too long. It is scrubbed before the cut: half a secret is not recognised."""
    whole = clean(middle_cut(str(text), _ENDS_READ_MAX))
    return middle_cut(scrub(whole, limit=2 * _ENDS_READ_MAX).strip("\n"), limit)


def middle_cut(text: str, limit: int) -> str:
    """At most so long; what is left out is in the middle, since a stack says most at its two ends."""
    if len(text) <= limit:
        return text
    kept = (limit - 3) // 2
    return f"{text[:kept].rstrip()}\n…\n{text[-kept:].lstrip()}"
