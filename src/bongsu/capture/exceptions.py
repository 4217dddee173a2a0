"""From a traceback to plain values: a quick key in microseconds, or the frames of the whole chain.

Neither keeps a frame, a traceback or an exception alive.
"""

import reprlib
from collections import deque
from collections.abc import Iterator, Mapping
from types import CodeType, FrameType, TracebackType
from typing import Any

from bongsu.event import Relation
from bongsu.scrubbing import scrub, scrub_value

FRAMES_HALF = 50  # kept from each end of a long traceback: the way in, and the crash
WALK_MAX = 20_000  # traceback entries looked at; sys.setrecursionlimit beyond that is not worth the time
CHAIN_MAX = 10  # exceptions of one chain or group
KEY_FRAMES_MAX = 64  # entries of a traceback that go into the quick key
LOCALS_MAX = 20  # of one frame
LOCAL_LENGTH_MAX = 200  # characters of one repr

_KEY_STEPS, _HEAD_STEPS = range(KEY_FRAMES_MAX), range(FRAMES_HALF)

QuickKey = tuple[object, ...]


def quick_key(exception: BaseException, salt: object) -> QuickKey:
    """A key that equal errors of this process share: types, code objects, instruction offsets of the whole chain.

    No message: the place decides. Some 2 µs for 12 frames. It holds ids: keep the codes of `describe` alive
    as long as the key.
    """
    key: list[object] = [salt]
    append = key.append
    current: BaseException | None = exception
    length = 0
    while current is not None and length < CHAIN_MAX:
        length += 1
        append(type(current))
        traceback = current.__traceback__
        for _ in _KEY_STEPS:
            if traceback is None:
                break
            append(id(traceback.tb_frame.f_code))
            append(traceback.tb_lasti)
            traceback = traceback.tb_next
        if isinstance(current, BaseExceptionGroup):
            append(tuple(type(member) for member in current.exceptions[:CHAIN_MAX]))
        current = _before(current)
    return tuple(key)


def chain(exception: BaseException) -> Iterator[tuple[BaseException, Relation]]:
    """The exception, then its causes, contexts and members, each object once, at most CHAIN_MAX."""
    waiting: deque[tuple[BaseException, Relation]] = deque([(exception, Relation.RAISED)])
    seen: set[int] = set()
    while waiting and len(seen) < CHAIN_MAX:
        current, relation = waiting.popleft()
        if id(current) in seen:
            continue
        seen.add(id(current))
        yield current, relation
        if isinstance(current, BaseExceptionGroup):
            waiting.extend((member, Relation.MEMBER) for member in current.exceptions[:CHAIN_MAX])
        before = _before(current)
        if before is not None:
            waiting.append((before, Relation.CAUSE if before is current.__cause__ else Relation.CONTEXT))


def _before(exception: BaseException) -> BaseException | None:
    if exception.__cause__ is not None:
        return exception.__cause__
    return None if exception.__suppress_context__ else exception.__context__


def describe(exception: BaseException, *, with_locals: bool) -> tuple[list[dict[str, Any]], list[CodeType]]:
    """The whole chain as JSON values, messages and locals scrubbed, and the code objects whose ids the quick key holds.

    Source lines are read later, off this thread.
    """
    codes: list[CodeType] = []
    if _before(exception) is None and not isinstance(exception, BaseExceptionGroup):
        return [_one(exception, Relation.RAISED, codes, with_locals=with_locals)], codes
    return [_one(each, relation, codes, with_locals=with_locals) for each, relation in chain(exception)], codes


def printable(value: object) -> str:
    """`str(value)`, or a word about the type whose `__str__` failed."""
    try:
        return str(value)
    except Exception:  # noqa: BLE001  # foreign code runs here, and no error of it may reach the host
        return f"<unprintable {type(value).__name__}>"


def message_of(exception: BaseException) -> str:
    """The scrubbed message."""
    return scrub(printable(exception))


def _one(exception: BaseException, relation: Relation, codes: list[CodeType], *, with_locals: bool) -> dict[str, Any]:
    frames, omitted = _frames(exception.__traceback__, codes, with_locals=with_locals)
    if isinstance(exception, SyntaxError) and exception.filename and exception.lineno:
        frames.append(("<syntax>", "", printable(exception.filename), exception.lineno, None))
    kind = type(exception)
    return {
        "type": kind.__qualname__,
        "module": kind.__module__,
        "message": message_of(exception),
        "relation": relation,
        "frames": frames,
        "omitted": omitted,
    }


def _frames(
    traceback: TracebackType | None, codes: list[CodeType], *, with_locals: bool
) -> tuple[list[tuple[Any, ...]], int]:
    head: list[tuple[Any, ...]] = []
    for _ in _HEAD_STEPS:
        if traceback is None:
            return head, 0
        head.append(_entry(traceback, codes, with_locals=with_locals))
        traceback = traceback.tb_next
    tail: deque[tuple[Any, ...]] = deque(maxlen=FRAMES_HALF)
    walked = 0
    while traceback is not None and walked < WALK_MAX:
        tail.append(_entry(traceback, codes, with_locals=with_locals))
        traceback = traceback.tb_next
        walked += 1
    return head + list(tail), walked - len(tail)


def _entry(traceback: TracebackType, codes: list[CodeType], *, with_locals: bool) -> tuple[Any, ...]:
    frame = traceback.tb_frame
    code = frame.f_code
    codes.append(code)
    values = _locals(frame) if with_locals else None
    return code.co_qualname, frame.f_globals.get("__name__"), code.co_filename, traceback.tb_lineno, values


_bounded = reprlib.Repr()
_bounded.maxstring = _bounded.maxother = _bounded.maxlong = LOCAL_LENGTH_MAX


def _short(value: object) -> str:
    try:
        return _bounded.repr(value)
    except Exception:  # noqa: BLE001  # foreign code runs here, and no error of it may reach the host
        return f"<unprintable {type(value).__name__}>"


def _locals(frame: FrameType) -> Mapping[str, str]:
    values = list(frame.f_locals.items())[:LOCALS_MAX]
    return {name: scrub_value(name, _short(value), limit=LOCAL_LENGTH_MAX) for name, value in values}
