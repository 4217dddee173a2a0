"""Grouping v1: one defect is one problem over releases, hosts and data; two defects are two."""

import subprocess
import sys
from dataclasses import replace

import pytest
from grouping_bridge import Row, event, event_of, raised_by, releases, row
from grouping_frozen import FROZEN
from grouping_rows_calls import ROWS as CALLS
from grouping_rows_chains import ROWS as CHAINS
from grouping_rows_services import ROWS as SERVICES
from grouping_rows_stdlib import ROWS as STDLIB
from hypothesis import given
from hypothesis import strategies as st

from bongsu.event import CapturedException, Event, Frame, Kind, Level, Relation
from bongsu.grouping import explain, fingerprint
from bongsu.grouping.v1 import MAX_LINKED

PROBE = row(
    "the 21 events that two trackers sort into 8 and 16 wrong groups",
    """
import time, uuid
def refund(amount): assert amount > 0
def capture(amount): assert amount > 0
def seat(user): return {}[user]
def order(number): raise ValueError(f"order {number} not found at {time.ctime(number)}")
def user(name): raise LookupError(f"no such user {name}")
def query(): raise RuntimeError("db gone")
def feature_a(): query()
def feature_b(): query()
def elsewhere(): raise RuntimeError("db gone")
def render(): raise TypeError(f"cannot render {object()!r} of {uuid.uuid4()}")
""",
    ["refund(0)", "refund(-1)", "refund(-2)"],
    ["capture(0)", "capture(-1)", "capture(-2)"],
    ["seat('user-123')", "seat('user-456')", "seat('user-789')"],
    ["order(1)", "order(22)", "order(333)"],
    ["user('alice')", "user('bob')", "user('carol')"],
    ["feature_a()"],
    ["feature_b()"],
    ["elsewhere()"],
    ["render()", "render()", "render()"],
)


@pytest.mark.parametrize("row", [*CALLS, *CHAINS, *SERVICES, *STDLIB, PROBE], ids=lambda row: row.rule)
def test_each_group_of_calls_is_one_problem_in_both_releases(row: Row) -> None:
    namespaces = list(releases(row.source, "checkin"))
    found = [
        {explain(event_of(raised_by(call, namespace))) for namespace in namespaces for call in calls}
        for calls in row.groups
    ]
    assert [len(problems) for problems in found] == [1] * len(found), found
    assert len(set.union(*found)) == len(found), found


def test_the_probe_has_21_events_and_9_groups() -> None:
    assert (sum(len(calls) for calls in PROBE.groups), len(PROBE.groups)) == (21, 9)


def frame(
    function: str, module: str = "shop.app", path: str = "shop/app.py", line: int = 1, in_app: bool = True
) -> Frame:
    return Frame(function=function, module=module, path=path, line=line, in_app=in_app)


def error(
    *frames: Frame, name: str = "KeyError", message: str = "", relation: Relation = Relation.RAISED
) -> CapturedException:
    return CapturedException(type=name, module="builtins", message=message, frames=frames, relation=relation)


def raised(*frames: Frame, **values: str) -> Event:
    return event(exceptions=(error(*frames, **values),))


def endless(*frames: Frame) -> Event:
    return raised(*frames, name="RecursionError")


def log(message: str, template: str | None = None, logger: str = "shop") -> Event:
    return event(kind=Kind.LOG, message=message, template=template, logger=logger)


def crash(message: str, *frames: Frame) -> Event:
    return event(kind=Kind.CRASH, message=message, exceptions=(error(*frames, name="Fatal Python error"),))


def group(*members: str) -> Event:
    linked = (error(name=member, relation=Relation.MEMBER) for member in members)
    return event(exceptions=(error(frame("run"), name="ExceptionGroup"), *linked))


ATTACHED = frame("wrapped", module="lib.core", in_app=False)

# (rule, events of one problem, other problems)
MADE_BY_HAND = [
    (
        "environments are kept apart",
        [event(message="disk full", kind=Kind.MESSAGE)],
        [event(message="disk full", kind=Kind.MESSAGE, environment="staging")],
    ),
    (
        "a log record is told by its template and logger",
        [log("user 7 from Seoul", "user %s from %s"), log("user bob from Busan", "user %s from %s")],
        [log("user 7 left", "user %s left"), log("user 7 from Seoul", "user %s from %s", logger="shop.admin")],
    ),
    (
        "numbers in a template that was formatted are the author's",
        [log("step 1 of job a failed", "step 1 of job %s failed")],
        [log("step 2 of job a failed", "step 2 of job %s failed")],
    ),
    (
        "a record that was not formatted may be an f-string, and one without template is its text",
        [log("order 17 lost", "order 17 lost"), log("order 18 lost", "order 18 lost"), log("order 19 lost")],
        [log("order 17 found", "order 17 found")],
    ),
    (
        "a log record with an exception is told by the exception, whatever logged it",
        [
            raised(frame("pay")),
            replace(raised(frame("pay")), kind=Kind.LOG, logger="shop", template="failed %s", message="failed 3"),
        ],
        [raised(frame("ship"))],
    ),
    (
        "a message is told by its normalised text",
        [
            event(kind=Kind.MESSAGE, message="3 seats left at 14:26"),
            event(kind=Kind.MESSAGE, message="12 seats left at 20:35"),
        ],
        [event(kind=Kind.MESSAGE, message="no seats left")],
    ),
    (
        "an operational record is never grouped",
        [event(kind=Kind.RECORD, message="deployed", event_id="1" * 32)],
        [event(kind=Kind.RECORD, message="deployed", event_id="2" * 32)],
    ),
    (
        "a crash is told by its signal and in-app path",
        [
            crash("Segmentation fault", frame("main", module=""), frame("call", module="", in_app=False)),
            crash("Segmentation fault", frame("main", module="", line=9)),
        ],
        [crash("Aborted", frame("main", module="")), crash("Segmentation fault", frame("work", module=""))],
    ),
    (
        "library frames do not matter beside in-app frames",
        [raised(frame("pay")), raised(ATTACHED, frame("pay"), ATTACHED)],
        [raised(ATTACHED)],
    ),
    (
        "library frames alone are told apart",
        [raised(frame("parse", module="lib", in_app=False))],
        [raised(frame("dump", module="lib", in_app=False)), raised()],
    ),
    (
        "endless recursion ends its path, wherever below it the limit strikes",
        [
            endless(frame("main"), *[frame("walk")] * 5),
            endless(frame("main"), *[frame("walk")] * 4, frame("check"), frame("is_leaf")),
            endless(frame("main"), *[frame("walk")] * 6, frame("check")),
        ],
        [endless(frame("main"), *[frame("check")] * 5), endless(*[frame("walk")] * 5)],
    ),
    (
        "endless recursion inside a library leaves the in-app path whole",
        [endless(frame("main"), frame("save"), *[ATTACHED] * 9), endless(frame("main"), frame("save"))],
        [endless(frame("main"), frame("load"), *[ATTACHED] * 9)],
    ),
    (
        "the main module is called by its file, as when it is imported",
        [
            raised(frame("run", module="__main__", path="/srv/1/app.py")),
            raised(frame("run", module="__main__", path="app.py")),
            raised(frame("run", module="__mp_main__", path="C:\\shop\\app.py")),
            raised(frame("run", module="app", path="app.py")),
        ],
        [raised(frame("run", module="__main__", path="worker.py"))],
    ),
    (
        "without a module the path tells, temporary names apart",
        [
            raised(frame("run", module="", path="/tmp/tmpab12cd34/app.py")),
            raised(frame("run", module="", path="/tmp/tmpzz_9_xy0/app.py")),
            raised(frame("run", module="", path="\\tmp\\tmpzz_9_xy0\\app.py")),
        ],
        [raised(frame("run", module="", path="/tmp/tmpab12cd34/other.py"))],
    ),
    (
        "comprehensions do not matter, whether Python gives them a frame or not",
        [
            raised(frame("run"), frame("run.<locals>.<lambda>")),
            raised(frame("run"), frame("run.<locals>.<listcomp>"), frame("run.<locals>.<listcomp>.<locals>.<lambda>")),
            raised(frame("run"), frame("<dictcomp>"), frame("<setcomp>"), frame("run.<locals>.<lambda>")),
        ],
        [raised(frame("run"))],
    ),
    (
        "without frames the type and the normalised message tell",
        [raised(message="no order 17"), raised(message="no order 18")],
        [raised(message="no order"), raised(message="no order 17", name="ValueError")],
    ),
    (
        "members of a group are a set",
        [group("KeyError", "OSError"), group("OSError", "KeyError", "OSError")],
        [group("KeyError"), group("OSError"), group()],
    ),
    (
        "of many distinct members a bounded number counts",
        [group(*(f"Error{letter}" for letter in "ABCDEFGHIJKLMNOP"[: MAX_LINKED + extra])) for extra in range(4)],
        [group(*(f"Error{letter}" for letter in "ABCDEFGHIJKLMNOP"[: MAX_LINKED - 1]))],
    ),
    (
        "causes without in-app frames count only as the innermost",
        [
            event(exceptions=(error(frame("get")), error(ATTACHED, name="OSError", relation=Relation.CAUSE))),
            event(
                exceptions=(
                    error(frame("get")),
                    error(ATTACHED, name="RetryError", relation=Relation.CAUSE),
                    error(ATTACHED, name="OSError", relation=Relation.CAUSE),
                )
            ),
        ],
        [event(exceptions=(error(frame("get")), error(ATTACHED, name="RetryError", relation=Relation.CAUSE)))],
    ),
    (
        "a name made at run time does not matter, a written number does",
        [
            raised(frame("view_3f2a9c1d77"), name="Model_140234567890123"),
            raised(frame("view_9d8c7b6a55"), name="Model_140999999999999"),
        ],
        [raised(frame("view_v2"), name="Model_1"), raised(frame("view_v3"), name="Model_1")],
    ),
]


@pytest.mark.parametrize(
    ("same", "others"), [case[1:] for case in MADE_BY_HAND], ids=[case[0] for case in MADE_BY_HAND]
)
def test_rule_on_events_made_by_hand(same: list[Event], others: list[Event]) -> None:
    assert len({explain(each) for each in same}) == 1, [explain(each) for each in same]
    apart = [explain(each) for each in (same[0], *others)]
    assert len(set(apart)) == len(apart), apart


def test_components_are_told_in_order_and_nothing_else_is_hashed() -> None:
    cause = error(frame("load"), ATTACHED, name="TimeoutError", relation=Relation.CAUSE)
    assert explain(event(exceptions=(error(frame("main"), frame("pay"), message="17"), cause))) == (
        "environment: production",
        "type: KeyError",
        "frame: shop.app:main",
        "frame: shop.app:pay",
        "cause: TimeoutError",
        "frame: shop.app:load",
    )


def test_components_cannot_run_into_each_other() -> None:
    one = log("x", logger="a", template="btemplate: c")
    other = log("x", logger="atemplate: b", template="c")
    assert fingerprint(one) != fingerprint(other)


@pytest.mark.parametrize("name", FROZEN)
def test_a_released_version_never_changes(name: str) -> None:
    """Each literal is a group in somebody's store. A better rule is a version 2 beside this one, never an edit here."""
    expected, frozen = FROZEN[name]
    assert fingerprint(frozen) == expected


FINGERPRINTS = """
from bongsu.grouping import fingerprint
from grouping_frozen import FROZEN
print(*(fingerprint(event) for _, event in FROZEN.values()))
"""


@pytest.mark.parametrize("seed", ["0", "1", "2"])
def test_the_hash_seed_of_the_process_does_not_matter(seed: str) -> None:
    environment = {"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(path for path in sys.path if path)}
    done = subprocess.run(
        [sys.executable, "-c", FINGERPRINTS], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == [expected for expected, _ in FROZEN.values()]


TEXTS = st.text(st.characters(exclude_categories=()), max_size=40)  # lone surrogates and NULs too
FRAMES = st.builds(
    Frame, function=TEXTS, module=TEXTS, path=TEXTS, line=st.integers(), in_app=st.booleans(), source=st.none() | TEXTS
)
ERRORS = st.builds(
    CapturedException,
    type=TEXTS,
    module=TEXTS,
    message=TEXTS,
    frames=st.lists(FRAMES, max_size=4).map(tuple),
    relation=st.sampled_from(Relation),
)
EVENTS = st.builds(
    Event,
    id=TEXTS,
    at=st.floats(),
    kind=st.sampled_from(Kind),
    level=st.sampled_from(Level),
    message=TEXTS,
    app=TEXTS,
    environment=TEXTS,
    exceptions=st.lists(ERRORS, max_size=4).map(tuple),
    template=st.none() | TEXTS,
    logger=st.none() | TEXTS,
)


@given(EVENTS)
def test_every_event_has_a_fingerprint(any_event: Event) -> None:
    version, _, digest = fingerprint(any_event).partition(":")
    assert (version, len(digest), set(digest) <= set("0123456789abcdef")) == ("1", 16, True)


@given(EVENTS.filter(lambda each: each.kind is not Kind.RECORD), st.integers(), TEXTS)
def test_what_differs_between_occurrences_does_not_matter(any_event: Event, number: int, word: str) -> None:
    def moved(each: CapturedException) -> CapturedException:
        frames = (replace(one, line=one.line + number, source=word, locals={word: word}) for one in each.frames)
        return replace(each, frames=tuple(frames), frames_omitted=abs(number))

    other = replace(
        any_event,
        exceptions=tuple(moved(each) for each in any_event.exceptions),
        **dict.fromkeys(("id", "user", "request_id", "release", "host", "thread", "source", "channel"), word),
        at=float(number % 2**31),
        pid=number,
        level=Level.FATAL,
        handled=False,
        tags={word: word},
    )
    assert fingerprint(other) == fingerprint(any_event)
