"""What problems have in common: an exception from outside, a release, a host."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import events
from timelines import MINUTE, START, event

from bongsu.alerting import causes
from bongsu.alerting.causes import CAUSES_MAX, Cause, CauseKind, Memory
from bongsu.alerting.deploys import Deploy
from bongsu.event import CapturedException, Event, Frame, Kind, Level, Relation

OWN = Frame(function="book", module="rooms", path="rooms.py", line=7, in_app=True)
DRIVER = Frame(function="connect", module="driver.net", path="driver/net.py", line=70, in_app=False)


def raised(
    type_: str, message: str = "", *, by: Frame = DRIVER, relation: Relation = Relation.RAISED, module: str = "driver"
) -> CapturedException:
    return CapturedException(type=type_, module=module, message=message, frames=(OWN, by), relation=relation)


def caused(type_: str, message: str = "", *, by: Frame = DRIVER, module: str = "driver") -> CapturedException:
    return raised(type_, message, by=by, relation=Relation.CAUSE, module=module)


def member(type_: str, message: str = "", *, by: Frame = DRIVER) -> CapturedException:
    return raised(type_, message, by=by, relation=Relation.MEMBER)


def failed(*exceptions: CapturedException) -> Event:
    return replace(event(exceptions[0].message), kind=Kind.EXCEPTION, exceptions=exceptions)


def of(sample: Event) -> dict[str, Cause]:
    return causes.of(sample, START, START, ())


REFUSED = "[Errno 111] Connection refused"
POSTGRES = 'connection to server at "db" (172.18.0.2), port 5432 failed: Connection refused'

UPSTREAM = {
    # exceptions, what they grew out of; "": nothing from outside
    "nothing was raised": ((), ""),
    "a mistake of one's own": ((raised("KeyError", "'room'", by=OWN),), ""),
    "the deepest explicit cause": (
        (raised("BookingFailed", by=OWN), raised("Unavailable", relation=Relation.CAUSE), caused("Refused", REFUSED)),
        f"Refused: {REFUSED}",
    ),
    "a cause of one's own making": ((raised("BookingFailed"), caused("KeyError", "'room'", by=OWN)), ""),
    "a context may be a mere occasion": (
        (raised("KeyError", by=OWN), raised("Refused", REFUSED, relation=Relation.CONTEXT)),
        "",
    ),
    "raised by C code": (
        (raised("OperationalError", "database is locked", by=OWN, module="sqlite3"),),
        "OperationalError: database is locked",
    ),
    "a pool of connections": (
        (raised("TimeoutError", "QueuePool limit reached", module="sqlalchemy.exc"),),
        "TimeoutError: QueuePool limit reached",
    ),
    "who was asked stands around it": (
        (raised("BusyError", "the cache is busy"), caused("TimeoutError", "timed out", module="builtins")),
        "BusyError: the cache is busy",
    ),
    "a refusal by anybody": ((raised("ConnectionRefusedError", REFUSED, by=OWN, module="builtins"),), ""),
    "a timeout of anybody": ((raised("TimeoutError", "timed out", module="builtins"),), ""),
    "a client's timeout of anybody": (
        (
            raised("ReadTimeout", "timed out", module="httpx"),
            caused("ReadTimeout", "timed out", module="httpcore"),
            caused("TimeoutError", "timed out", module="builtins"),
        ),
        "",
    ),
    "an answer of anybody": ((raised("JSONDecodeError", "Expecting value", module="json.decoder"),), ""),
    "nobody known": ((raised("Error", "socket hang up", module=""),), ""),
    "raised by a library": ((raised("Refused", "no\nmore"),), "Refused: no"),
    "without words": ((raised("Refused"),), "Refused"),
    "a cancellation tells where the time ran out": ((raised("CancelledError"),), ""),
    "a group of one": ((raised("ExceptionGroup", "errors"), member("Refused", REFUSED)), f"Refused: {REFUSED}"),
    "a group, and the cause of its one member": (
        (raised("ExceptionGroup", "errors"), member("Failed", by=OWN), caused("Refused", REFUSED)),
        f"Refused: {REFUSED}",
    ),
    "a group of many alike": (
        (raised("ExceptionGroup", "errors"), *[member("Refused", REFUSED)] * 3),
        f"Refused: {REFUSED}",
    ),
    "a group of many": ((raised("ExceptionGroup", "errors"), member("Refused"), member("KeyError", by=OWN)), ""),
    "PostgreSQL": ((raised("OperationalError", POSTGRES),), "OperationalError db:5432"),
    "urllib3": (
        (raised("ConnectTimeout", "HTTPConnectionPool(host='pay.example', port=443): Max retries exceeded: /v1/7"),),
        "ConnectTimeout pay.example:443",
    ),
    "asyncio": ((raised("Refused", "Connect call failed ('127.0.0.1', 6379)"),), "Refused 127.0.0.1:6379"),
    "redis": ((raised("ConnectionError", "Error 111 connecting to cache:6379."),), "ConnectionError cache:6379"),
    "aiohttp": ((raised("Oops", "Cannot connect to host db.local:5432 ssl:default"),), "Oops db.local:5432"),
    "a URL": (
        (raised("HTTPError", "503: https://me@pay.example:8443/v1/7"),),
        "HTTPError pay.example:8443",
    ),
    "the address stands further out": (
        (raised("OperationalError", POSTGRES), caused("Refused", REFUSED)),
        "Refused db:5432",
    ),
}


@pytest.mark.parametrize(("exceptions", "told"), UPSTREAM.values(), ids=UPSTREAM)
def test_what_an_exception_grew_out_of(exceptions: tuple[CapturedException, ...], told: str) -> None:
    sample = replace(event(), exceptions=exceptions)
    assert [cause.text for cause in of(sample).values()] == list(filter(None, [told]))


ALIKE = {
    "an id in the message": (raised("Lost", "connection 4711 is gone"), raised("Lost", "connection 4712 is gone")),
    "another path of one host": (
        raised("Timeout", "https://pay.example/v1/a timed out"),
        raised("Timeout", "https://pay.example/v1/b timed out"),
    ),
}
UNLIKE = {
    "another port": (raised("Lost", "to db:5432"), raised("Lost", "to db:6432")),
    "another table": (raised("Failed", "no such table: 'rooms'"), raised("Failed", "no such table: 'guests'")),
    "another type": (raised("Lost", "to db:5432"), raised("Refused", "to db:5432")),
    "another module": (raised("Lost", "gone"), raised("Lost", "gone", module="other")),
    "no words, and another place": (
        raised("TimeoutError"),
        raised("TimeoutError", by=replace(DRIVER, function="read")),
    ),
}


@pytest.mark.parametrize(("one", "other"), ALIKE.values(), ids=ALIKE)
def test_it_is_one_cause_despite(one: CapturedException, other: CapturedException) -> None:
    assert of(failed(one)).keys() == of(failed(other)).keys() != set()


@pytest.mark.parametrize(("one", "other"), UNLIKE.values(), ids=UNLIKE)
def test_it_is_another_cause_for(one: CapturedException, other: CapturedException) -> None:
    assert of(failed(one)).keys().isdisjoint(of(failed(other)).keys())


V1, V2 = Deploy(release="v1", at=START), Deploy(release="v2", at=START + MINUTE)
RELEASES = {
    # began at, first seen at, deploys, the release
    "before it": (START - 1, START - 1, [V1], None),
    "right after it": (START + 1, START + 1, [V1], "v1"),
    "five minutes after it": (START + 5 * MINUTE, START + 5 * MINUTE, [V1], "v1"),
    "later": (START + 5 * MINUTE + 1, START + 5 * MINUTE + 1, [V1], None),
    "known before it": (START + 1, START - 9, [V1], None),
    "the last one": (START + 2 * MINUTE, START + 2 * MINUTE, [V2, V1], "v2"),
    "without any": (START, START, [], None),
}


@pytest.mark.parametrize(("began", "first", "deploys", "release"), RELEASES.values(), ids=RELEASES)
def test_a_release_is_the_cause_of_what_is_first_seen_soon_after_it(
    began: float, first: float, deploys: list[Deploy], release: str | None
) -> None:
    found = causes.of(event(), began, first, deploys).values()
    assert [(cause.kind, cause.text) for cause in found] == ([(CauseKind.RELEASE, release)] if release else [])


WEB_1, WEB_2 = (next(iter(of(replace(event(), host=f"web-{number}")))) for number in (1, 2))


def heard(*problems: tuple[float, str]) -> Memory:
    """After problems of these hosts, each told."""
    memory: Memory = ()
    for at, key in problems:
        memory = causes.recalled(memory, START + at, MINUTE)
        memory = causes.remembered(memory, [key], START + at, Level.ERROR, told=True, inside=False)
    return memory


@pytest.mark.parametrize(
    ("problems", "goes_along"),
    [
        ([(0, WEB_1)] * 3, False),
        ([(0, WEB_1), (0, WEB_2), (0, WEB_1)], True),
        ([(0, WEB_1), (0, WEB_2)], False),
        ([(0, WEB_2), (9, WEB_1), (9, WEB_1)], False),  # WEB_1 took its place
        ([(0, WEB_2), (9, WEB_1), (9, WEB_1), (9, WEB_2)], True),
    ],
    ids=["the only one", "one of two", "once there", "the next one", "beside another"],
)
def test_a_host_is_a_cause_where_several_have_problems(problems: list[tuple[float, str]], goes_along: bool) -> None:
    memory = heard(*problems)
    assert causes.goes_along(memory, [WEB_1], Level.ERROR) is goes_along
    assert causes.recalled(memory, START + 25 * 60 * MINUTE, MINUTE) == ()


def test_a_host_with_trouble_all_day_has_messages_of_its_own_every_minute() -> None:
    memory = heard((0, WEB_1), (0, WEB_2), *((second, WEB_1) for second in range(0, 100 * 60, 20)))
    later = causes.recalled(memory, START + 100 * MINUTE, MINUTE)
    assert not causes.goes_along(later, [WEB_1], Level.ERROR)


keys_ = st.lists(st.sampled_from([f"{kind}:{number}" for kind in CauseKind for number in range(30)]), max_size=3)


@given(st.lists(st.tuples(st.integers(0, 100), keys_, st.sampled_from(Level), st.booleans(), st.booleans())))
def test_it_remembers_a_bounded_number(steps: list[tuple[int, list[str], Level, bool, bool]]) -> None:
    memory: Memory = ()
    now = START
    for pause, keys, level, told, inside in steps:
        now += pause
        memory = causes.recalled(memory, now, 60)
        memory = causes.remembered(memory, keys, now, level, told=told, inside=inside)
        assert len(memory) <= CAUSES_MAX
        assert len({each.key for each in memory}) == len(memory)


@given(events(), st.floats(0, 1e9), st.floats(0, 1e9))
def test_any_event_has_causes_that_can_be_kept(sample: Event, began: float, first: float) -> None:
    for key, cause in causes.of(sample, began, first, [V1]).items():
        assert key.startswith(f"{cause.kind}:")
        assert causes.from_json(causes.to_json(cause)) == cause
