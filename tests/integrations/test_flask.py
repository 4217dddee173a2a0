"""Real Flask applications, watched without being told to."""

import logging
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Blueprint, Flask, Response, abort, g, got_request_exception, request, stream_with_context
from flask.testing import FlaskClient
from flask_login import LoginManager, UserMixin, current_user
from gunicorn.http.errors import NoMoreData
from opentelemetry import trace
from opentelemetry.instrumentation.flask import FlaskInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from werkzeug.exceptions import BadGateway
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.test import Client, TestResponse

import bongsu
from bongsu.capture.context import request_id
from bongsu.event import Kind
from bongsu.integrations.wsgi import BongsuMiddleware
from bongsu.testing import CapturedEvents, capture_events

HERE = "test_flask.py"


class OutOfStock(Exception):
    """A domain error that the application answers with 503."""


class Unknown(Exception):
    """A domain error that the application answers with 404."""


def _logs_and_raises() -> None:
    try:
        raise KeyError("pear")
    except KeyError as error:
        logging.getLogger("shop").exception("no pear")
        raise error


def _aborts_because() -> None:
    try:
        raise TimeoutError("the database")
    except TimeoutError:
        abort(503)


def _breaks_off() -> Response:
    def pieces() -> Iterator[str]:
        yield request.path
        raise KeyError("pear")

    return Response(stream_with_context(pieces()))


def _raises(error: Exception) -> Callable[[], None]:
    def fail() -> None:
        raise error

    return fail


WAYS: dict[str, Callable[[], Any]] = {
    "fine": lambda: "fine",
    "raises": lambda: {}["pear"],
    "aborts_404": lambda: abort(404),
    "aborts_503": lambda: abort(503),
    "aborts_because": _aborts_because,
    "raises_502": _raises(BadGateway("upstream")),
    "out_of_stock": _raises(OutOfStock("pears")),
    "unknown": _raises(Unknown("pears")),
    "answers_500": lambda: ("sorry", 500),
    "breaks_off": _breaks_off,
    "logs_and_raises": _logs_and_raises,
    "form": lambda: request.form["pear"],
    "upload_ends": _raises(NoMoreData()),
    "wrong_answer": lambda: 7,
    "exits": _raises(SystemExit(3)),  # type: ignore[arg-type]
}


def shop(**config: object) -> Flask:
    """An application with one page for every way to fail."""
    app = Flask("shop")
    app.config.update(config)
    pages = Blueprint("pages", __name__)

    @pages.route("/<way>/<int:item>", methods=["GET", "POST"])
    def page(way: str, item: int) -> Any:
        return WAYS[way]()

    @pages.get("/async/<int:item>")
    async def async_page(item: int) -> Any:
        raise KeyError("pear")

    @pages.get("/reset/<token>")
    def reset(token: str) -> Any:
        raise KeyError("pear")

    @app.before_request
    def before() -> None:
        if "early" in request.args:
            raise KeyError("early")

    @app.after_request
    def after(response: Response) -> Response:
        if "late" in request.args and not g.get("was_late"):
            g.was_late = True
            raise KeyError("late")
        response.headers["X-After"] = "yes"
        return response

    @app.teardown_request
    def teardown(error: BaseException | None) -> None:
        if "teardown" in request.args:
            raise KeyError("teardown")

    @app.errorhandler(OutOfStock)
    def as_503(error: OutOfStock) -> Any:
        return {"sorry": str(error)}, 503

    @app.errorhandler(Unknown)
    def as_404(error: Unknown) -> Any:
        return {"nothing": str(error)}, 404

    app.register_blueprint(pages, url_prefix="/shop")
    return app


def swallowing(**config: object) -> Flask:
    """The same, with a handler that answers for every error."""
    app = shop(**config)

    @app.errorhandler(Exception)
    def answer(error: Exception) -> Any:
        return {"sorry": type(error).__name__}, getattr(error, "code", 500)

    return app


def page_for_500(**config: object) -> Flask:
    """The same, with a page for the status."""
    app = shop(**config)
    app.register_error_handler(500, lambda error: ("sorry", 500))
    return app


PATHS = (*(f"/shop/{way}/3" for way in WAYS), "/shop/async/3", "/shop/reset/s3cret-s3cret", "/nowhere", "/shop/fine/x")
PATHS += ("/shop/fine/3?early", "/shop/fine/3?late", "/shop/fine/3?teardown")
CONFIGS = ({}, {"TESTING": True}, {"PROPAGATE_EXCEPTIONS": True}, {"DEBUG": True})


@pytest.fixture
def captured() -> Iterator[CapturedEvents]:
    with capture_events() as events:
        yield events


def _get(app: Any, path: str, **options: Any) -> TestResponse | BaseException:
    """The answer with its whole body, or what left the application."""
    try:
        return Client(app).get(path, buffered=True, **options)
    except BaseException as error:
        return error


def _seen(answer: TestResponse | BaseException) -> tuple[object, ...]:
    """What the client and the server notice, but for our header."""
    if isinstance(answer, BaseException):
        return type(answer), str(answer)
    headers = [pair for pair in answer.headers if pair[0] != "X-Request-ID"]
    return answer.status, headers, answer.data


@pytest.mark.parametrize("config", CONFIGS, ids=str)
@pytest.mark.parametrize("make", [shop, swallowing, page_for_500])
def test_the_answer_and_what_leaves_the_application_are_the_same_with_and_without_us(
    make: Callable[..., Flask], config: dict[str, object]
) -> None:
    bare = {path: _seen(_get(make(**config), path)) for path in PATHS}
    with capture_events():
        answers = {path: _get(make(**config), path) for path in PATHS}
    assert {path: _seen(answer) for path, answer in answers.items()} == bare
    for answer in answers.values():
        assert isinstance(answer, BaseException) or len(answer.headers.getlist("X-Request-ID")) == 1


# Path → the title of its event, its status, and where the route's template is known, that one.
PAGE = "/shop/<way>/<int:item>"
OUTCOMES: tuple[tuple[str, tuple[str, str, str | None] | None], ...] = (
    ("/shop/fine/3", None),
    ("/shop/raises/3", ("KeyError: 'pear'", "500", PAGE)),
    ("/shop/aborts_404/3", None),
    (
        "/shop/aborts_because/3",
        ("ServiceUnavailable: 503 Service Unavailable: The server is temporarily unable to service", "503", PAGE),
    ),
    ("/shop/out_of_stock/3", ("OutOfStock: pears", "503", PAGE)),
    ("/shop/unknown/3", None),
    ("/shop/breaks_off/3", ("KeyError: 'pear'", "200", PAGE)),
    ("/shop/form/3", None),
    ("/shop/wrong_answer/3", ("TypeError: The view function did not return a valid response", "500", PAGE)),
    ("/shop/exits/3", ("SystemExit: 3", "500", PAGE)),
    ("/shop/async/3", ("KeyError: 'pear'", "500", "/shop/async/<int:item>")),
    ("/shop/reset/s3cret-s3cret", ("KeyError: 'pear'", "500", "/shop/reset/<token>")),
    ("/nowhere", None),
    ("/shop/fine/3?early", ("KeyError: 'early'", "500", PAGE)),
    ("/shop/fine/3?late", ("KeyError: 'late'", "500", PAGE)),
    ("/shop/fine/3?teardown", ("KeyError: 'teardown'", "500", PAGE)),
)


@pytest.mark.parametrize(("path", "outcome"), OUTCOMES)
@pytest.mark.parametrize("config", [{}, {"TESTING": True}], ids=str)
@pytest.mark.parametrize("make", [shop, swallowing])
def test_what_goes_wrong_is_one_event_and_what_is_only_an_answer_is_none(
    captured: CapturedEvents, make: Callable[..., Flask], config: Any, path: str, outcome: tuple[str, str, str] | None
) -> None:
    if make is swallowing and path in ("/shop/unknown/3", "/shop/out_of_stock/3"):
        path = path.removesuffix("/3") + "/4"
    _get(make(**config), path, headers={"X-Request-ID": "r-1"})
    found = [event for event in captured.events if event.exceptions]
    if outcome is None:
        assert found == []
        return
    [event] = found
    title, status, route = outcome
    assert event.title.startswith(title)
    assert (event.tags["status"], event.tags.get("route"), event.request_id) == (status, route, "r-1")
    assert "s3cret" not in repr(event)
    assert captured.count == 1


def test_an_event_says_which_page_it_was_and_where_it_broke(captured: CapturedEvents) -> None:
    answer = _get(shop(), "/shop/raises/3?password=hunter2")
    [event] = captured.events
    assert HERE in event.location
    tags = dict(event.tags)
    assert tags.pop("duration").endswith(" ms")
    assert tags == {
        "method": "GET",
        "route": PAGE,
        "url": "/shop/raises/3?password=[scrubbed]",
        "handler": "pages.page",
        "status": "500",
    }
    assert isinstance(answer, TestResponse)
    assert [event.request_id] == answer.headers.getlist("X-Request-ID")


@pytest.mark.parametrize(("way", "status"), [("aborts_503", "503"), ("raises_502", "502"), ("answers_500", "500")])
def test_a_5xx_answer_without_an_exception_is_an_event_with_its_request(
    captured: CapturedEvents, way: str, status: str
) -> None:
    answer = _get(shop(), f"/shop/{way}/3")
    assert isinstance(answer, TestResponse)
    [event] = captured.events
    assert (event.kind, event.tags["status"], event.tags["route"]) == (Kind.HTTP, status, PAGE)
    assert [event.request_id] == answer.headers.getlist("X-Request-ID")


def test_a_client_that_leaves_within_its_upload_makes_no_event(captured: CapturedEvents) -> None:
    assert isinstance(answer := _get(shop(), "/shop/upload_ends/3"), TestResponse)
    assert answer.status_code == 500
    assert captured.events == []


def test_what_a_handler_of_the_hosts_swallowed_is_told_with_its_stack(captured: CapturedEvents) -> None:
    answer = _get(swallowing(), "/shop/raises/3")
    assert isinstance(answer, TestResponse)
    assert answer.json == {"sorry": "KeyError"}
    [event] = captured.events
    assert (event.title, event.tags["status"]) == ("KeyError: 'pear'", "500")
    assert HERE in event.location


def test_a_handler_that_captures_itself_makes_no_second_event(captured: CapturedEvents) -> None:
    app = shop()

    @app.errorhandler(Exception)
    def answer(error: Exception) -> Any:
        bongsu.capture_exception(error)
        return "sorry", 500

    _get(app, "/shop/raises/3")
    assert captured.count == 1


def test_a_handler_that_fails_itself_is_one_event(captured: CapturedEvents) -> None:
    app = shop()

    @app.errorhandler(KeyError)
    def answer(error: KeyError) -> Any:
        raise ValueError("in the handler")

    _get(app, "/shop/raises/3")
    assert [event.title for event in captured.events] == ["ValueError: in the handler"]


def test_an_exception_object_that_is_raised_in_every_request_is_told_with_each(captured: CapturedEvents) -> None:
    for number in (1, 2):
        _get(shop(), "/shop/out_of_stock/3", headers={"X-Request-ID": f"r-{number}"})
    assert captured.count == 2
    with capture_events() as later:
        _get(shop(), "/shop/out_of_stock/4", headers={"X-Request-ID": "r-3"})
        assert [event.request_id for event in later.events] == ["r-3"]


def test_what_was_logged_before_is_one_event(captured: CapturedEvents) -> None:
    for config in ({}, {"TESTING": True}):
        _get(shop(**config), "/shop/logs_and_raises/3")
    assert captured.count == 2


@pytest.mark.parametrize(
    "wrap",
    [
        lambda app: app,
        BongsuMiddleware,
        lambda app: DispatcherMiddleware(app.wsgi_app),
        lambda app: ProxyFix(BongsuMiddleware(app.wsgi_app)),
    ],
)
def test_it_is_one_event_with_its_route_however_the_application_is_wrapped(
    captured: CapturedEvents, wrap: Callable[[Any], Any]
) -> None:
    answer = _get(wrap(shop()), "/shop/raises/3")
    assert isinstance(answer, TestResponse)
    assert [event.tags["route"] for event in captured.events] == [PAGE]
    assert [event.request_id for event in captured.events] == answer.headers.getlist("X-Request-ID")
    assert captured.count == 1


def test_the_hosts_own_receivers_are_called_as_before(captured: CapturedEvents) -> None:
    heard: list[BaseException] = []

    def hear(sender: Flask, exception: BaseException, **_: object) -> None:
        heard.append(exception)

    with got_request_exception.connected_to(hear):
        _get(shop(), "/shop/raises/3")
        _get(swallowing(), "/shop/raises/3")
    assert [type(each) for each in heard] == [KeyError]


# -- users


class Jiwoo(UserMixin):
    id = 7
    email = "jiwoo@student.example"

    def __init__(self) -> None:
        self.id = 7


def _with_login() -> tuple[Flask, list[str]]:
    app, loaded = shop(SECRET_KEY="x"), []
    manager = LoginManager(app)

    @manager.request_loader
    def load(_: Any) -> UserMixin:
        loaded.append("a query")
        return Jiwoo()

    @app.get("/known")
    def known() -> Any:
        assert current_user.is_authenticated
        raise KeyError("pear")

    return app, loaded


def test_the_user_of_flask_login_is_told_by_id_if_the_host_has_loaded_it(captured: CapturedEvents) -> None:
    app, loaded = _with_login()
    _get(app, "/known")
    [event] = captured.events
    assert (event.user, loaded) == ("7", ["a query"])
    assert "student.example" not in repr(event)


def test_nobody_is_loaded_for_an_event(captured: CapturedEvents) -> None:
    app, loaded = _with_login()
    _get(app, "/shop/raises/3")
    assert ([event.user for event in captured.events], loaded) == ([None], [])


@pytest.mark.parametrize(("user", "told"), [("jiwoo", "jiwoo"), ({"id": 7}, "7"), ("a@b.example", "[email]")])
def test_g_user_is_told_by_id(captured: CapturedEvents, user: object, told: str) -> None:
    app = shop()

    @app.get("/known")
    def known() -> Any:
        g.user = user
        raise KeyError("pear")

    _get(app, "/known")
    assert [event.user for event in captured.events] == [told]


# -- beside others


def test_the_trace_of_opentelemetry_is_the_id(captured: CapturedEvents) -> None:
    app, traces = shop(), []

    @app.get("/traced")
    def traced() -> Any:
        traces.append(f"{trace.get_current_span().get_span_context().trace_id:032x}")
        raise KeyError("pear")

    FlaskInstrumentor().instrument_app(app, tracer_provider=TracerProvider(shutdown_on_exit=False))
    answer = _get(app, "/traced")
    assert isinstance(answer, TestResponse)
    assert answer.headers.getlist("X-Request-ID") == traces
    assert [event.request_id for event in captured.events] == traces


def test_the_test_client_of_flask_works_as_before(captured: CapturedEvents) -> None:
    client: FlaskClient = shop(TESTING=True).test_client()
    with client:
        assert client.get("/shop/fine/3").text == "fine"
        assert request.path == "/shop/fine/3"  # the context is kept inside the block
    with pytest.raises(KeyError, match="pear"):
        client.get("/shop/raises/3")
    assert request_id() is None


def test_after_the_end_flask_is_as_it_was() -> None:
    names = ("__call__", "wsgi_app", "handle_user_exception")
    before = [getattr(Flask, name) for name in names]
    with capture_events():
        assert [getattr(Flask, name) for name in names] != before
    assert [getattr(Flask, name) for name in names] == before
    assert not got_request_exception.receivers


def test_without_integrations_flask_is_left_alone() -> None:
    with capture_events(integrations=False) as captured:
        answer = _get(swallowing(), "/shop/raises/3")
        assert isinstance(answer, TestResponse)
        assert "X-Request-ID" not in answer.headers
        assert captured.events == []


PROGRAM = """
import sys

steps = {"init": "import bongsu; bongsu.init(app='shop', environment='production')",
         "import": "from flask import Flask; app = Flask('shop')"}
for step in sys.argv[1:]:
    exec(steps[step])

@app.get("/raises")
def raises():
    raise KeyError("pear")

print(app.test_client().get("/raises").headers.getlist("X-Request-ID") != [])
"""


@pytest.mark.parametrize("order", [("init", "import"), ("import", "init")])
def test_init_comes_before_or_after_the_framework(order: tuple[str, ...], tmp_path: Path) -> None:
    environ = {"BONGSU_TO": f"file:{tmp_path}/alerts", "BONGSU_STATE_DIR": str(tmp_path)}
    command = [sys.executable, "-c", PROGRAM, *order]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (0, "True\n"), done.stderr
    assert "KeyError" in (tmp_path / "alerts").read_text()
