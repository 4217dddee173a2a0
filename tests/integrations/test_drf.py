"""Django REST framework: its exceptions that are answers are no alerts, and everything else is one event."""

from collections.abc import Iterator
from contextlib import contextmanager

import django_site
import pytest
from django.test.utils import override_settings
from rest_framework.views import APIView

from bongsu.event import Event, Kind
from bongsu.testing import CapturedEvents, capture_events

KINDS = ("wsgi", "asgi")
everywhere = pytest.mark.parametrize("kind", KINDS)


@contextmanager
def watched(middleware: tuple[str, ...] = (), *, by_itself: bool = True) -> Iterator[CapturedEvents]:
    with (
        override_settings(ROOT_URLCONF="drf_views", MIDDLEWARE=[*middleware]),
        capture_events(integrations=by_itself) as captured,
    ):
        yield captured


def one(captured: CapturedEvents) -> Event:
    [event] = captured.events
    return event


@everywhere
@pytest.mark.parametrize(
    ("address", "route", "handler"),
    [
        ("/fails/broken/", "/fails/<str:what>/", "drf_views.Fails"),
        ("/function/", "/function/", "drf_views.function"),
        ("/api/orders/7/", "/api/orders/(?P<pk>[^/.]+)/$", "drf_views.Orders"),
    ],
)
def test_what_a_view_raises_is_one_event(kind: str, address: str, route: str, handler: str) -> None:
    with watched() as captured:
        answer = django_site.Server(kind).get(address)
        event = one(captured)
    assert (answer.status, answer.request_id) == (500, event.request_id)
    assert event.title == "LookupError: no such order"
    assert "drf_views.py:" in event.location
    assert event.tags["route"] == route
    assert event.tags["handler"] == handler


def test_with_our_middleware_alone_it_is_one_event_too() -> None:
    with watched(("bongsu.integrations.django.BongsuMiddleware",), by_itself=False) as captured:
        answer = django_site.Server("wsgi").get("/fails/broken/")
        assert one(captured).request_id == answer.request_id


@everywhere
@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/fails/missing/", 404),
        ("/fails/forbidden/", 403),
        ("/fails/nobody/", 403),
        ("/fails/parse/", 400),
        ("/fails/throttled/", 429),
        ("/fails/invalid/", 400),
        ("/caught/invalid/", 400),
        ("/takes/", 405),
        ("/api/orders/", 404),
    ],
)
def test_an_exception_that_is_an_answer_is_no_alert(kind: str, address: str, status: int) -> None:
    with watched() as captured:
        answer = django_site.Server(kind).get(address)
        assert captured.events == []
    assert (answer.status, bool(answer.request_id)) == (status, True)


@pytest.mark.parametrize("body", [b"{}", b"{", b"\xff\xfe", b"[" * 100_000])
def test_a_body_that_does_not_fit_is_no_alert(body: bytes) -> None:
    with watched() as captured:
        answer = django_site.Server("wsgi").get("/takes/", body)
        assert captured.events == []
    assert answer.status in (400, 415)


@everywhere
def test_an_exception_that_is_a_5xx_answer_is_told_as_the_answer(kind: str) -> None:
    with watched() as captured:
        answer = django_site.Server(kind).get("/fails/unavailable/")
        event = one(captured)
    assert (answer.status, event.kind) == (503, Kind.HTTP)
    assert event.tags["route"] == "/fails/<str:what>/"


@everywhere
def test_an_error_that_the_hosts_handler_makes_a_5xx_of_is_told_with_its_stack(kind: str) -> None:
    with watched() as captured:
        answer = django_site.Server(kind).get("/caught/broken/")
        event = one(captured)
    assert (answer.status, answer.body) == (500, b'{"detail":"it broke"}')
    assert (event.title, event.tags["status"]) == ("LookupError: no such order", "500")
    assert "drf_views.py:" in event.location


@everywhere
def test_the_user_is_told_by_id(kind: str) -> None:
    with watched() as captured:
        django_site.Server(kind).get("/user/broken/")
        event = one(captured)
    assert event.user == "7"
    assert "jiwoo" not in repr(event)


@everywhere
@pytest.mark.parametrize("address", ["/fails/broken/", "/caught/broken/", "/fails/invalid/", "/fails/unavailable/"])
def test_an_answer_differs_by_its_header_alone(kind: str, address: str) -> None:
    with override_settings(ROOT_URLCONF="drf_views", MIDDLEWARE=[]):
        plain = django_site.Server(kind).get(address)
    with watched():
        answer = django_site.Server(kind).get(address)
    assert (answer.status, answer.body) == (plain.status, plain.body)
    assert {**answer.headers, "X-Request-ID": ""} == {**plain.headers, "X-Request-ID": ""}


def test_after_close_it_is_as_it_was() -> None:
    before = vars(APIView)["handle_exception"]
    with watched():
        assert vars(APIView)["handle_exception"] is not before
    assert vars(APIView)["handle_exception"] is before
