"""The public interface changes only on purpose. `UPDATE_SNAPSHOTS=1 pytest tests/house` accepts a change."""

import inspect
import os
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

import bongsu
import bongsu.logs
import bongsu.slack
import bongsu.testing

SNAPSHOT = Path(__file__).with_name("api.txt")
MODULES = (bongsu, bongsu.logs, bongsu.slack, bongsu.testing)


def _signature(value: object) -> str:
    """The signature without module paths, which differ between versions of Python, and without addresses."""
    text = re.sub(r" at 0x[0-9a-f]+", "", str(inspect.signature(value)))  # type: ignore[arg-type]
    return re.sub(r"\b(?:[^\W\d]\w*\.)+(?=\w)", "", text)


def _members(kind: type) -> Iterator[tuple[str, object]]:
    """What a class itself adds to the interface: methods and properties without a leading underscore."""
    for name, value in sorted(vars(kind).items()):
        if not name.startswith("_") and (callable(value) or isinstance(value, property | classmethod | staticmethod)):
            yield name, value


def _describe(name: str, value: object) -> Iterator[str]:
    if inspect.isclass(value):
        bases = ", ".join(base.__name__ for base in value.__bases__ if base is not object)
        yield f"class {name}({bases})" if bases else f"class {name}"
        if not issubclass(value, BaseException):
            yield f"    {name}{_signature(value)}"
        for member, method in _members(value):
            inner = getattr(method, "__func__", method)
            yield f"    .{member}" if isinstance(inner, property) else f"    .{member}{_signature(inner)}"
    elif callable(value):
        yield f"{name}{_signature(value)}"
    else:
        yield f"{name}: {type(value).__name__}"


def _public(module: ModuleType) -> list[tuple[str, object]]:
    return [(f"{module.__name__}.{name}", getattr(module, name)) for name in sorted(module.__all__)]


PUBLIC = [entry for module in MODULES for entry in _public(module)]


def test_the_public_interface_is_the_one_written_down() -> None:
    interface = "".join(f"{line}\n" for name, value in PUBLIC for line in _describe(name, value))
    if os.environ.get("UPDATE_SNAPSHOTS"):
        SNAPSHOT.write_text(interface, encoding="utf-8")
    assert interface == SNAPSHOT.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "value"), [entry for entry in PUBLIC if callable(entry[1])], ids=lambda part: str(part)
)
def test_every_public_name_says_what_it_is(name: str, value: object) -> None:
    assert vars(value).get("__doc__") if inspect.isclass(value) else value.__doc__, f"{name} has no docstring"


def test_nothing_is_public_by_accident() -> None:
    names = {name for name, value in vars(bongsu).items() if not name.startswith("_") and not inspect.ismodule(value)}
    assert names == set(bongsu.__all__) - {"__version__"}
