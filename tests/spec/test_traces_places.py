"""The names of functions and modules that a traceback leaves out, from the files of the program."""

import os
from pathlib import Path

import pytest

from bongsu.watchers.report import Trace, TraceError, TraceFrame
from bongsu.watchers.traces.places import located
from bongsu.watchers.traces.scopes import SOURCE_FILE_MAX

SOURCE = """\
def decorated(argument):
    return lambda function: function

class Order:
    @decorated(
        lambda: 6,
    )
    def pay(self):
        def inner():
            return [
                each for each in (lambda: 11)()
            ]
        return inner()

def pay():
    return 15
"""


def frame(path: Path | str, function: str, line: int) -> TraceFrame:
    return TraceFrame(function=function, module="", path=str(path), line=line)


def names(cwd: Path, *frames: TraceFrame) -> list[str]:
    error = TraceError(type="ValueError", module="builtins", message="", frames=frames)
    [found] = located(Trace(errors=(error,)), str(cwd)).errors
    return [f"{each.module}:{each.function}" for each in found.frames]


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    for path in ("shop/__init__.py", "shop/deep/__init__.py", "shop/deep/orders.py", "src/lib/__init__.py"):
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(SOURCE)
    for path in ("plain.py", "folder/sub/module.py", "src/single.py", "lib/python3.12/site-packages/dep/core.py"):
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(SOURCE)
    return tmp_path


@pytest.mark.parametrize(
    ("function", "line", "expected"),
    [
        ("pay", 9, "Order.pay"),
        ("pay", 15, "pay"),
        ("<lambda>", 6, "Order.<lambda>"),
        ("<lambda>", 11, "Order.pay.<locals>.inner.<locals>.<lambda>"),
        ("inner", 10, "Order.pay.<locals>.inner"),
        ("Order", 4, "Order"),
        ("<module>", 1, "<module>"),
        ("pay", 900, "pay"),
        ("vanished", 9, "vanished"),
    ],
)
def test_a_function_is_named_as_the_interpreter_names_it(shop: Path, function: str, line: int, expected: str) -> None:
    assert names(shop, frame(shop / "plain.py", function, line)) == [
        f"{'__main__' if function == '<module>' else 'plain'}:{expected}"
    ]


@pytest.mark.parametrize(
    ("path", "module"),
    [
        ("shop/deep/orders.py", "shop.deep.orders"),
        ("shop/deep/__init__.py", "shop.deep"),
        ("src/lib/__init__.py", "lib"),
        ("src/single.py", "single"),
        ("folder/sub/module.py", "folder.sub.module"),
        ("lib/python3.12/site-packages/dep/core.py", "dep.core"),
        ("not-a-name/module.py", "module"),
    ],
)
def test_a_module_is_named_as_it_is_imported(shop: Path, path: str, module: str) -> None:
    for written in (path, str(shop / path)):
        assert names(shop, frame(written, "f", 1)) == [f"{module}:f"]


def test_what_begins_the_program_is_main_everywhere_in_its_stack(shop: Path) -> None:
    script = shop / "folder" / "sub" / "module.py"
    beside = shop / "folder" / "sub" / "beside.py"
    found = names(shop, frame(script, "<module>", 1), frame(beside, "f", 1), frame(script, "pay", 9))
    assert found == ["__main__:<module>", "beside:f", "__main__:Order.pay"]


def test_code_without_a_file_runs_where_it_was_called(shop: Path) -> None:
    found = names(shop, frame(shop / "plain.py", "pay", 15), frame("<string>", "made", 1))
    assert found == ["plain:pay", "plain:made"]


def test_frozen_modules_are_named(shop: Path) -> None:
    assert names(shop, frame("<frozen importlib._bootstrap>", "f", 1)) == ["importlib._bootstrap:f"]


def broken(file: Path) -> None:
    file.write_text("def f(:")


def large(file: Path) -> None:
    file.write_text(SOURCE + "#" * SOURCE_FILE_MAX)


def binary(file: Path) -> None:
    file.write_bytes(b"\x00\xff" * 100)


def missing(file: Path) -> None:
    file.unlink()


def folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


def pipe(file: Path) -> None:
    file.unlink()
    os.mkfifo(file)


@pytest.mark.parametrize("spoil", [broken, large, binary, missing, folder, pipe])
def test_a_file_that_says_nothing_leaves_the_plain_name(shop: Path, spoil: object) -> None:
    assert callable(spoil)
    spoil(shop / "plain.py")
    assert names(shop, frame(shop / "plain.py", "pay", 9)) == ["plain:pay"]


@pytest.mark.parametrize("path", ["", "\x00", "/", "/dev/zero", "x" * 5_000, "../../..", "\ud800.py", "<", "<frozen "])
def test_a_path_may_be_anything(shop: Path, path: str) -> None:
    assert len(names(shop, frame(path, "f", 1))) == 1


def test_a_changed_file_is_read_anew(shop: Path) -> None:
    file = shop / "plain.py"
    assert names(shop, frame(file, "pay", 9)) == ["plain:Order.pay"]
    file.write_text(SOURCE.replace("Order", "Invoice"))
    assert names(shop, frame(file, "pay", 9)) == ["plain:Invoice.pay"]
