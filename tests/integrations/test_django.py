"""Django in every form: what is told of a request, what is not, and that the host's answers stay as they are."""

import asyncio
import copy
import gc
import logging
import pickle
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import django_site
import django_views
import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.core.handlers.base import BaseHandler
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import got_request_exception
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext, override_settings
from lines import log_lines

import bongsu
from bongsu.event import Event, Kind
from bongsu.integrations import wsgi
from bongsu.testing import CapturedEvents, capture_events

Server = django_site.Server
OURS = "bongsu.integrations.django.BongsuMiddleware"
AUTH = (
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
)
BY_ITSELF, BY_MIDDLEWARE, BOTH = "by itself", "by its middleware", "by both"
HOWS = (BY_ITSELF, BY_MIDDLEWARE, BOTH)
KINDS = ("wsgi", "asgi")
ADDRESS = re.compile(rb"0x[0-9a-f]+|\d{12,}|\d\d:\d\d:\d\d[.+\d:]*|\.\d+ ?s")  # of objects, and times

# Django leaves the file of a body open when an ASGI server is left with an exception.
pytestmark = pytest.mark.filterwarnings("ignore:Unclosed file <tempfile.SpooledTemporaryFile:ResourceWarning")


@pytest.fixture(scope="module", autouse=True)
def _closed_here() -> Iterator[None]:
    yield
    gc.collect()


everywhere = pytest.mark.parametrize(("how", "kind"), [(how, kind) for how in HOWS for kind in KINDS])


@contextmanager
def watched(how: str, *middleware: str, **settings: Any) -> Iterator[CapturedEvents]:
    """Bongsu at work, with a host that has that middleware."""
    own = [] if how == BY_ITSELF else [OURS]
    named = [f"django_views.{name}" if "." not in name else name for name in middleware]
    with (
        override_settings(MIDDLEWARE=[*own, *named], **settings),
        capture_events(integrations=how != BY_MIDDLEWARE) as captured,
    ):
        yield captured


def one(captured: CapturedEvents) -> Event:
    [event] = captured.events
    return event


@everywhere
@pytest.mark.parametrize(
    ("address", "route", "handler"),
    [
        ("/fails/7/", "/fails/<int:number>/", "fails"),
        ("/fails-async/7/", "/fails-async/<int:number>/", "fails_async"),
        ("/orders/7/", "/orders/<int:number>/", "Orders"),
        ("/orders-async/7/", "/orders-async/<int:number>/", "AsyncOrders"),
        ("/old/7/", r"/old/(?P<number>\d+)/$", "fails"),
        ("/shop/tea/", "/shop/<slug:name>/", "fails"),
        ("/partial/", "/partial/", "fails"),
    ],
)
def test_an_error_is_one_event_that_says_which_request_it_was(
    how: str, kind: str, address: str, route: str, handler: str
) -> None:
    with watched(how) as captured:
        answer = Server(kind).get(f"{address}?page=2")
        event = one(captured)
    assert answer.status == 500
    assert answer.request_id == event.request_id
    assert (event.kind, event.handled) == (Kind.EXCEPTION, False)
    assert "django_views.py:" in event.location
    assert re.fullmatch(r"\d+ ms", event.tags["duration"])
    assert {name: event.tags[name] for name in ("method", "route", "url", "handler", "status")} == {
        "method": "GET",
        "route": route,
        "url": f"{address}?page=2",
        "handler": f"django_views.{handler}",
        "status": "500",
    }


@everywhere
@pytest.mark.parametrize("debug", [False, True])
@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/fine/7/", 200),
        ("/missing/", 404),
        ("/no-such-page/", 404),
        ("/forbidden/", 403),
        ("/bad/", 400),
        ("/suspicious/", 400),
        ("/needs-a-slash", 404),
        ("/file/", 200),
    ],
)
def test_what_is_the_clients_affair_is_no_alert(how: str, kind: str, debug: bool, address: str, status: int) -> None:
    with watched(how, DEBUG=debug) as captured:
        answer = Server(kind).get(address)
        assert captured.events == []
    assert answer.status == status
    assert answer.request_id


@everywhere
def test_a_strange_host_is_logged_at_error_and_is_no_alert(
    how: str, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    with watched(how, "django.middleware.common.CommonMiddleware") as captured:
        answer = Server(kind).get("/fine/7/", host="evil.example")
        assert captured.events == []
    assert (answer.status, bool(answer.request_id)) == (400, True)
    assert max(record.levelno for record in caplog.records) == logging.ERROR


WAYS = [
    "/fine/7/",
    "/fails/7/",
    "/fails-async/7/",
    "/orders-async/7/",
    "/missing/",
    "/no-such-page/",
    "/forbidden/",
    "/bad/",
    "/suspicious/",
    "/unavailable/",
    "/nothing/",
    "/template/",
    "/template-syntax/",
    "/deferred/",
    "/names-itself/",
    "/reused/",
    "/file/",
    "/body/",
]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("debug", [False, True])
@pytest.mark.parametrize("address", [*WAYS, "/stream/", "/stream/?fail", "/stream-async/", "/stream-async/?fail"])
@pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume")
def test_an_answer_differs_by_its_header_alone(kind: str, debug: bool, address: str) -> None:
    with override_settings(DEBUG=debug, MIDDLEWARE=["django_views.Untouched"]):
        plain = Server(kind).get(address)
    for how in HOWS if not debug else (BY_ITSELF,):  # the debug page shows the settings
        with watched(how, "Untouched", DEBUG=debug):
            answer = Server(kind).get(address)
        others = {name: value for name, value in answer.headers.items() if name != "X-Request-ID"}
        assert answer.request_id
        assert (answer.status, repr(answer.error)) == (plain.status, repr(plain.error))
        assert ADDRESS.sub(b"", answer.body) == ADDRESS.sub(b"", plain.body)
        same_length = {**others, "Content-Length": ""} if debug else others
        expected = {name: value for name, value in plain.headers.items() if name != "X-Request-ID"}
        assert same_length == ({**expected, "Content-Length": ""} if debug else expected)


@everywhere
@pytest.mark.parametrize("address", ["/unavailable/", "/unavailable-json/"])
def test_a_5xx_that_no_exception_explains_is_one_event(how: str, kind: str, address: str) -> None:
    with watched(how) as captured:
        answer = Server(kind).get(address)
        event = one(captured)
    assert event.kind is Kind.HTTP
    assert (event.request_id, event.tags["route"]) == (answer.request_id, address)


@everywhere
@pytest.mark.parametrize("middleware", ["FailsBefore", "FailsAfter"])
def test_an_error_in_a_middleware_is_one_event(how: str, kind: str, middleware: str) -> None:
    with watched(how, middleware) as captured:
        answer = Server(kind).get("/fine/7/")
        assert one(captured).title == "LookupError: no such tenant"
    assert answer.status == 500
    assert one_id(answer, captured)


def one_id(answer: Any, captured: CapturedEvents) -> bool:
    return answer.request_id is not None and answer.request_id == one(captured).request_id


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("middleware", ["FailsBefore", "FailsAfter"])
def test_an_error_in_a_middleware_outside_of_ours_is_told_too(kind: str, middleware: str) -> None:
    with override_settings(MIDDLEWARE=[f"django_views.{middleware}", OURS]), capture_events(integrations=False) as seen:
        Server(kind).get("/fine/7/?page=2")
        assert one(seen).tags["url"] == "/fine/7/?page=2"


@pytest.mark.parametrize("how", HOWS)
def test_a_middleware_without_an_answer_fails_as_it_does_without_us(how: str) -> None:
    with override_settings(MIDDLEWARE=["django_views.ForgetsItsAnswer"]):
        plain = Server("wsgi").get("/fine/7/")
    with watched(how, "ForgetsItsAnswer"):
        answer = Server("wsgi").get("/fine/7/")
    assert repr(answer.error) == repr(plain.error)
    assert answer.error is not None


@everywhere
@pytest.mark.parametrize(("middleware", "status"), [("Answers", 200), ("Answers418", 418)])
def test_what_process_exception_makes_an_answer_of_is_no_alert(
    how: str, kind: str, middleware: str, status: int
) -> None:
    with watched(how, middleware) as captured:
        assert Server(kind).get("/fails/7/").status == status
        assert captured.events == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_5xx_that_process_exception_makes_is_told_with_its_exception(kind: str) -> None:
    with watched(BY_ITSELF, "Answers500") as captured:
        answer = Server(kind).get("/fails/7/")
        event = one(captured)
    assert (answer.status, event.title, event.tags["status"]) == (500, "LookupError: no such user jiwoo", "500")


@everywhere
def test_what_process_exception_raises_is_one_event(how: str, kind: str) -> None:
    with watched(how, "FailsToAnswer") as captured:
        assert Server(kind).get("/fails/7/").status == 500
        assert one(captured).title == "RuntimeError: cannot answer"


@everywhere
def test_an_error_page_that_fails_itself_is_told_with_what_it_was_for(how: str, kind: str) -> None:
    with watched(how, "Untouched", "Untouched", ROOT_URLCONF="django_broken_page") as captured:
        Server(kind).get("/fails/7/")
        assert [event.title for event in captured.events] == [
            "LookupError: no such user jiwoo",
            "LookupError: the error page is broken too",
        ]
        assert captured.count == 2


@everywhere
def test_an_exception_that_django_passes_on_to_the_server_is_one_event(how: str, kind: str) -> None:
    with watched(how, DEBUG_PROPAGATE_EXCEPTIONS=True) as captured:
        answer = Server(kind).get("/fails/7/")
        assert isinstance(answer.error, LookupError)
        assert one(captured).tags["route"] == "/fails/<int:number>/"


@pytest.mark.parametrize("how", HOWS)
@pytest.mark.parametrize(("code", "titles"), [(1, ["SystemExit: 1"]), (0, [])])
def test_an_exit_with_an_error_is_told_and_a_clean_one_is_not(how: str, code: int, titles: list[str]) -> None:
    with watched(how) as captured:
        with pytest.raises(SystemExit):
            Server("wsgi").get(f"/exits/?code={code}")
        assert [event.title for event in captured.events] == titles


@pytest.mark.parametrize("how", HOWS)
@pytest.mark.parametrize(("kind", "address"), [("wsgi", "/stream/"), ("asgi", "/stream-async/")])
def test_an_error_in_a_streamed_answer_belongs_to_its_request(how: str, kind: str, address: str) -> None:
    with watched(how) as captured:
        answer = Server(kind).get(f"{address}?fail")
        event = one(captured)
    assert (answer.body, event.title) == (b"one,", "LookupError: no more orders")
    assert (event.request_id, event.tags["status"]) == (answer.request_id, "200")


@pytest.mark.parametrize("how", HOWS)
def test_a_body_that_the_client_broke_off_is_no_alert(how: str) -> None:
    class Gone:
        def read(self, *size: int) -> bytes:
            raise OSError("connection reset by peer")

    with watched(how) as captured:
        assert Server("wsgi").get("/body/", Gone()).status == 500
        assert captured.events == []


@pytest.mark.parametrize("how", HOWS)
def test_a_client_that_leaves_is_no_alert(how: str) -> None:
    async def leave() -> None:
        django_views.LEFT = django_views.Left()
        await Server("asgi").asgi("/waits/", "", b"", {"host": "testserver"}, leaves=django_views.LEFT.began)

    with watched(how) as captured:
        asyncio.run(leave())
        assert captured.events == []


TRACE = "0af7651916cd43dd8448eb211c80319c"


@everywhere
@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"x_request_id": "order-7"}, "order-7"),
        ({"traceparent": f"00-{TRACE}-b7ad6b7169203331-01"}, TRACE),
        ({"x_request_id": "order-7", "traceparent": f"00-{TRACE}-b7ad6b7169203331-01"}, "order-7"),
        ({"x_request_id": "a b"}, None),
        ({"x_request_id": "<script>"}, None),
        ({"x_request_id": "x" * 100_000}, None),
        ({"x_request_id": "\xff\xfe"}, None),
        ({"x_request_id": "", "traceparent": "00-zz-1-01"}, None),
    ],
)
def test_a_sound_id_of_the_caller_is_used_and_any_other_replaced(
    how: str, kind: str, headers: dict[str, str], expected: str | None
) -> None:
    with watched(how) as captured:
        answer = Server(kind).get("/fails/7/", **headers)
        assert one_id(answer, captured)
    assert answer.request_id == expected or (expected is None and re.fullmatch("[0-9a-f]{32}", answer.request_id))


@pytest.mark.parametrize("kind", KINDS)
def test_an_id_that_the_host_gives_itself_stays(kind: str) -> None:
    with watched(BY_ITSELF):
        assert Server(kind).get("/names-itself/").request_id == "the-hosts-own"


@pytest.mark.parametrize("how", HOWS)
def test_a_response_that_is_used_again_has_the_id_of_each_request(how: str) -> None:
    with watched(how):
        server = Server("wsgi")
        assert [server.get("/reused/", x_request_id=name).request_id for name in ("one", "two")] == ["one", "two"]


HOSTILE = [
    ("/fails/7/?password=hunter2&token=hunter2", {}),
    ("/fails/7/?pass%77ord=hunter2%26hunter2", {}),
    ("/reset/hunter2/", {}),
    ("/fails/7/", {"authorization": "Bearer hunter2", "cookie": "sessionid=hunter2"}),
    ("/fails/7/?mail=hunter2%40example.com", {}),
    ("/shop/\udcff\udcfe/", {}),
    ("/fails/7/?\xff\xfe=%ff%fe%00", {}),
    ("/fails/7/?" + "x=1&" * 1_000_000, {}),
    ("/fails/7/?" + "%F0%9F" * 1_000_000, {}),
    ("/" + "a/" * 500_000, {}),
]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("address", "headers"), HOSTILE, ids=range(len(HOSTILE)))
def test_nothing_a_client_sends_is_kept_raw_or_makes_us_fail(kind: str, address: str, headers: dict[str, str]) -> None:
    with override_settings(MIDDLEWARE=[]):
        plain = Server(kind).get(address, **headers)
    with watched(BY_ITSELF) as captured:
        answer = Server(kind).get(address, **headers)
        told = repr(captured.events)
    assert (answer.status, answer.body) == (plain.status, plain.body)
    assert answer.request_id or answer.error  # which Django 4.2 leaves to the server, for too many fields
    assert "hunter2" not in told
    assert len(told) < 20_000


@pytest.mark.parametrize("how", HOWS)
@pytest.mark.parametrize("body", [b"\x00\xff" * 5_000_000, b"--x\r\n", b"{"])
def test_a_body_is_never_read_by_us(how: str, body: bytes) -> None:
    class Body:
        def read(self, *size: int) -> bytes:
            raise AssertionError("read")

        readline = read

    with watched(how) as captured:
        Server("wsgi").get("/fails/7/", Body())
        assert one(captured).title.startswith("LookupError")
    with watched(how):
        assert Server("wsgi").get("/body/", body).body == str(len(body)).encode()


@pytest.fixture
def jiwoo() -> Iterator[User]:
    user = User.objects.create_user("jiwoo", "jiwoo@example.com")
    yield user
    user.delete()


@pytest.mark.parametrize("how", HOWS)
@pytest.mark.parametrize(("address", "is_known"), [("/user/", True), ("/fails/7/", False)])
def test_the_user_is_told_by_id_and_only_if_the_host_looked_him_up(
    how: str, jiwoo: User, address: str, is_known: bool
) -> None:
    with override_settings(MIDDLEWARE=[*AUTH]):
        queries = _queries_for(jiwoo, address)
    with watched(how, *AUTH) as captured:
        assert _queries_for(jiwoo, address) == queries
        event = one(captured)
    assert event.user == (str(jiwoo.pk) if is_known else None)
    assert "jiwoo@" not in repr(event)


def _queries_for(user: User, address: str) -> list[str]:
    client = Client(raise_request_exception=False)
    client.force_login(user)
    with CaptureQueriesContext(connection) as made:
        client.get(address)
    return [query["sql"] for query in made.captured_queries]


def test_a_user_nobody_knows_is_no_user() -> None:
    with watched(BY_ITSELF, *AUTH) as captured:
        Client(raise_request_exception=False).get("/user/")
        assert one(captured).user is None
    assert AnonymousUser().pk is None


@pytest.mark.parametrize("how", HOWS)
def test_the_transaction_of_a_request_is_rolled_back_as_ever(how: str) -> None:
    before = connection.settings_dict["ATOMIC_REQUESTS"]
    connection.settings_dict["ATOMIC_REQUESTS"] = True
    try:
        with watched(how) as captured:
            Server("wsgi").get("/keeps/")
            assert one(captured).title == "LookupError: no such order"
    finally:
        connection.settings_dict["ATOMIC_REQUESTS"] = before
    assert not User.objects.exists()


@everywhere
def test_the_log_lines_of_a_request_ride_with_its_error(how: str, kind: str) -> None:
    with watched(how) as captured:
        server = Server(kind)
        server.get("/talks/?word=other")
        server.get("/talks/?word=tea&fail")
        event = one(captured)
    assert [line.message for line in event.trail] == ["looking for tea"]


@everywhere
def test_every_log_line_of_a_request_names_it(how: str, kind: str) -> None:
    with watched(how), log_lines() as lines:
        answer = Server(kind).get("/talks/?word=tea&fail")
    named = {line["logger"]: line["request_id"] for line in lines()}
    assert named == {"shop": answer.headers["X-Request-ID"], "django.request": answer.headers["X-Request-ID"]}


@pytest.mark.parametrize("how", HOWS)
def test_the_hosts_receivers_hear_of_an_error_as_ever(how: str) -> None:
    heard: list[Any] = []

    def hear(sender: Any, request: Any, **_: object) -> None:
        heard.append(request.path)

    got_request_exception.connect(hear)
    try:
        with watched(how):
            Server("wsgi").get("/fails/7/")
    finally:
        got_request_exception.disconnect(hear)
    assert heard == ["/fails/7/"]


@pytest.mark.parametrize("how", HOWS)
def test_a_request_can_be_copied_and_pickled(how: str) -> None:
    made: list[Any] = []

    def keep(request: Any) -> Any:
        made.extend([copy.copy(request), pickle.dumps(request.__getstate__()["_bongsu_exchange"])])
        return django_views.fine(request)

    with watched(how):
        from bongsu.integrations.django import BongsuMiddleware

        BongsuMiddleware(keep)(RequestFactory().get("/"))
    assert pickle.loads(made[1]) is None


@pytest.mark.parametrize("how", HOWS)
def test_a_request_lives_no_longer_than_without_us(how: str) -> None:
    with watched(how):
        server = Server("wsgi")
        server.get("/fine/7/")
        gc.disable()
        try:
            server.get("/remembers/")
            assert [seen() for seen in django_views.REMEMBERED] == [None]
        finally:
            gc.enable()
            django_views.REMEMBERED.clear()


def test_inside_a_door_of_the_server_a_request_is_still_one() -> None:
    with override_settings(MIDDLEWARE=[]), capture_events() as captured:
        server = Server("wsgi")
        server._handler = wsgi.BongsuMiddleware(WSGIHandler())
        answers = [server.get("/fails/7/"), server.get("/unavailable/")]
        events = captured.events
    assert [event.request_id for event in events] == [answer.request_id for answer in answers]
    assert [event.tags["route"] for event in events] == ["/fails/<int:number>/", "/unavailable/"]


def test_runservers_access_log_is_no_alert() -> None:
    with watched(BY_ITSELF) as captured:
        extra = {"request": object(), "server_time": "07/Sep/2021 14:26:00"}
        logging.getLogger("django.server").error('"%s" %s %s', "GET /fails/7/ HTTP/1.1", "500", "145", extra=extra)
        assert captured.events == []


@pytest.mark.parametrize("name", ["django", "django.request", "django.security.csrf", "django.db.backends"])
def test_what_the_host_logs_to_djangos_loggers_itself_is_told(name: str) -> None:
    with watched(BY_ITSELF) as captured:
        logging.getLogger(name).error("the stock is empty")
        assert one(captured).title == "the stock is empty"


def test_after_close_django_is_as_it_was() -> None:
    names = ("get_response", "get_response_async", "process_exception_by_middleware")
    before = [vars(BaseHandler)[name] for name in names]
    receivers = len(got_request_exception.receivers)
    with watched(BY_ITSELF):
        assert [vars(BaseHandler)[name] for name in names] != before
    assert [vars(BaseHandler)[name] for name in names] == before
    assert len(got_request_exception.receivers) == receivers


def test_without_bongsu_its_middleware_is_not_there() -> None:
    with override_settings(MIDDLEWARE=[OURS]):
        for kind in KINDS:
            answer = Server(kind).get("/fine/7/")
            assert (answer.status, answer.request_id) == (200, None)


def test_an_error_that_the_host_captured_itself_stays_one_event() -> None:
    with watched(BY_ITSELF) as captured:
        Server("wsgi").get("/captures/")
        assert one(captured).tags["route"] == "/captures/"
    assert bongsu.capture_exception is not None
