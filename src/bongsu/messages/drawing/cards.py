"""A whole message, in the channel and on a phone's lock screen."""

from bongsu.messages.drawing.attachments import attachments
from bongsu.messages.drawing.blocks import blocks
from bongsu.messages.drawing.literals import literal, unescaped
from bongsu.messages.drawing.mrkdwn import mrkdwn
from bongsu.messages.drawing.style import FLAME
from bongsu.messages.drawing.values import Json, string

# What Slack shows in a notification of a message without `text`.
NO_TEXT = "This content can't be displayed."


def card(payload: Json) -> str:
    """One message without its sender and time; a value of the wrong kind is left out, nothing raises."""
    drawn = blocks(payload.get("blocks"), "blocks")
    return (drawn or _text(payload)) + attachments(payload.get("attachments"))


def message(payload: Json, *, time: str) -> str:
    """The card beside its sender."""
    return (
        f'<article><div class="avatar">{FLAME}</div><div class="body"><header><b>Bongsu</b>'
        f'<span class="badge">APP</span><time>{literal(time)}</time></header>{card(payload)}</div></article>'
    )


def notification(payload: Json, *, time: str) -> str:
    """What a phone shows: `text` alone, its first lines."""
    told = mrkdwn(string(payload.get("text"))) or literal(NO_TEXT)
    return (
        f'<div class="phone"><div class="avatar">{FLAME}</div><div class="body"><header><b>Bongsu</b>'
        f'<time>{literal(time)}</time></header><div class="told">{told}</div></div></div>'
    )


def _text(payload: Json) -> str:
    """`text` is shown where there are no blocks."""
    told = string(payload.get("text"))
    if not told:
        return ""
    drawn = unescaped(told).replace("\n", "<br>") if payload.get("mrkdwn") is False else mrkdwn(told)
    return f'<div class="text" data-path="text">{drawn}</div>'
