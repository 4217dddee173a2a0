"""The grammar of a rule: each takes a value and its path, and yields what is wrong with it."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that Slack would refuse."""

    path: str  # blocks[2].text.text; empty for the message as a whole
    text: str  # for a person: "3 214 characters, Slack allows 3 000"
    word: str = "invalid_blocks"


Problems = Iterator[Problem]
Rule = Callable[[Any, str], Problems]

_KINDS: dict[type, str] = {
    dict: "an object",
    list: "a list",
    str: "a text",
    bool: "true or false",
    int: "a number",
    float: "a number",
    type(None): "null",
}


def kind(value: Any) -> str:
    """What a value is, for a person."""
    return _KINDS.get(type(value), f"a Python {type(value).__name__}")


def unwanted(value: Any, wanted: str, path: str, word: str = "invalid_blocks") -> Problem:
    """A value of the wrong kind."""
    return Problem(path=path, text=f"{kind(value)}, Slack wants {wanted}", word=word)


def too_many(found: int, allowed: int, path: str, word: str = "invalid_blocks", unit: str = "characters") -> Problem:
    """More than fits."""
    text = f"{_grouped(found)} {unit}, Slack allows {_grouped(allowed)}"
    return Problem(path=path, text=text, word=word)


def _grouped(number: int) -> str:
    return f"{number:,}".replace(",", " ")


def string(high: int, *, low: int = 1) -> Rule:
    def rule(value: Any, path: str) -> Problems:
        if not isinstance(value, str):
            yield unwanted(value, "a text", path)
        elif len(value) > high:
            yield too_many(len(value), high, path)
        elif len(value) < low:
            yield Problem(path=path, text="empty")

    return rule


def optional(inner: Rule) -> Rule:
    return lambda value, path: iter(()) if value is None else inner(value, path)


def list_of(item: Rule, high: int, *, low: int = 1) -> Rule:
    def rule(value: Any, path: str) -> Problems:
        if not isinstance(value, list):
            yield unwanted(value, "a list", path)
            return
        if len(value) > high:
            yield too_many(len(value), high, path, unit="items")
        elif len(value) < low:
            yield Problem(path=path, text="an empty list")
        for index, one in enumerate(value[:high]):
            yield from item(one, f"{path}[{index}]")

    return rule


def one_of(*allowed: object) -> Rule:
    def rule(value: Any, path: str) -> Problems:
        if not any(value is one or (type(value) is type(one) and value == one) for one in allowed):
            yield Problem(path=path, text=f"{str(value)[:60]!r}, Slack knows {', '.join(map(str, allowed))}")

    return rule


def whole(low: int, high: int) -> Rule:
    def rule(value: Any, path: str) -> Problems:
        if type(value) is not int or not low <= value <= high:
            yield Problem(path=path, text=f"{str(value)[:60]!r}, Slack wants a whole number from {low} to {high}")

    return rule


def shape(required: Mapping[str, Rule], optional: Mapping[str, Rule]) -> Rule:
    """An object with these keys and no others."""

    def rule(value: Any, path: str) -> Problems:
        if not isinstance(value, dict):
            yield unwanted(value, "an object", path)
            return
        yield from (Problem(path=f"{path}.{key}", text="missing") for key in required if value.get(key) is None)
        for key, one in value.items():
            inner = required.get(key) or optional.get(key)
            if inner is None:
                known = [*required, *optional]
                text = f"a key that Slack does not know here{_nearest(key, known)}"
                yield Problem(path=f"{path}.{str(key)[:60]}", text=text)
            elif one is not None:
                yield from inner(one, f"{path}.{key}")

    return rule


def typed(shapes: Mapping[str, Rule]) -> Rule:
    """An object whose `type` names its shape."""

    def rule(value: Any, path: str) -> Problems:
        kind = value.get("type") if isinstance(value, dict) else None
        if not isinstance(value, dict):
            yield unwanted(value, "an object", path)
        elif kind is None:
            yield Problem(path=f"{path}.type", text="missing")
        elif not isinstance(kind, str) or kind not in shapes:
            text = f"{str(kind)[:60]!r} is not allowed here{_nearest(kind, shapes)}"
            yield Problem(path=f"{path}.type", text=text)
        else:
            yield from shapes[kind](value, path)

    return rule


def _nearest(word: object, known: Collection[str]) -> str:
    """`; Slack knows section`, if that is what may be meant, else all that it knows."""
    from difflib import get_close_matches

    return f"; Slack knows {', '.join(get_close_matches(str(word)[:60], known, n=1) or known)}"


def needs_one(inner: Rule, *keys: str) -> Rule:
    def rule(value: Any, path: str) -> Problems:
        yield from inner(value, path)
        if isinstance(value, dict) and not any(value.get(key) for key in keys):
            yield Problem(path=path, text=f"needs {' or '.join(keys)}")

    return rule


def anything(_value: Any, _path: str) -> Problems:
    return iter(())


flag = one_of(True, False)


def typed_shape(required: Mapping[str, Rule] | None = None, optional: Mapping[str, Rule] | None = None) -> Rule:
    return shape({"type": anything, **(required or {})}, optional or {})
