"""Slack's own markup as HTML: https://docs.slack.dev/messaging/formatting-message-text"""

import re
from collections.abc import Iterable
from itertools import groupby

from bongsu.messages.characters import unescape
from bongsu.messages.drawing.literals import link, mention, unescaped, with_emoji

_FENCE = re.compile(r"\n?```\n?(.+?)\n?```\n?", re.DOTALL)
_QUOTED = re.compile(r"(?:&gt;|>) ?(?P<rest>.*)")
_ALL_QUOTED = re.compile(r"^(?:&gt;|>){3} ?", re.MULTILINE)

# A sign opens behind a space or punctuation and before no space, and closes the other way round; letters of any
# language beside it leave it literal: `*결제*가` is not bold in Slack either.
_INLINE = re.compile(
    r"`(?P<code>[^`\n]+)`"
    r"|<(?P<target>[^<>|\n]+)(?:\|(?P<label>[^<>\n]*))?>"
    r"|(?P<url>https?://[^\s<>|\"`]+[^\s<>|\"`.,;:!?)\]}'*_~])"
    r"|(?<![\w*])\*(?=[^\s*])(?P<bold>[^*\n]+)(?<!\s)\*(?![\w*])"
    r"|(?<![\w_])_(?=[^\s_])(?P<italic>[^_\n]+)(?<!\s)_(?!\w)"
    r"|(?<![\w~])~(?=[^\s~])(?P<strike>[^~\n]+)(?<!\s)~(?![\w~])"
)
_TAGS = {"bold": "b", "italic": "em", "strike": "s"}


def mrkdwn(text: str, *, verbatim: bool = False) -> str:
    """`verbatim`: addresses that are not between angle brackets stay text."""
    drawn, at = [], 0
    for match in _FENCE.finditer(text):
        drawn += [_lines(text[at : match.start()], verbatim), f"<pre>{unescaped(match[1])}</pre>"]
        at = match.end()
    return "".join([*drawn, _lines(text[at:], verbatim)])


def plain(text: str, *, emoji: bool = True) -> str:
    """A text object of type `plain_text`."""
    return unescaped(with_emoji(text) if emoji else text).replace("\n", "<br>")


def _lines(text: str, verbatim: bool) -> str:
    """Text between two fences."""
    rest = _ALL_QUOTED.search(text)
    above, quoted = (text[: rest.start()], text[rest.end() :]) if rest else (text, "")
    below = _quote(quoted.split("\n"), verbatim) if quoted else ""
    if above.endswith("\n") and below:
        above = above[:-1]
    return (_quotes(above, verbatim) if above else "") + below


def _quotes(text: str, verbatim: bool) -> str:
    """Neighbouring lines with a `>` in front are one quote."""
    drawn = []
    for is_quote, lines in groupby(text.split("\n"), key=lambda line: bool(_QUOTED.fullmatch(line))):
        if is_quote:
            rests = [match["rest"] for match in map(_QUOTED.fullmatch, lines) if match]
            drawn.append(_quote(rests, verbatim))
        else:
            drawn.append(_spunescape(lines, verbatim))
    return "".join(drawn)


def _quote(lines: Iterable[str], verbatim: bool) -> str:
    return f"<blockquote>{_spunescape(lines, verbatim)}</blockquote>"


def _spunescape(lines: Iterable[str], verbatim: bool) -> str:
    return "<br>".join(_inline(line, verbatim) for line in lines)


def _inline(text: str, verbatim: bool) -> str:
    drawn, at = [], 0
    for match in _INLINE.finditer(text):
        drawn += [_literal(text[at : match.start()]), _marked(match, verbatim)]
        at = match.end()
    return "".join([*drawn, _literal(text[at:])])


def _literal(text: str) -> str:
    return unescaped(with_emoji(text))


def _marked(match: re.Match[str], verbatim: bool) -> str:
    kind = str(match.lastgroup)
    match kind:
        case "code":
            return f"<code>{unescaped(match['code'])}</code>"
        case "url":
            return unescaped(match["url"]) if verbatim else link(unescape(match["url"]), unescaped(match["url"]))
        case "bold" | "italic" | "strike":
            return f"<{_TAGS[kind]}>{_inline(match[kind], verbatim)}</{_TAGS[kind]}>"
    return _reference(match["target"], match["label"])


def _reference(target: str, label: str | None) -> str:
    """`<https://…|label>`, `<!date^…|fallback>`, `<!channel>`, `<@U1>`, `<#C1>`. Ids stay ids: nobody is looked up."""
    if target.startswith("!date^"):
        return _date(target, label)
    if target.startswith("!subteam^"):
        return mention(unescaped(label or f"@{target[9:]}"))
    if target.startswith("!"):
        return mention(f"@{unescaped(label or target[1:])}", is_loud=True)
    if target.startswith(("@", "#")):
        return mention(f"{target[0]}{unescaped(label or target[1:])}")
    return link(unescape(target), _literal(label) if label else unescaped(target))


def _date(target: str, label: str | None) -> str:
    """The fallback: Slack shows the time in the zone of each reader, which nobody knows here."""
    url = target.split("^")[3:4]
    return link(unescape(url[0]), unescaped(label or target)) if url else unescaped(label or target)
