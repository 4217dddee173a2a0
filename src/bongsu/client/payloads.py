"""What `notify` is given becomes a Slack payload that is scrubbed and judged, or the text of one."""

import json
from collections.abc import Mapping

from bongsu.capture.exceptions import printable
from bongsu.scrubbing import scrub

PAYLOAD_TEXT_MAX = 40_000  # characters of one text; Slack cuts a message's text there
PAYLOAD_DEPTH_MAX = 20  # Slack's deepest blocks have some ten levels
PAYLOAD_BYTES_MAX = 100_000  # far above what Slack takes: some 12 000 characters in all blocks


def payload_of(what: object) -> object:
    """What it says of itself, scrubbed."""
    return _scrubbed(_own_payload(what), 0)


def _own_payload(what: object) -> object:
    to_payload = getattr(what, "to_payload", None)
    if to_payload is None:
        return what
    try:
        return to_payload()
    except Exception as error:  # noqa: BLE001  # foreign code runs here, and the record must not be lost with it
        return f"{type(what).__name__}.to_payload() failed: {printable(error)}"


def _scrubbed(value: object, depth: int) -> object:
    """A payload with its texts scrubbed, as plain dicts and lists; what is nested absurdly deep becomes text."""
    if isinstance(value, str):
        return scrub(value, limit=PAYLOAD_TEXT_MAX)
    if depth < PAYLOAD_DEPTH_MAX and isinstance(value, Mapping):
        return {printable(key): _scrubbed(each, depth + 1) for key, each in value.items()}
    if depth < PAYLOAD_DEPTH_MAX and isinstance(value, list | tuple):
        return [_scrubbed(each, depth + 1) for each in value]
    return value if value is None or isinstance(value, bool | int | float) else scrub(printable(value))


def problems_of(payload: object) -> list[str]:
    """What Slack would refuse in it."""
    from bongsu.messages.judge import judge

    if not isinstance(payload, dict):
        return [f"payload: a text, a dict or something with to_payload() is needed, not {type(payload).__name__}"]
    problems = [f"{problem.path}: {problem.text}" for problem in judge(payload)]
    if len(json.dumps(payload)) > PAYLOAD_BYTES_MAX:
        problems.append(f"payload: longer than {PAYLOAD_BYTES_MAX:,} bytes as JSON")
    return problems


def text_of(payload: object) -> str:
    """Its text, else all of it as text."""
    text = payload.get("text") if isinstance(payload, Mapping) else None
    return text if isinstance(text, str) and text.strip() else printable(payload)
