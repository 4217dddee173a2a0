"""The block `markdown`: the part of standard Markdown that its page in Slack's docs names, line by line."""

import re
from collections.abc import Iterator

from bongsu.messages.drawing.literals import link, literal, with_emoji

_FENCE = re.compile(r"^```[^\n`]*\n(.*?)(?:^```[ \t]*$|\Z)", re.DOTALL | re.MULTILINE)
_HEADING = re.compile(r"(#{1,6})\s+(.*)")
_ITEM = re.compile(r"(?P<indent>\s{0,16})(?:[-*+]|(?P<number>\d{1,6})[.)])\s+(?P<rest>.*)")
_RULE = re.compile(r"\s{0,3}(?:-{3,}|\*{3,}|_{3,})\s*")
_QUOTE = re.compile(r"> ?(.*)")
_INLINE = re.compile(
    r"`(?P<code>[^`\n]+)`"
    r"|!?\[(?P<label>[^\[\]\n]*)\]\((?P<target>[^()\s]+)\)"
    r"|\*\*(?=\S)(?P<bold>[^*\n]+)(?<=\S)\*\*"
    r"|__(?=\S)(?P<strong>[^_\n]+)(?<=\S)__"
    r"|\*(?=\S)(?P<em>[^*\n]+)(?<=\S)\*"
    r"|(?<!\w)_(?=\S)(?P<italic>[^_\n]+)(?<=\S)_(?!\w)"
    r"|~~(?=\S)(?P<strike>[^~\n]+)(?<=\S)~~"
    r"|(?P<url>https?://[^\s<>\"`]+[^\s<>\"`.,;:!?)\]}'*_~])"
)
_TAGS = {"bold": "b", "strong": "b", "em": "em", "italic": "em", "strike": "s"}


def markdown(text: str) -> str:
    drawn, at = [], 0
    for match in _FENCE.finditer(text):
        drawn += [_lines(text[at : match.start()]), f"<pre>{literal(match[1].removesuffix(chr(10)))}</pre>"]
        at = match.end()
    return "".join([*drawn, _lines(text[at:])])


def _lines(text: str) -> str:
    return "".join(_line(line) for line in text.split("\n") if line.strip())


def _line(line: str) -> str:
    if heading := _HEADING.fullmatch(line):
        return f"<h3>{_inline(heading[2])}</h3>"
    if _RULE.fullmatch(line):
        return "<hr>"
    if quote := _QUOTE.fullmatch(line):
        return f"<blockquote>{_inline(quote[1])}</blockquote>"
    if item := _ITEM.fullmatch(line):
        depth = min(8, len(item["indent"].expandtabs(4)) // 2)
        if item["number"]:
            return f'<ol class="indent-{depth}" start="{int(item["number"])}"><li>{_inline(item["rest"])}</li></ol>'
        return f'<ul class="indent-{depth}"><li>{_inline(item["rest"])}</li></ul>'
    return f"<p>{_inline(line)}</p>"


def _inline(text: str) -> str:
    return "".join(_pieces(text))


def _pieces(text: str) -> Iterator[str]:
    at = 0
    for match in _INLINE.finditer(text):
        yield literal(with_emoji(text[at : match.start()]))
        yield _marked(match)
        at = match.end()
    yield literal(with_emoji(text[at:]))


def _marked(match: re.Match[str]) -> str:
    kind = str(match.lastgroup)
    if kind == "code":
        return f"<code>{literal(match['code'])}</code>"
    if kind == "url":
        return link(match["url"], literal(match["url"]))
    if kind in _TAGS:
        return f"<{_TAGS[kind]}>{_inline(match[kind])}</{_TAGS[kind]}>"
    return link(match["target"], literal(match["label"]))
