"""Texts, buttons, menus and pictures inside of blocks."""

from bongsu.messages.drawing.literals import link, literal
from bongsu.messages.drawing.mrkdwn import mrkdwn, plain
from bongsu.messages.drawing.values import Json, object_of, objects, string

# Slack folds long text behind "Show more": attachments from 700 characters or five line breaks on (the docs of the
# field `text`), sections by their height, which comes to about the same.
FOLD_CHARACTERS = 700
FOLD_LINE_BREAKS = 5

_CHOICES = ("checkboxes", "radio_buttons")
_MENU_WORDS = {"datepicker": "Select a date", "timepicker": "Select a time", "datetimepicker": "Select date and time"}


def text(value: object) -> str:
    """A text object."""
    given = object_of(value)
    told = string(given.get("text"))
    if given.get("type") == "mrkdwn":
        return mrkdwn(told, verbatim=given.get("verbatim") is True)
    return plain(told, emoji=given.get("emoji") is not False)


def folded(told: str, drawn: str) -> str:
    """Behind "Show more" where it is long."""
    if len(told) < FOLD_CHARACTERS and told.count("\n") < FOLD_LINE_BREAKS:
        return drawn
    more = "<details><summary></summary></details>"
    return f'<div class="fold">{more}<div class="folded">{drawn}</div></div>'


def element(one: Json) -> str:
    """Something to press or to choose; nothing happens here when somebody does."""
    kind = string(one.get("type"))
    if kind in ("button", "workflow_button"):
        return _button(one)
    if kind == "image":
        return picture(one, "thumb")
    if kind == "overflow":
        return '<span class="button overflow">⋯</span>'
    if kind in _CHOICES:
        options = (_option(each, kind) for each in objects(one.get("options")))
        return f'<div class="choices">{"".join(options)}</div>'
    return _menu(one, kind)


def picture(one: Json, size: str) -> str:
    """A frame with the alternative text: nothing is fetched."""
    alt = string(one.get("alt_text")) or "image"
    return f'<span class="picture {size}" role="img">{literal(alt)}</span>'


def _button(one: Json) -> str:
    style = one.get("style")
    look = f" {style}" if style in ("primary", "danger") else ""
    return link(string(one.get("url")), f'<span class="button{look}">{text(one.get("text"))}</span>')


def _option(option: Json, kind: str) -> str:
    sign = "☐" if kind == "checkboxes" else "○"
    description = text(option.get("description"))
    below = f'<span class="soft">{description}</span>' if description else ""
    return f"<div>{sign} {text(option.get('text'))} {below}</div>"


def _menu(one: Json, kind: str) -> str:
    shown = text(object_of(one.get("initial_option")).get("text")) or text(one.get("placeholder"))
    shown = shown or literal(_MENU_WORDS.get(kind, "Select an option"))
    return f'<span class="button menu">{shown} <span class="soft">⌄</span></span>'
