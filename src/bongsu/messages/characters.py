"""Text from data, made fit to be shown: cleaned, escaped, cut. Always in this order."""

import re

# CSI and OSC sequences, then two-character escapes. Each part stops at the next ESC, so the scan is linear.
_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])")
# Controls (tab and newline stay) and the bidirectional overrides that make a text read other than it is.
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_SPACE = re.compile(r"\s+")
_ENTITY_AT_END = re.compile(r"&[a-z]{0,3}\Z")


def clean(text: str) -> str:
    """Without ANSI sequences, control characters, bidirectional overrides and lone surrogates."""
    if text.isprintable():  # the usual: four times as fast as the rest
        return text
    text = text.replace("\r\n", "\n")
    if "\x1b" in text:
        text = _ANSI.sub("", text)
    return _SURROGATE.sub("\ufffd", _UNSEEN.sub("", text))


def one_line(text: str) -> str:
    """Clean, with every run of white space as one space."""
    if text.isprintable() and "  " not in text:
        return text.strip()
    return _SPACE.sub(" ", clean(text)).strip()


def escape(text: str) -> str:
    """Fit for mrkdwn, plain_text and top-level text; not for rich_text, which is literal.

    Slack asks for these three and no others: https://docs.slack.dev/messaging/formatting-message-text
    """
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def unescape(text: str) -> str:
    """Slack's three entities read, all else as it is."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def clip(text: str, limit: int) -> str:
    """At most `limit` characters; a cut shows as `…` and never falls inside an entity."""
    if len(text) <= limit:
        return text
    if limit <= 0:
        return ""
    return _ENTITY_AT_END.sub("", text[: limit - 1]).rstrip() + "…"


def place(text: str, limit: int) -> str:
    """A path or address in one clean line; a cut falls at its start, where the least is lost."""
    text = one_line(text)
    return text if len(text) <= limit else "…" + text[1 - limit :]


def literal(text: str, limit: int) -> str:
    """One clean line, cut: for rich_text and the terminal."""
    return clip(one_line(text), limit)


def as_written(text: str, limit: int) -> str:
    """One clean line with the spaces in it, cut: for what stands in a fixed width."""
    return clip(" ".join(clean(text).splitlines()).expandtabs(4).rstrip(), limit)


def escaped(text: str, limit: int) -> str:
    """One clean line, escaped and cut: for everything else in Slack."""
    return clip(escape(one_line(text)), limit)
