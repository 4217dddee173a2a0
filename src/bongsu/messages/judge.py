"""Judges a message as Slack does, before Slack does: which part is wrong, and the word Slack would answer with."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import islice
from typing import Any

from bongsu.messages import limits
from bongsu.messages.blocks import block
from bongsu.messages.rules import Problem, Problems, list_of, optional, string, too_many, unwanted

__all__ = ["Problem", "characters", "judge"]

_blocks = optional(list_of(block, limits.MESSAGE_BLOCKS, low=0))
_text = optional(string(limits.MESSAGE_TEXT, low=0))
_ATTACHMENT_TEXTS = ("color", "fallback", "pretext", "author_name", "title", "text", "footer")


def judge(payload: Mapping[str, Any]) -> list[Problem]:
    """What Slack would refuse of this message, at most JUDGED_PROBLEMS; empty means that it would pass."""
    if not isinstance(payload, Mapping):
        return [unwanted(payload, "an object", "", "invalid_payload")]
    problems = list(islice(_unencodable(payload), limits.JUDGED_PROBLEMS))
    return problems or list(islice(_message(payload), limits.JUDGED_PROBLEMS))


def characters(payload: Mapping[str, Any]) -> int:
    """All text in the blocks of a message, attachments included; the top-level text does not count."""
    return _texts([payload.get("blocks"), payload.get("attachments")])


def _texts(value: Any) -> int:
    return sum(len(one) for path, one in _walk(value) if path.endswith(".text") and isinstance(one, str))


def _message(payload: Mapping[str, Any]) -> Problems:
    text, blocks, attachments = (payload.get(key) for key in ("text", "blocks", "attachments"))
    said = text.strip() if isinstance(text, str) else text
    if not (said or blocks or attachments):
        yield Problem(path="", text="neither text nor blocks nor attachments", word="no_text")
    for problem in _text(text, "text"):
        yield replace(problem, word="msg_too_long" if isinstance(text, str) else "invalid_payload")
    if blocks is not None and not isinstance(blocks, list):
        yield unwanted(blocks, "a list", "blocks", "invalid_blocks_format")
    else:
        yield from _blocks(blocks, "blocks")
    yield from _attachments(attachments)
    yield from _repeated_ids(payload)
    yield from _tables(payload)
    yield from _weight(payload)


def _attachments(attachments: Any) -> Problems:
    if attachments is None:
        return
    if not isinstance(attachments, list):
        yield unwanted(attachments, "a list", "attachments", "invalid_attachments")
        return
    if len(attachments) > limits.MESSAGE_ATTACHMENTS:
        found, allowed = len(attachments), limits.MESSAGE_ATTACHMENTS
        yield too_many(found, allowed, "attachments", "too_many_attachments", unit="attachments")
    for index, attachment in enumerate(attachments[: limits.MESSAGE_ATTACHMENTS]):
        path = f"attachments[{index}]"
        if not isinstance(attachment, dict):
            yield unwanted(attachment, "an object", path, "invalid_attachments")
            continue
        yield from _blocks(attachment.get("blocks"), f"{path}.blocks")
        for key in _ATTACHMENT_TEXTS:
            for problem in _text(attachment.get(key), f"{path}.{key}"):
                yield replace(problem, word="invalid_attachments")


def _repeated_ids(payload: Mapping[str, Any]) -> Problems:
    seen: set[str] = set()
    for path, value in _walk({key: payload.get(key) for key in ("blocks", "attachments")}):
        if path.endswith(".block_id") and isinstance(value, str):
            if value in seen:
                yield Problem(path=path, text=f"block_id {value[:60]!r} is used twice")
            seen.add(value)


# type of block: how many of it in a message, how many characters in all its cells, Slack's word
_FEW: dict[str, tuple[int, int, str]] = {
    "table": (limits.TABLES, limits.TABLE_TEXT, "invalid_attachments"),
    "data_table": (limits.MESSAGE_BLOCKS, limits.DATA_TABLE_TEXT, "invalid_blocks"),
    "data_visualization": (limits.CHARTS, limits.BLOCKS_TEXT, "invalid_blocks"),
}


def _tables(payload: Mapping[str, Any]) -> Problems:
    seen = dict.fromkeys(_FEW, 0)
    for path, value in _walk({key: payload.get(key) for key in ("blocks", "attachments")}):
        kind = value.get("type") if isinstance(value, dict) else None
        if not isinstance(kind, str) or kind not in _FEW:
            continue
        count, text, word = _FEW[kind]
        seen[kind] += 1
        if seen[kind] > count:
            yield too_many(seen[kind], count, path, word, unit=f"blocks of type {kind}")
        if (found := _texts(value)) > text:
            yield too_many(found, text, path)


def _weight(payload: Mapping[str, Any]) -> Problems:
    lists = [payload.get("blocks")]
    if isinstance(attachments := payload.get("attachments"), list):
        lists += [one.get("blocks") for one in attachments if isinstance(one, dict)]
    count = sum(len(blocks) for blocks in lists if isinstance(blocks, list))
    tables = sum(_texts(one) for blocks in lists if isinstance(blocks, list) for one in blocks if _is_data_table(one))
    total = characters(payload) - tables + limits.BLOCK_WEIGHT * max(0, count - 1)
    if total > limits.BLOCKS_TEXT:
        yield too_many(total, limits.BLOCKS_TEXT, "blocks", "msg_blocks_too_long")


def _is_data_table(block: Any) -> bool:
    """Whether it has a limit of its own, which is above that of all blocks."""
    return isinstance(block, dict) and block.get("type") == "data_table"


def _unencodable(payload: Mapping[str, Any]) -> Problems:
    """What JSON in UTF-8 cannot carry, and what is too much to look at."""
    for count, (path, value) in enumerate(_walk(payload)):
        if count > limits.JUDGED_VALUES:
            yield too_many(count, limits.JUDGED_VALUES, "", "invalid_payload", unit="values")
            return
        if told := _not_json(value):
            yield Problem(path=path, text=told, word="invalid_payload")


def _not_json(value: Any) -> str:
    match value:
        case None | bool() | int() | list():
            return ""
        case str():
            return "" if _is_unicode(value) else "a lone surrogate, which UTF-8 cannot carry"
        case float():
            return "" if math.isfinite(value) else f"{value}, which JSON cannot carry"
        case Mapping():
            fine = all(isinstance(key, str) and _is_unicode(key) for key in value)
            return "" if fine else "a key that JSON cannot carry"
        case _:
            return f"a Python {type(value).__name__}, which JSON cannot carry"


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _walk(value: Any) -> Iterator[tuple[str, Any]]:
    """Every value of a JSON tree with its path, without recursion: foreign nesting can be of any depth."""
    waiting = [("", value)]
    while waiting:
        path, one = waiting.pop()
        yield path, one
        path = path[-200:]
        if isinstance(one, Mapping):
            start = f"{path}." if path else ""
            waiting += [(f"{start}{str(key)[:60]}", item) for key, item in reversed(list(one.items()))]
        elif isinstance(one, list):
            waiting += [(f"{path}[{index}]", item) for index, item in reversed(list(enumerate(one)))]
