"""Events with the fingerprints that version 1 gave them for good."""

from dataclasses import replace

from grouping_bridge import event

from bongsu.event import CapturedException, Event, Finding, Frame, Kind, Problem, Relation


def _frame(place: str, in_app: bool = True) -> Frame:
    module, _, function = place.partition(":")
    return Frame(function=function, module=module, path=f"{module.replace('.', '/')}.py", line=41, in_app=in_app)


def _error(
    name: str, *places: str, library: tuple[str, ...] = (), relation: Relation = Relation.RAISED, message: str = ""
) -> CapturedException:
    frames = (*(_frame(place) for place in places), *(_frame(place, in_app=False) for place in library))
    module, _, type_ = name.rpartition(".")
    return CapturedException(type=type_, module=module, message=message, frames=frames, relation=relation)


_SAVE = _error(
    "sqlalchemy.exc.IntegrityError", "shop.views:sign_up", "shop.store:save", library=("sqlalchemy.engine:run",)
)
_SQLITE = _error("sqlite3.IntegrityError", library=("sqlalchemy.engine:run",), relation=Relation.CAUSE)
_ENDLESS = _error("builtins.RecursionError", "shop:main", *("shop:ping", "shop:pong") * 20, "shop:leaf")
_MEMBERS = (
    _error("builtins.OSError", "shop.jobs:ship", relation=Relation.MEMBER),
    _error("builtins.KeyError", "shop.jobs:charge", relation=Relation.MEMBER),
)
_CONTEXT = _error("builtins.KeyError", "shop.views:find", relation=Relation.CONTEXT)
_CANCELLED = _error("asyncio.exceptions.CancelledError", "shop.views:slow", relation=Relation.CAUSE)
_MESSAGE = "user 17 <a@example.com> at 2024-09-03T10:11:12Z from 10.0.0.1: 'no seat' in /tmp/x, took 1.5s 봉수 0x7f3a"

FROZEN: dict[str, tuple[str, Event]] = {
    "one in-app exception": (
        "1:88de2a35800b370b",
        event(exceptions=(_error("builtins.KeyError", "shop.views:find", "shop.app:read"),)),
    ),
    "a library's cause": ("1:a4d32dc7d70b1e3d", event(exceptions=(_SAVE, _SQLITE))),
    "an implicit context": (
        "1:b9cef77f27a7e95c",
        event(exceptions=(_error("shop.errors.NotFound", "shop.views:find"), _CONTEXT)),
    ),
    "a time-out": (
        "1:57179230e44a16df",
        event(exceptions=(_error("builtins.TimeoutError", "shop.views:page"), _CANCELLED)),
    ),
    "a group": (
        "1:97ec5e09955a96e6",
        event(exceptions=(_error("builtins.ExceptionGroup", "shop.jobs:run"), *_MEMBERS)),
    ),
    "endless recursion": ("1:b584950b06680ca8", event(exceptions=(_ENDLESS,))),
    "library frames alone": (
        "1:43c31a94071d7262",
        event(exceptions=(_error("builtins.ValueError", library=("json:loads", "json:scan")),)),
    ),
    "no frames": ("1:60e34248e56d818a", event(exceptions=(_error("builtins.ValueError", message=_MESSAGE),))),
    "another environment": (
        "1:06790e71a1670ce7",
        event(environment="staging", exceptions=(_error("builtins.KeyError", "shop.views:find", "shop.app:read"),)),
    ),
    "a log template": (
        "1:63fcbf560d37d33a",
        event(kind=Kind.LOG, logger="shop", message="user 17 left", template="user %s left"),
    ),
    "an f-string in a log": (
        "1:90a7116751fca95c",
        event(kind=Kind.LOG, logger="shop", message="user 17 left", template="user 17 left"),
    ),
    "a message": ("1:eb49da01c2015d50", event(kind=Kind.MESSAGE, message=_MESSAGE)),
    "a crash": (
        "1:7594a2c28f8d971e",
        event(
            kind=Kind.CRASH,
            message="Segmentation fault",
            exceptions=(_error("Fatal Python error", "shop.native:call", library=("ctypes:call",)),),
        ),
    ),
    "an operational record": (
        "1:2c28031bf0944323",
        event(kind=Kind.RECORD, message="deployed", event_id="0123456789abcdef" * 2),
    ),
    "made-up names": (
        "1:e7e977606b9d5ebc",
        event(exceptions=(_error("shop.Model_140234567890123", "shop.gen_3f2a9c1d77:call"),)),
    ),
    "a missed heartbeat": (
        "1:a2375004272c7c5a",
        replace(event(kind=Kind.HEARTBEAT), finding=Finding(problem=Problem.MISSED, name="nightly-backup")),
    ),
    "an unmet expectation": (
        "1:28adc72edb87f05c",
        replace(event(kind=Kind.EXPECTATION), finding=Finding(problem=Problem.UNMET, name="checkin.login", count=0)),
    ),
    "a burst of answers": (
        "1:32ecbfb7c7e6d4b5",
        replace(event(kind=Kind.HTTP), finding=Finding(problem=Problem.BURST, name="5xx", count=34, wanted=120)),
    ),
    "a lone surrogate": ("1:ea04b8e67609f0fd", event(kind=Kind.MESSAGE, message="bad \ud800 text")),
}
