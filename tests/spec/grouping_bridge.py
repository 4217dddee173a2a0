"""Real exceptions for the grouping tables: code that runs as two releases of one file, and what it raises as events."""

import sysconfig
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from types import TracebackType

from bongsu.event import CapturedException, Event, Frame, Kind, Level, Relation

NOT_OURS = (sysconfig.get_path("stdlib"), sysconfig.get_path("purelib"), sysconfig.get_path("platlib"), "<")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One rule: what each group of calls raises is one problem, and the groups are different problems."""

    rule: str
    source: str
    groups: tuple[list[str], ...]


def row(rule: str, source: str, *groups: list[str]) -> Row:
    return Row(rule=rule, source=source, groups=groups)


def releases(source: str, module: str) -> Iterator[dict[str, object]]:
    """The namespaces of two releases of one module: other lines everywhere, another directory."""
    moved = "# A new licence header.\n" * 20 + source.replace("\n", "\n\n")
    for number, text in (("1.0", source), ("1.1", moved)):
        namespace: dict[str, object] = {"__name__": f"shop.{module}"}
        exec(compile(text, f"/srv/shop-{number}/shop/{module}.py", "exec"), namespace)
        yield namespace


def raised_by(call: str, namespace: dict[str, object]) -> BaseException:
    """What the call raises, its traceback beginning inside the release's code."""
    try:
        eval(compile(call, "<call>", "eval"), namespace)
    except BaseException as error:
        return error.with_traceback(_below(_below(error.__traceback__)))
    raise AssertionError(f"{call} raised nothing")


def _below(traceback: TracebackType | None) -> TracebackType | None:
    return traceback and traceback.tb_next


def event_of(error: BaseException) -> Event:
    return event(exceptions=tuple(_captured(each, relation) for each, relation in _linked(error)), message=str(error))


def event(
    *,
    exceptions: tuple[CapturedException, ...] = (),
    message: str = "",
    kind: Kind = Kind.EXCEPTION,
    environment: str = "production",
    template: str | None = None,
    logger: str | None = None,
    event_id: str = "0" * 32,
) -> Event:
    return Event(
        id=event_id,
        at=1_725_000_000.0,
        kind=kind,
        level=Level.ERROR,
        message=message,
        app="shop",
        environment=environment,
        exceptions=exceptions,
        template=template,
        logger=logger,
    )


def _captured(error: BaseException, relation: Relation) -> CapturedException:
    return CapturedException(
        type=type(error).__qualname__,
        module=type(error).__module__,
        message=str(error),
        frames=tuple(_frames(error.__traceback__)),
        relation=relation,
    )


def _frames(traceback: TracebackType | None) -> Iterator[Frame]:
    while traceback is not None:
        code = traceback.tb_frame.f_code
        yield Frame(
            function=code.co_qualname,
            module=traceback.tb_frame.f_globals.get("__name__") or "",
            path=code.co_filename,
            line=traceback.tb_lineno,
            in_app=not code.co_filename.startswith(NOT_OURS),
        )
        traceback = traceback.tb_next


def _linked(error: BaseException) -> Iterator[tuple[BaseException, Relation]]:
    waiting = deque([(error, Relation.RAISED)])
    while waiting:
        current, relation = waiting.popleft()
        yield current, relation
        if isinstance(current, BaseExceptionGroup):
            waiting.extend((member, Relation.MEMBER) for member in current.exceptions)
        if current.__cause__ is not None:
            waiting.append((current.__cause__, Relation.CAUSE))
        elif current.__context__ is not None and not current.__suppress_context__:
            waiting.append((current.__context__, Relation.CONTEXT))
