"""Grouping, version 1: exception type and in-app call path; a message only where there is nothing better.

The choices, each held by a row of tests/spec/test_grouping.py:

* Only in-app frames count, if there are any: a library's upgrade does not split a group. The whole path counts, so one
  shared helper called from two features gives two groups.
* No line numbers and no source text: lines shift with every release, source gets reformatted and may be missing.
  The price: two raises of one type in one function are one group.
* A frame met again counts once, where it was last, so the depth of a recursion does not matter. A RecursionError
  strikes wherever the limit happens to be reached, so its path ends with the recursion.
* An explicit cause counts by type and in-app path; without in-app frames only if it is the innermost, since libraries
  wrap in varying depth. A context may be a mere occasion: it counts by its type, and only if it passed through in-app
  code. A cancellation never counts: it tells where the time ran out.
* Members of an exception group count as a set.
* Comprehensions have frames on Python 3.11 only, so they never count.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from bongsu.event import CapturedException, Ending, Event, Frame, Kind, Relation, Why
from bongsu.grouping.normalise import normalise, normalise_name

VERSION = 1
MAX_LINKED = 10  # distinct causes and members that count: as many as capture keeps; a foreign SDK may send more
_DIGITS = 16  # 64 bits: with 100 000 groups in one app, the chance that any two collide is 1 in 3.7 billion

_MAIN_MODULES = ("__main__", "__mp_main__")  # the second: the main module in a spawned multiprocessing child
_COMPREHENSIONS = ("<listcomp>", "<dictcomp>", "<setcomp>")
_CANCELLATIONS = ("asyncio.exceptions.CancelledError", "trio.Cancelled")


def fingerprint(event: Event) -> str:
    """`1:` and 16 hexadecimal digits, equal for events of one problem in every process, release and Python.

    Never edited once released: every group in people's stores would come back as new.
    """
    from hashlib import sha256  # 3 ms, too much for `import bongsu`; BLAKE2 and MD5 may be refused in FIPS mode

    text = "".join(f"{len(component)}:{component}" for component in explain(event))
    return f"{VERSION}:{sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:_DIGITS]}"


def explain(event: Event) -> tuple[str, ...]:
    """The components of the fingerprint, in order; nothing else goes into it."""
    return (f"environment: {event.environment}", *_service(event), *_problem(event))


def _service(event: Event) -> Iterable[str]:
    """The one of several that a watcher watches. What runs under `bongsu run` is the app itself."""
    if event.process is not None and event.process.watcher != "run":
        yield f"service: {event.process.name}"


def _problem(event: Event) -> Iterable[str]:
    match event.kind:
        case Kind.RECORD:
            return (f"record: {event.id}",)
        case Kind.PROCESS if event.finding and event.finding.problem.stage:
            return (f"process: {event.finding.name}", f"ended: {_ending(event.finding.ending)}")
        case _ if event.finding and event.kind is not Kind.EXCEPTION:
            return (f"{event.kind}: {event.finding.name}", f"problem: {event.finding.problem}")
        case Kind.CRASH:
            return (f"crash: {normalise(event.message)}", *_stacks(event.exceptions))
        case _ if event.exceptions:
            return (*_stacks(event.exceptions), *_last_resort(event.exceptions))
        case Kind.LOG:
            return (f"logger: {event.logger or ''}", f"template: {_template(event)}")
        case _:
            return (f"message: {normalise(event.message)}",)


def _ending(ending: Ending | None) -> str:
    """The cause; not whether a core was dumped, which is a setting of the host."""
    if ending is None:
        return "unknown"
    why = "" if ending.why in (None, Why.CORE_DUMPED) else f" {ending.why}"
    return f"{ending.signal or ending.code}{why}"


def _template(event: Event) -> str:
    """The log call's own words. Where nothing was formatted into them they may be an f-string's, hence normalised."""
    if event.template is None or event.template == event.message:
        return normalise(event.message)
    return event.template


def _last_resort(exceptions: Sequence[CapturedException]) -> tuple[str, ...]:
    """The message, where no exception has a stack."""
    if any(exception.frames for exception in exceptions):
        return ()
    return (f"message: {normalise(exceptions[0].message)}",)


def _stacks(exceptions: Sequence[CapturedException]) -> Iterator[str]:
    """The captured exception in order, then what it grew out of and what it holds, as a sorted set."""
    if not exceptions:
        return
    captured = exceptions[0]
    yield f"type: {_type(captured)}"
    yield from _path(captured)
    others = {tuple(_linked(other, captured, innermost=other is exceptions[-1])) for other in exceptions[1:]}
    for components in sorted(others - {()})[:MAX_LINKED]:
        yield from components


def _linked(link: CapturedException, captured: CapturedException, *, innermost: bool) -> Iterator[str]:
    name = _type(link)
    own = any(frame.in_app for frame in link.frames)
    match link.relation:
        case _ if name in _CANCELLATIONS:
            return
        case Relation.MEMBER:
            yield f"member: {name}"
            yield from _path(link)
        case Relation.CONTEXT if own and name != _type(captured):  # the same type: an earlier attempt
            yield f"context: {name}"
        case Relation.CAUSE if own:
            yield f"cause: {name}"
            yield from _path(link)
        case Relation.CAUSE if innermost:
            yield f"cause: {name}"


def _type(exception: CapturedException) -> str:
    """The type with its module. Foreign SDKs leave `builtins` out, so it is left out of all."""
    qualified = exception.module and exception.module != "builtins"
    return normalise_name(f"{exception.module}.{exception.type}" if qualified else exception.type)


def _path(exception: CapturedException) -> Iterator[str]:
    """The places of the traceback, from the outermost to the crash, each once."""
    places = [place for frame in _counting(exception.frames) if (place := _place(frame))]
    if exception.type == "RecursionError":
        places = list(dict.fromkeys(_up_to_recursion(places)))
    for place in reversed(dict.fromkeys(reversed(places))):
        yield f"frame: {place}"


def _counting(frames: Sequence[Frame]) -> Sequence[Frame]:
    return [frame for frame in frames if frame.in_app] or frames


def _place(frame: Frame) -> str:
    """`module:function`, or nothing for a comprehension's frame."""
    function = frame.function
    if function.endswith(_COMPREHENSIONS):
        return ""
    for comprehension in _COMPREHENSIONS:  # f.<locals>.<listcomp>.<locals>.<lambda>
        function = function.replace(f"{comprehension}.<locals>.", "")
    return normalise_name(f"{_module(frame)}:{function}")


def _module(frame: Frame) -> str:
    """The module; of the main module its file's name, which is what it is called when imported; else the path."""
    path = frame.path.replace("\\", "/")
    if frame.module in _MAIN_MODULES:
        return path.rpartition("/")[2].removesuffix(".py")
    return frame.module or path


def _up_to_recursion(places: Sequence[str]) -> Sequence[str]:
    """Without the calls below the place met most often: the limit may strike in any of them."""
    for recursive, times in Counter(places).most_common(1):
        if times > 1:
            return places[: len(places) - places[::-1].index(recursive)]
    return places
