"""A payload as people write it: judged, drawn, and with a link to Slack's own builder."""

import json
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import quote

from bongsu.cli.preview import places
from bongsu.messages import drawing
from bongsu.messages.judge import judge

# The form of the links "View in Block Kit Builder": https://docs.slack.dev/reference/block-kit/blocks/divider-block
BUILDER = "https://app.slack.com/block-kit-builder/#"
TIME = "14:26"  # of the messages on the page: the minute in which the story's log-in broke


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What Slack would refuse, and where it stands in the text."""

    path: str
    text: str
    word: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What became of one payload; `html` is empty where the text is no JSON object."""

    html: str = ""
    phone: str = ""
    builder: str = ""
    problems: tuple[Fault, ...] = ()

    def to_json(self) -> str:
        return json.dumps(asdict(self))


def judged(text: str) -> Judged:
    """The payload that a JSON text holds."""
    try:
        payload = loaded(text)
    except json.JSONDecodeError as error:
        told = f"no JSON: {error.msg}, column {error.colno}"
        return _refused(told, error.lineno)
    except (ValueError, RecursionError):
        return _refused("no JSON that Slack would read: too deep, or a number too long", 1)
    if not isinstance(payload, dict):
        return _refused('Slack wants an object: {"text": …, "blocks": […]}', 1)
    known = places.lines(text)
    faults = (
        Fault(path=one.path, text=one.text, word=one.word, line=places.line_of(one.path, known))
        for one in judge(payload)
    )
    return drawn(payload, tuple(faults))


def loaded(text: str) -> Any:
    """Raises ValueError or RecursionError for what is no JSON."""
    return json.loads(text)


def drawn(payload: dict[str, Any], problems: tuple[Fault, ...] = ()) -> Judged:
    """The payload as Slack shows it."""
    return Judged(
        html=drawing.message(payload, time=TIME),
        phone=drawing.notification(payload, time=TIME),
        builder=builder(payload),
        problems=problems,
    )


def builder(payload: dict[str, Any]) -> str:
    """Slack's Block Kit Builder with this payload; it knows no plain `text`."""
    shown = {key: payload[key] for key in ("blocks", "attachments") if payload.get(key)}
    if not shown:
        return ""
    return BUILDER + quote(json.dumps(shown, separators=(",", ":")), safe="")


def written(payload: Any) -> str:
    """The payload as a person edits it."""
    return json.dumps(payload, indent=2, ensure_ascii=False)


def _refused(told: str, line: int) -> Judged:
    return Judged(problems=(Fault(path="", text=told, word="invalid_payload", line=line),))
