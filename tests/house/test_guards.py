"""The host is guarded in named places only: everywhere else an unexpected exception is a defect to be seen."""

import ast
from collections.abc import Iterator

from source import Function, functions, sources

# (file, function): why everything is caught there.
ALLOWED: dict[tuple[str, str], str] = {
    ("capture/exceptions.py", "_short"): "the host's __repr__ runs there",
    ("capture/exceptions.py", "printable"): "the host's __str__ runs there",
    ("capture/log_records.py", "message_of"): "the host's __str__ and __format__ run there",
    ("client/payloads.py", "_own_payload"): "the host's to_payload() runs there",
    ("client/guard.py", "guarded.wrap.call"): "the host's border: what we do wrong there must not become its error",
    ("client/telling.py", "tell"): "sys.stderr is the host's, and may be in the middle of a write",
    ("client/sending.py", "Sending._carry"): "a courier must outlive a defect of one message",
    ("client/worker.py", "Worker._turn"): "the worker's loop must outlive a defect of one round",
    ("delivery/channels/apprise.py", "_Attempt._run"): "a plugin of Apprise runs there, on a thread of its own",
    (
        "logs/__init__.py",
        "Formatter.format",
    ): "a log record may be anything, and the host's log call must not raise",
    ("scrubbing/__init__.py", "_printed"): "the host's __str__ runs there",
}

BROAD = frozenset({"Exception", "BaseException"})


def _names(node: ast.expr | None) -> Iterator[str]:
    match node:
        case None:
            yield "BaseException"  # a bare except
        case ast.Name(id=name) | ast.Attribute(attr=name):
            yield name
        case ast.Tuple(elts=elements):
            for element in elements:
                yield from _names(element)


def _catches_everything(node: ast.AST) -> bool:
    """Whether it swallows every exception; a handler that cleans up and raises again does not."""
    match node:
        case ast.ExceptHandler(body=[*_, ast.Raise(exc=None)]):
            return False
        case ast.ExceptHandler(type=kind):
            return not BROAD.isdisjoint(_names(kind))
        case ast.Call(func=ast.Name(id="suppress") | ast.Attribute(attr="suppress"), args=kinds):
            return any(not BROAD.isdisjoint(_names(kind)) for kind in kinds)
    return False


def _own_nodes(function: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a function without those of the functions inside it."""
    for node in ast.iter_child_nodes(function):
        if not isinstance(node, Function | ast.ClassDef):
            yield node
            yield from _own_nodes(node)


def _broad_places() -> set[tuple[str, str]]:
    return {
        (source.path.removeprefix("src/bongsu/"), name)
        for source in sources()
        for name, node in [("", source.tree), *functions(source.tree)]
        if any(_catches_everything(inner) for inner in _own_nodes(node))
    }


def test_everything_is_caught_only_where_a_reason_is_written_down() -> None:
    assert _broad_places() - set(ALLOWED) == set()


def test_no_reason_outlives_its_guard() -> None:
    assert set(ALLOWED) - _broad_places() == set()
