"""The traceback as people read it on a phone: own frames in full, library frames folded, the crash always shown."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from bongsu.event import CapturedException, Event, Frame, Relation
from bongsu.messages import limits
from bongsu.messages.characters import clean, clip, literal
from bongsu.messages.locales import WORDS, Words, counted

LONGEST_CYCLE = 4  # functions that recurse through each other; longer cycles are shown as they are
RECURSION = 3  # rounds before they are folded, as in Python's own traceback


@dataclass(frozen=True, slots=True)
class _Step:
    """Some lines of a stack that are shown together or not at all, and the frames they stand for."""

    lines: tuple[str, ...]
    frames: int
    needed: bool = False

    @property
    def size(self) -> int:
        return sum(len(line) + 1 for line in self.lines)


def excerpt(event: Event, words: Words, limit: int = limits.BUDGET_STACK) -> str:
    """The whole chain in at most `limit` characters, the captured exception first; empty without a stack."""
    shown = event.exceptions[: limits.STACK_EXCEPTIONS]
    room = limit
    parts = []
    if hidden := len(event.exceptions) - len(shown):
        parts.append(counted(hidden, words.more_exceptions, words))
        room -= len(parts[0]) + 1
    stacks = [_Stack.of(exception, words, event.culprit) for exception in shown]
    for position, stack in enumerate(stacks):
        others = sum(other.size for other in stacks[position + 1 :])
        part = stack.within(max(room // 2, room - others), words)
        parts.insert(position, part)
        room -= len(part) + 1
    return clip("\n".join(filter(None, parts)).strip("\n"), limit)


def full(event: Event) -> str:
    """Every frame with its locals, in English like Python's own; at most FULL_STACK characters."""
    lines = [line for exception in event.exceptions for line in _full(exception)]
    return clip("\n".join(lines) or clean(event.message), limits.FULL_STACK)


def _full(exception: CapturedException) -> Iterator[str]:
    name = f"{exception.module}.{exception.type}" if exception.module not in ("", "builtins") else exception.type
    yield _introduced(clean(f"{name}: {exception.message}"), exception.relation, WORDS["en"])
    for frame in exception.frames:
        yield clean(f"  {frame.path}:{frame.line} in {frame.function} ({frame.module})")
        if frame.source:
            yield clean(f"    {frame.source}")
        for variable, value in (frame.locals or {}).items():
            yield clean(f"      {variable} = {value}")
    if exception.frames_omitted:
        yield f"  {counted(exception.frames_omitted, WORDS['en'].frames_left_out, WORDS['en'])}"
    yield ""


def _introduced(text: str, relation: Relation, words: Words) -> str:
    match relation:
        case Relation.RAISED:
            return text
        case Relation.CAUSE:
            return words.cause.format(text)
        case Relation.CONTEXT:
            return words.context.format(text)
        case Relation.MEMBER:
            return words.member.format(text)


@dataclass(frozen=True, slots=True)
class _Stack:
    """One exception: a heading, its steps, and an ending."""

    heading: str
    steps: tuple[_Step, ...]
    ending: str

    @classmethod
    def of(cls, exception: CapturedException, words: Words, culprit: Frame | None) -> "_Stack":
        message = exception.message.strip()
        said = clip(clean(f"{exception.type}: {message}" if message else exception.type), limits.STACK_MESSAGE)
        steps = tuple(_steps(exception, words, culprit))
        if exception.relation is not Relation.RAISED:
            return cls("\n" + _introduced(said, exception.relation, words), steps, "")
        # The title already says a message of one line.
        return cls("", steps, said if "\n" in said or len(said) > limits.TITLE else "")

    @property
    def size(self) -> int:
        return len(self.heading) + len(self.ending) + 2 + sum(step.size for step in self.steps)

    def within(self, limit: int, words: Words) -> str:
        """The lines that fit: first the needed steps, then from the crash outwards."""
        heading, ending = clip(self.heading, limit // 2), clip(self.ending, limit // 2)
        room = limit - len(heading) - len(ending) - 2
        kept = set(range(len(self.steps))) if self.size <= limit else _kept(self.steps, room)
        return "\n".join(filter(None, [heading, *_lines(self.steps, kept, words), ending]))


def _kept(steps: Sequence[_Step], room: int) -> set[int]:
    gap = 40  # characters of one "… 1 240 frames left out" with its line end
    room -= gap
    kept: set[int] = set()
    for index in sorted(range(len(steps)), key=lambda index: (not steps[index].needed, -index)):
        size = steps[index].size + (gap if steps[index].needed else 0)
        if size > room and not steps[index].needed:
            break
        if size > room:
            continue
        kept.add(index)
        room -= size
    return kept


def _lines(steps: Sequence[_Step], kept: set[int], words: Words) -> Iterator[str]:
    dropped = 0
    for index, step in enumerate(steps):
        if index not in kept:
            dropped += step.frames
            continue
        if dropped:
            yield counted(dropped, words.frames_left_out, words)
            dropped = 0
        yield from step.lines
    if dropped:
        yield counted(dropped, words.frames_left_out, words)


def _steps(exception: CapturedException, words: Words, culprit: Frame | None) -> Iterator[_Step]:
    """Frames from the outermost call to the crash; recursion and library frames folded."""
    middle = len(exception.frames) // 2 if exception.frames_omitted else 0
    yield from _folded(_rounds(exception.frames[:middle]), words, culprit, crash=None)
    if exception.frames_omitted:
        line = counted(exception.frames_omitted, words.frames_left_out, words)
        yield _Step((line,), exception.frames_omitted)
    crash = exception.frames[-1] if exception.frames else None
    yield from _folded(_rounds(exception.frames[middle:]), words, culprit, crash=crash)


def _folded(
    rounds: Iterable[tuple[Sequence[Frame], int]], words: Words, culprit: Frame | None, crash: Frame | None
) -> Iterator[_Step]:
    library = 0
    for cycle, count in rounds:
        if not any(frame.in_app or frame is crash for frame in cycle):
            library += len(cycle) * count
            continue
        if library:
            yield _Step((counted(library, words.library_frames, words),), library)
            library = 0
        needed = any(frame is crash or frame is culprit for frame in cycle)
        lines = [line for frame in cycle for line in _frame(frame)]
        if count > 1:
            lines.append(counted(count - 1, words.repeated, words))
        yield _Step(tuple(lines), len(cycle) * count, needed)
    if library:
        yield _Step((counted(library, words.library_frames, words),), library)


def _frame(frame: Frame) -> list[str]:
    where = literal(f"{frame.path}:{frame.line} in {frame.function}", limits.STACK_LINE)
    source = literal(frame.source or "", limits.STACK_LINE)
    return [where, f"    {source}"] if source else [where]


def _rounds(frames: Sequence[Frame]) -> Iterator[tuple[Sequence[Frame], int]]:
    """Frames one by one, a recursion as its last round and how often it went round."""
    at = 0
    while at < len(frames):
        length, count = _recursion(frames, at)
        end = at + length * count
        yield frames[end - length : end], count
        at = end


def _recursion(frames: Sequence[Frame], at: int) -> tuple[int, int]:
    for length in range(1, LONGEST_CYCLE + 1):
        end = at + length
        while end < len(frames) and _same_call(frames[end], frames[end - length]):
            end += 1
        if (end - at) // length >= RECURSION:
            return length, (end - at) // length
    return 1, 1


def _same_call(one: Frame, other: Frame) -> bool:
    return (one.line, one.function, one.path) == (other.line, other.function, other.path)
