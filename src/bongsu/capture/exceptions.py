"""From a traceback to plain values: a quick key in microseconds, or the frames of the whole chain.

Neither keeps a frame, a traceback or an exception alive.
"""

import reprlib
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from opcode import opmap
from types import FrameType, TracebackType
from typing import Any

from bongsu.event import Relation
from bongsu.scrubbing import scrub, scrub_value

FRAMES_HALF = 50  # kept from each end of a long traceback: the way in, and the crash
WALK_MAX = 20_000  # traceback entries looked at; sys.setrecursionlimit beyond that is not worth the time
CHAIN_MAX = 10  # exceptions of one chain or group
KEY_FRAMES_MAX = 64  # entries of a traceback that go into the quick key
TYPE_LENGTH_MAX = 300  # characters of a type's name; generated ones can have any length
LOCALS_MAX = 20  # of one frame
LOCAL_LENGTH_MAX = 200  # characters of one repr
LOCAL_READ_MAX = 4_000  # characters looked at: a secret is masked before the repr is cut

_RAISE = bytes([opmap["RAISE_VARARGS"]])  # of the interpreter: `raise`, not a call of something that raises
_KEY_STEPS, _HEAD_STEPS = range(KEY_FRAMES_MAX), range(FRAMES_HALF)

# The interpreter's own getters: on the way to a value no property, __getattr__ or metaclass of the host runs.
_cause_of: Callable[[BaseException], BaseException | None] = BaseException.__dict__["__cause__"].__get__
_context_of: Callable[[BaseException], BaseException | None] = BaseException.__dict__["__context__"].__get__
_suppresses_context: Callable[[BaseException], bool] = BaseException.__dict__["__suppress_context__"].__get__
traceback_of: Callable[[BaseException], TracebackType | None] = BaseException.__dict__["__traceback__"].__get__
_members_of: Callable[[BaseException], tuple[BaseException, ...]] = BaseExceptionGroup.__dict__["exceptions"].__get__
_file_of: Callable[[BaseException], object] = SyntaxError.__dict__["filename"].__get__
_line_of: Callable[[BaseException], object] = SyntaxError.__dict__["lineno"].__get__
_name_of: Callable[[type], str] = type.__dict__["__qualname__"].__get__
_module_of: Callable[[type], object] = type.__dict__["__module__"].__get__

QuickKey = tuple[object, ...]


def quick_key(exception: BaseException, salt: object) -> QuickKey:
    """A key that equal errors of this process share: types, code objects, instruction offsets of the whole chain.

    The place decides; only where there is none, the message. Some 2 µs for 12 frames. It holds ids: keep what
    `describe` names as long as the key.
    """
    key: list[object] = [salt]
    append = key.append
    current: BaseException | None = exception
    length = 0
    while current is not None and length < CHAIN_MAX:
        length += 1
        append(id(type(current)))
        traceback = traceback_of(current)
        if traceback is None:
            append(hash(printable(current)))
        for _ in _KEY_STEPS:
            if traceback is None:
                break
            append(id(traceback.tb_frame.f_code))
            append(traceback.tb_lasti)
            traceback = traceback.tb_next
        else:
            key.extend(_crash_of(traceback))
        if issubclass(type(current), BaseExceptionGroup):
            append(tuple(part for member in _members(current) for part in _member_key(member)))
        current = _before(current)
    return tuple(key)


def _member_key(member: BaseException) -> tuple[object, ...]:
    """Where a member of a group came from: its first and its last call."""
    traceback = traceback_of(member)
    if traceback is None:
        return id(type(member)), hash(printable(member))
    return id(type(member)), id(traceback.tb_frame.f_code), traceback.tb_lasti, *_crash_of(traceback)


def _crash_of(traceback: TracebackType | None) -> tuple[object, ...]:
    """The innermost call of a long traceback, WALK_MAX steps in at most."""
    if traceback is None:
        return ()
    for _ in range(WALK_MAX):
        if traceback.tb_next is None:
            break
        traceback = traceback.tb_next
    return id(traceback.tb_frame.f_code), traceback.tb_lasti


def was_raised_anew(exception: BaseException, before: TracebackType | None) -> bool:
    """Whether an exception object was raised once more since its traceback was `before`.

    On its way out a traceback grows by callers; raised again it runs through the place again where `before` began.
    A call of the same function may stand around that place, so what comes last, next to `before`, must have raised it.
    """
    if before is None:
        return False
    place, is_there_again = before.tb_frame.f_code, False
    last, traceback = None, traceback_of(exception)
    for _ in range(WALK_MAX):
        if traceback is before or traceback is None:
            break
        if traceback.tb_frame.f_code is place:
            is_there_again = is_there_again or _is_another_step(traceback, before)
        last, traceback = traceback, traceback.tb_next
    if last is None or not is_there_again:
        return False
    return traceback is not before or (_is_another_step(last, before) and _raises(last))


def _is_another_step(traceback: TracebackType, before: TracebackType) -> bool:
    """Not the way out: `raise error` in an except block enters its own call a second time, at another instruction."""
    return traceback.tb_frame is not before.tb_frame or traceback.tb_lasti == before.tb_lasti


def _raises(traceback: TracebackType) -> bool:
    at = traceback.tb_lasti  # any number, in a traceback that somebody made
    return traceback.tb_frame.f_code.co_code[at : at + 1] == _RAISE


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
        waiting.extend((member, Relation.MEMBER) for member in _members(current))
        before = _before(current)
        if before is not None:
            waiting.append((before, Relation.CAUSE if before is _cause_of(current) else Relation.CONTEXT))


def _before(exception: BaseException) -> BaseException | None:
    cause = _cause_of(exception)
    if cause is not None:
        return cause
    return None if _suppresses_context(exception) else _context_of(exception)


def _members(exception: BaseException) -> tuple[BaseException, ...]:
    return _members_of(exception)[:CHAIN_MAX] if issubclass(type(exception), BaseExceptionGroup) else ()


def describe(exception: BaseException, *, with_locals: bool) -> tuple[list[dict[str, Any]], list[object]]:
    """The whole chain as JSON values, messages and locals scrubbed, and the objects whose ids the quick key holds.

    Source lines are read later, off this thread.
    """
    named: list[object] = []
    if _before(exception) is None and not issubclass(type(exception), BaseExceptionGroup):
        return [_one(exception, Relation.RAISED, named, with_locals=with_locals)], named
    return [_one(each, relation, named, with_locals=with_locals) for each, relation in chain(exception)], named


def printable(value: object) -> str:
    """`str(value)`, or a word about the type whose `__str__` failed; a plain str, whose methods do what they say."""
    try:
        return str.__str__(str(value))
    except Exception:  # noqa: BLE001  # foreign code runs here, and no error of it may reach the host
        return f"<unprintable {_name_of(type(value))}>"


def type_of(exception: BaseException) -> tuple[str, str | None]:
    """The name of its type, and of the module if that is a text."""
    kind = type(exception)
    return _name_of(kind)[:TYPE_LENGTH_MAX], _text(_module_of(kind))


def message_of(exception: BaseException) -> str:
    """The scrubbed message."""
    return scrub(printable(exception))


def _one(exception: BaseException, relation: Relation, named: list[object], *, with_locals: bool) -> dict[str, Any]:
    kind = type(exception)
    named += (kind, *(type(member) for member in _members(exception)))
    frames, omitted = _frames(traceback_of(exception), named, with_locals=with_locals)
    if issubclass(kind, SyntaxError):
        file, line = _file_of(exception), _line_of(exception)
        if isinstance(file, str) and isinstance(line, int):
            frames.append(("<syntax>", "", file, line, None))
    name, module = type_of(exception)
    return {
        "type": name,
        "module": module,
        "message": message_of(exception),
        "relation": relation,
        "frames": frames,
        "omitted": omitted,
    }


def _text(value: object) -> str | None:
    """A module's name is no text where the host says so."""
    return value if isinstance(value, str) else None


def _frames(
    traceback: TracebackType | None, named: list[object], *, with_locals: bool
) -> tuple[list[tuple[Any, ...]], int]:
    head: list[tuple[Any, ...]] = []
    for _ in _HEAD_STEPS:
        if traceback is None:
            return head, 0
        head.append(_entry(traceback, named, with_locals=with_locals))
        traceback = traceback.tb_next
    tail: deque[tuple[Any, ...]] = deque(maxlen=FRAMES_HALF)
    walked = 0
    while traceback is not None and walked < WALK_MAX:
        tail.append(_entry(traceback, named, with_locals=with_locals))
        traceback = traceback.tb_next
        walked += 1
    return head + list(tail), walked - len(tail)


def _entry(traceback: TracebackType, named: list[object], *, with_locals: bool) -> tuple[Any, ...]:
    frame = traceback.tb_frame
    code = frame.f_code
    named.append(code)
    values = _locals(frame) if with_locals else None
    return code.co_qualname, _text(frame.f_globals.get("__name__")), code.co_filename, traceback.tb_lineno, values


_bounded = reprlib.Repr()
_bounded.maxstring = _bounded.maxother = _bounded.maxlong = LOCAL_READ_MAX


def _short(value: object) -> str:
    try:
        return _bounded.repr(value)
    except Exception:  # noqa: BLE001  # foreign code runs here, and no error of it may reach the host
        return f"<unprintable {_name_of(type(value))}>"


def _locals(frame: FrameType) -> Mapping[str, str]:
    values = list(frame.f_locals.items())[:LOCALS_MAX]
    return {name: scrub_value(name, _short(value), limit=LOCAL_LENGTH_MAX) for name, value in values}
