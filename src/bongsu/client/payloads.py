"""What `notify` is given becomes a Slack payload that is scrubbed and judged, or the text of one."""

import json
import os
from collections.abc import Mapping

from bongsu.capture.exceptions import printable
from bongsu.scrubbing import scrub

PAYLOAD_TEXT_MAX = 40_000  # characters of one text; Slack cuts a message's text there
PAYLOAD_DEPTH_MAX = 20  # Slack's deepest blocks have some ten levels
PAYLOAD_BYTES_MAX = 150_000  # far above what Slack takes: some 12 000 characters in all blocks, up to 12 bytes each


def payload_of(what: object) -> object:
    """What it says of itself, scrubbed."""
    return _scrubbed(_own_payload(what), 0)


def _own_payload(what: object) -> object:
    if isinstance(what, os.PathLike):
        return _loaded(what)
    if isinstance(what, list | tuple):
        return {"blocks": what}  # as Block Kit Builder's "blocks" alone
    to_payload = getattr(what, "to_payload", None)
    if to_payload is None:
        return what
    try:
        return to_payload()
    except Exception as error:  # noqa: BLE001  # foreign code runs here, and the record must not be lost with it
        return f"{type(what).__name__}.to_payload() failed: {printable(error)}"


def _loaded(path: os.PathLike[str]) -> object:
    from bongsu.slack import load

    try:
        return load(path)
    except ValueError as error:
        return str(error)
    except OSError as error:
        return f"{os.fspath(path)}: {error.strerror}"


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

    if isinstance(payload, str):
        return [payload]  # why there is no payload
    if not isinstance(payload, dict):
        return [f"payload: a text, a dict or something with to_payload() is needed, not {type(payload).__name__}"]
    problems = [f"{problem.path or 'payload'}: {problem.text}" for problem in judge(payload)]
    if len(json.dumps(payload)) > PAYLOAD_BYTES_MAX:
        problems.append(f"payload: longer than {PAYLOAD_BYTES_MAX:,} bytes as JSON")
    return problems


def text_of(payload: object) -> str:
    """What it says, for terminals, mail and plain re-sends; of what says nothing, all of it as text."""
    from bongsu.messages.spoken import spoken, unmarked

    if not isinstance(payload, Mapping):
        return printable(payload)
    own, said = payload.get("text"), spoken(payload, PAYLOAD_TEXT_MAX)
    text = unmarked(own).strip() if isinstance(own, str) else ""
    begins_alike = bool(said) and text.startswith(said.partition("\n")[0])  # as a card's line of text does
    return (said if begins_alike else f"{text}\n{said}".strip()) or printable(payload)
