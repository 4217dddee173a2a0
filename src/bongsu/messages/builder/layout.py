"""The parts of a card as blocks: what belongs together shares a block, and all of it fits into one message."""

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from bongsu.messages import limits
from bongsu.messages.builder.markup import Markup, marked
from bongsu.messages.builder.parts import Kind, Part, heading
from bongsu.messages.characters import clip, escape, one_line
from bongsu.messages.slack import NO_PREVIEWS, Json
from bongsu.messages.spoken import spoken, unmarked

# kind: type of the block, its key, how many fit
_SHARED = {
    Kind.FIELD: ("section", "fields", limits.SECTION_FIELDS),
    Kind.BUTTON: ("actions", "elements", limits.ACTIONS_ELEMENTS),
    Kind.CONTEXT: ("context", "elements", limits.CONTEXT_ELEMENTS),
}
_COUNTED = ("text", "url", "image_url", "alt_text")
_NOTHING = "(an empty card)"


def payload(title: str, colour: str, parts: Iterable[Part]) -> Json:
    """The whole message: the title above, and with a colour everything else beside its bar."""
    parts = tuple(parts)
    top = [_title(title)] if title.strip() else []
    blocks = _fitting(parts)
    result: Json = {"text": _line(title, parts, blocks), **NO_PREVIEWS}
    if not colour:
        return result | ({"blocks": [*top, *blocks]} if top or blocks else {})
    if not blocks:
        top, blocks = [], top
    result |= {"blocks": top} if top else {}
    return result | ({"attachments": [{"color": colour, "blocks": blocks}]} if blocks else {})


def _title(title: str) -> Json:
    if isinstance(title, Markup):
        text = marked(title, limits.OWN_SECTION)
        return {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}
    return heading(title)


def _line(title: str, parts: tuple[Part, ...], blocks: list[Json]) -> str:
    """What phones and screen readers get."""
    words = [one_line(unmarked(title) if isinstance(title, Markup) else title), *(part.words for part in parts)]
    told = " · ".join(word for word in words if word) or one_line(spoken({"blocks": blocks}, limits.BUDGET_TEXT))
    return clip(escape(told), limits.BUDGET_TEXT) or _NOTHING


def _fitting(parts: tuple[Part, ...]) -> list[Json]:
    """The blocks that one message holds, and how much more there was."""
    kept: list[Json] = []
    room, shown = limits.OWN_CHARACTERS, 0
    for block, count in _blocks(parts):
        room -= _characters(block)
        if room < 0 or len(kept) >= limits.OWN_BLOCKS:
            return [*kept, _more(len(parts) - shown)]
        kept.append(block)
        shown += count
    return kept


def _more(count: int) -> Json:
    told = f"… {count:,} more {'part' if count == 1 else 'parts'}: one message of Slack holds no more."
    return {"type": "context", "elements": [{"type": "plain_text", "text": told}]}


def _blocks(parts: Iterable[Part]) -> Iterator[tuple[Json, int]]:
    """Each block, and of how many parts it is made."""
    for kind, same in groupby(parts, key=lambda part: part.kind):
        drawn = [part.json() for part in same]
        if kind not in _SHARED:
            yield from ((block, 1) for block in drawn)
            continue
        of_type, key, most = _SHARED[kind]
        yield from (({"type": of_type, key: each}, len(each)) for each in _bundles(drawn, most))


def _bundles(elements: list[Json], most: int) -> Iterator[list[Json]]:
    bundle: list[Json] = []
    size = 0
    for element in elements:
        weight = _characters(element)
        if bundle and (len(bundle) >= most or size + weight > limits.OWN_BLOCK):
            yield bundle
            bundle, size = [], 0
        bundle.append(element)
        size += weight
    yield bundle


def _characters(value: Any) -> int:
    match value:
        case dict():
            own = sum(len(one) for key, one in value.items() if key in _COUNTED and isinstance(one, str))
            return own + sum(_characters(one) for one in value.values() if not isinstance(one, str))
        case list():
            return sum(map(_characters, value))
    return 0
