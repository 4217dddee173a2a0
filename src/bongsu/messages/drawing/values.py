"""Parts of a foreign payload, read without trust: what has the wrong kind counts as absent."""

from collections.abc import Mapping
from typing import Any

Json = Mapping[str, Any]


def objects(value: Any) -> list[Json]:
    """The objects of a list."""
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []


def placed(value: Any, path: str) -> list[tuple[str, Json]]:
    """The same, each with its place as the judge names it: `blocks[2]`."""
    if not isinstance(value, list):
        return []
    return [(f"{path}[{index}]", one) for index, one in enumerate(value) if isinstance(one, Mapping)]


def object_of(value: Any) -> Json:
    return value if isinstance(value, Mapping) else {}


def string(value: Any) -> str:
    return value if isinstance(value, str) else ""


def whole(value: Any, low: int, high: int) -> int:
    """A number within bounds; `low` for anything else."""
    return value if type(value) is int and low <= value <= high else low
