"""Text as HTML that means nothing but itself."""

import re
from html import escape

from bongsu.messages.characters import unescape
from bongsu.messages.drawing.style import FIRE

# Emoji fonts are missing on many servers; these few signs are drawn.
_SIGNS = {
    "🔴": '<i class="dot red" title="error"></i>',
    "🟡": '<i class="dot yellow" title="warning"></i>',
    "🟢": '<i class="dot green" title="quiet"></i>',
    "🔵": '<i class="dot blue" title="info"></i>',
    "⚪": '<i class="dot white" title="debug"></i>',
    "🔥": f'<i class="flame" title="fatal">{FIRE}</i>',
    "⚠️": '<i class="warn" title="note">!</i>',
}
_SIGN = re.compile("|".join(_SIGNS))
_WEB = re.compile(r"(?:https?://|mailto:)", re.IGNORECASE)

# The emoji of alerts by the names that Slack gives them; any other stays a name between colons.
_EMOJI = {
    "red_circle": "🔴",
    "large_yellow_circle": "🟡",
    "large_green_circle": "🟢",
    "large_blue_circle": "🔵",
    "white_circle": "⚪",
    "fire": "🔥",
    "warning": "⚠️",
    "rotating_light": "🚨",
    "white_check_mark": "✅",
    "heavy_check_mark": "✔️",
    "x": "❌",
    "no_entry": "⛔",
    "bell": "🔔",
    "no_bell": "🔕",
    "mega": "📣",
    "memo": "📝",
    "mag": "🔍",
    "link": "🔗",
    "rocket": "🚀",
    "bug": "🐛",
    "skull": "💀",
    "eyes": "👀",
    "tada": "🎉",
    "+1": "👍",
    "-1": "👎",
    "wave": "👋",
    "hourglass": "⌛",
    "stopwatch": "⏱️",
    "chart_with_upwards_trend": "📈",
    "zap": "⚡",
    "information_source": "ℹ️",
    "point_right": "👉",
    "point_down": "👇",
}
_SHORT_NAME = re.compile(r":([a-z0-9_+-]{1,40}):")


def literal(text: str) -> str:
    """Text as it is, fit for HTML and UTF-8."""
    safe = escape(text.encode("utf-8", "replace").decode())
    return _SIGN.sub(lambda match: _SIGNS[match[0]], safe)


def unescaped(text: str) -> str:
    """mrkdwn without any markup."""
    return literal(unescape(text))


def with_emoji(text: str) -> str:
    """`:fire:` → 🔥"""
    return _SHORT_NAME.sub(lambda match: _EMOJI.get(match[1], match[0]), text)


def link(url: str, drawn: str) -> str:
    """A link to the web or to a mailbox; any other address is no link."""
    if not _WEB.match(url):
        return drawn
    return f'<a href="{escape(url.encode("utf-8", "replace").decode())}" target="_blank" rel="noreferrer">{drawn}</a>'


def mention(drawn: str, *, is_loud: bool = False) -> str:
    """Blue; `is_loud`: yellow, as what calls everybody."""
    return f'<span class="mention{" loud" * is_loud}">{drawn}</span>'
