"""Real FastAPI applications, watched without being told to."""

import asyncio
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Annotated, Any

import pytest
from asgi_calls import Called, call
from fastapi import APIRouter, BackgroundTasks, Depends, FastAPI, HTTPException, WebSocket
from fastapi.responses import JSONResponse
from opentelemetry import trace
from opentelemetry.instrumentation.fastapi import FastAPIInstrumentor
from opentelemetry.sdk.trace import TracerProvider

from bongsu.integrations.asgi import BongsuMiddleware
from bongsu.testing import CapturedEvents, capture_events

HERE = "test_fastapi.py"


class OutOfStock(Exception):
    """A domain error that the application answers with 503."""


def stock() -> Iterator[int]:
    yield 3


def broken_stock() -> Iterator[int]:
    yield 3
    raise KeyError("on the way back")


async def fine(item: int) -> int:
    return item


async def raises(item: int) -> None:
    raise KeyError("pear")


def raises_in_a_thread(item: int, left: Annotated[int, Depends(stock)]) -> None:
    raise KeyError("pear")


async def not_found(item: int) -> None:
    raise HTTPException(404)


async def unavailable(item: int) -> None:
    raise HTTPException(503)


async def unavailable_because(item: int, left: Annotated[int, Depends(stock)]) -> None:
    try:
        raise TimeoutError("the database")
    except TimeoutError as error:
        raise HTTPException(503, "closed") from error


async def out_of_stock(item: int) -> None:
    raise OutOfStock("pears")


async def wrong_answer(item: int) -> str:
    return "pear"


async def fails_afterwards(item: int, tasks: BackgroundTasks) -> int:
    tasks.add_task(fails, "pear")
    return item


async def fails_on_the_way_back(item: int, left: Annotated[int, Depends(broken_stock)]) -> int:
    return item


async def as_503(request: Any, error: Exception) -> JSONResponse:
    return JSONResponse({"sorry": str(error)}, 503)


def fails(what: str) -> None:
    raise KeyError(what)


# What happens → the title of its event and its status; None: no event of an exception.
OUTCOMES: dict[str, tuple[str, str] | None] = {
    "fine": None,
    "raises": ("KeyError: 'pear'", "500"),
    "raises_in_a_thread": ("KeyError: 'pear'", "500"),
    "not_found": None,
    "unavailable_because": ("HTTPException: 503: closed", "503"),
    "out_of_stock": ("OutOfStock: pears", "503"),
    "fails_afterwards": ("KeyError: 'pear'", "200"),
}
PAGES = (
    *(fine, raises, raises_in_a_thread, not_found, unavailable, unavailable_because, out_of_stock, wrong_answer),
    *(fails_afterwards, fails_on_the_way_back),
)


def shop() -> FastAPI:
    """An application with one page for every way to fail."""
    app = FastAPI(exception_handlers={OutOfStock: as_503})
    for page in PAGES:
        app.get(f"/{page.__name__}/{{item}}", response_model=int)(page)
    return app


@pytest.fixture
def captured() -> Iterator[CapturedEvents]:
    with capture_events() as events:
        yield events


def _call(app: Any, path: str, **options: Any) -> Called:
    return asyncio.run(call(app, path, **options))


def _seen(called: Called) -> tuple[object, ...]:
    """What the client and the server notice, but for our header."""
    heads = [[pair for pair in message.get("headers", ()) if pair[0] != b"x-request-id"] for message in called.messages]
    return [message["type"] for message in called.messages], called.status, heads, called.body, type(called.raised)


def test_the_answer_and_what_leaves_the_application_are_the_same_with_and_without_us() -> None:
    paths = [f"/{page.__name__}/3" for page in PAGES]
    bare = [_call(shop(), path) for path in paths]
    with capture_events():
        watched = [_call(shop(), path) for path in paths]
    for ours, theirs in zip(watched, bare, strict=True):
        assert _seen(ours) == _seen(theirs)
        assert len(ours.ids) == 1


@pytest.mark.parametrize("name", OUTCOMES)
def test_what_goes_wrong_is_one_event_and_what_is_only_an_answer_is_none(captured: CapturedEvents, name: str) -> None:
    called = _call(shop(), f"/{name}/3", headers={"X-Request-ID": "r-1"})
    assert called.ids == ["r-1"]
    told = [(event.title, event.tags["status"]) for event in captured.events]
    assert told == [outcome for outcome in [OUTCOMES[name]] if outcome]
    for event in captured.events:
        assert (event.request_id, event.tags["route"]) == ("r-1", f"/{name}/{{item}}")
        assert event.tags["handler"].endswith(f".{name}")
        assert HERE in event.location


@pytest.mark.parametrize("name", ["wrong_answer", "fails_on_the_way_back"])
def test_what_fastapi_itself_raises_is_one_event(captured: CapturedEvents, name: str) -> None:
    _call(shop(), f"/{name}/3")
    assert captured.count == 1
    assert [event.tags["route"] for event in captured.events] == [f"/{name}/{{item}}"]


def test_what_fails_validation_is_no_event(captured: CapturedEvents) -> None:
    assert _call(shop(), "/fine/pear").status == 422
    assert _call(shop(), "/nowhere").status == 404
    assert _call(shop(), "/fine/3", method="DELETE").status == 405
    assert captured.events == []


def _tree() -> FastAPI:
    leaves, branches = APIRouter(prefix="/leaves"), APIRouter(prefix="/branches")

    @leaves.get("/{leaf}")
    async def leaf(leaf: int) -> None:
        raise KeyError("pear")

    @leaves.websocket("/{leaf}/live")
    async def live(socket: WebSocket, leaf: int) -> None:
        raise KeyError("pear")

    branches.include_router(leaves, prefix="/{branch}")
    app = shop()
    app.include_router(branches, prefix="/api")
    app.include_router(leaves)
    app.mount("/shops/{shop}", shop())
    app.mount("/trees", shop())
    return app


TEMPLATES: tuple[tuple[dict[str, Any], str], ...] = (
    ({"path": "/raises/3"}, "/raises/{item}"),
    ({"path": "/leaves/3"}, "/leaves/{leaf}"),
    ({"path": "/api/branches/b/leaves/3"}, "/api/branches/{branch}/leaves/{leaf}"),
    ({"path": "/trees/raises/3"}, "/trees/raises/{item}"),
    ({"path": "/shops/seoul/raises/3"}, "/shops/{shop}/raises/{item}"),
    (
        {"path": "/leaves/3/live", "type": "websocket", "incoming": [{"type": "websocket.connect"}]},
        "/leaves/{leaf}/live",
    ),
)


@pytest.mark.parametrize(("request_", "template"), TEMPLATES, ids=lambda value: str(value)[:60])
@pytest.mark.parametrize("wrap", [lambda app: app, BongsuMiddleware], ids=["automatic", "explicit"])
def test_the_route_is_the_whole_template(
    captured: CapturedEvents, wrap: Callable[[Any], Any], request_: dict[str, Any], template: str
) -> None:
    _call(wrap(_tree()), **request_)
    assert [event.tags.get("route") for event in captured.events] == [template]


def test_a_path_that_a_proxy_has_shortened_gives_the_same_route(captured: CapturedEvents) -> None:
    _call(shop(), "/raises/3", root_path="/api/v1")
    assert [event.tags["route"] for event in captured.events] == ["/raises/{item}"]


def test_the_trace_of_opentelemetry_is_the_id(captured: CapturedEvents) -> None:
    app, traces = shop(), []

    @app.get("/traced")
    async def traced() -> None:
        traces.append(f"{trace.get_current_span().get_span_context().trace_id:032x}")
        raise KeyError("pear")

    FastAPIInstrumentor.instrument_app(app, tracer_provider=TracerProvider(shutdown_on_exit=False))
    called = _call(app, "/traced")
    assert called.ids == traces
    assert [event.request_id for event in captured.events] == traces


PROGRAM = """
import asyncio, sys
from pathlib import Path

sys.path.insert(0, sys.argv[1])
steps = {"init": "import bongsu; bongsu.init(app='shop', environment='production')",
         "import": "from fastapi import FastAPI; app = FastAPI()"}
for step in sys.argv[2:]:
    exec(steps[step])

@app.get("/raises")
async def raises():
    raise KeyError("pear")

from asgi_calls import call
print(len(asyncio.run(call(app, "/raises")).ids))
"""


@pytest.mark.parametrize("order", [("init", "import"), ("import", "init")])
def test_init_comes_before_or_after_the_framework(order: tuple[str, ...], tmp_path: Any) -> None:
    environ = {"BONGSU_TO": f"file:{tmp_path}/alerts", "BONGSU_STATE_DIR": str(tmp_path)}
    command = [sys.executable, "-c", PROGRAM, __file__.rpartition("/")[0], *order]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (0, "1\n"), done.stderr
    assert "KeyError" in (tmp_path / "alerts").read_text()
