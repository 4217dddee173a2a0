"""Functions as a service: told and delivered before the freeze, raised on unchanged, and never beyond the time."""

import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass

import pytest

import bongsu
from bongsu.client import active, using
from bongsu.client.client import Client
from bongsu.config import load
from bongsu.integrations.serverless import handler
from bongsu.testing import ScriptedSlack, capture_events

ZERO = "ZeroDivisionError: integer division or modulo by zero"


@dataclass
class Platform:
    """The context that AWS Lambda gives."""

    aws_request_id: object = "8f5c7a1e-0000-4000-8000-000000000001"
    function_name: object = "resize"
    left_ms: int = 30_000

    def get_remaining_time_in_millis(self):
        return self.left_ms


@handler
def resize(event, context):
    return 100 // event["size"]


@handler(flush_s=0.5)
def bounded(event, context):
    return 100 // event["size"]


def test_what_it_raises_is_told_and_raised_on() -> None:
    with capture_events() as captured, pytest.raises(ZeroDivisionError) as raised:
        resize({"size": 0}, Platform())
    [event] = captured._received  # delivered by then
    assert (event.title, event.request_id) == (ZERO, Platform.aws_request_id)
    assert event.tags["handler"] == "resize"
    assert traceback.extract_tb(raised.tb)[-1].name == "resize"


@pytest.mark.parametrize("given", [None, 7, "", "two words", "x" * 10_000, "é", b"bytes"])
def test_a_bad_id_is_replaced(given: object) -> None:
    with capture_events() as captured, pytest.raises(ZeroDivisionError):
        resize({"size": 0}, Platform(aws_request_id=given))
    [event] = captured.events
    assert event.request_id is not None
    assert len(event.request_id) == 32


@pytest.mark.parametrize("arguments", [(), ({},), ({}, None), ({}, {}), ({}, "context")])
def test_any_arguments_are_passed_on(arguments: tuple[object, ...]) -> None:
    with capture_events() as captured:
        assert handler(lambda *given, **named: (given, named))(*arguments, more=1) == (arguments, {"more": 1})
        assert captured.events == []


def test_what_is_captured_inside_belongs_to_the_call() -> None:
    @handler
    def work(event, context):
        bongsu.capture_message("out of tea")

    with capture_events() as captured:
        work({}, Platform())
    [event] = captured._received
    assert event.request_id == Platform.aws_request_id


@pytest.mark.parametrize("end", [SystemExit, KeyboardInterrupt])
def test_an_end_that_was_asked_for_is_no_error(end: type[BaseException]) -> None:
    @handler
    def work(event, context):
        raise end

    with capture_events() as captured:
        with pytest.raises(end):
            work({}, Platform())
        assert captured.events == []


LIMITS = [(bounded, 30_000, 1.5), (resize, 600, 1.0), (resize, 100, 1.0)]


@pytest.mark.parametrize(("function", "left_ms", "within_s"), LIMITS)
def test_a_slack_that_hangs_holds_the_answer_no_longer_than_allowed(
    tmp_path, function: Callable[..., object], left_ms: int, within_s: float
) -> None:
    with ScriptedSlack() as slack:
        slack.script(delay_s=30)
        client = Client(load({"to": slack.webhook_url("alarm"), "state_dir": tmp_path}, {}))
        with using(client):
            began_at = time.perf_counter()
            with pytest.raises(ZeroDivisionError):
                function({"size": 0}, Platform(left_ms=left_ms))
            assert time.perf_counter() - began_at < within_s


def test_it_does_nothing_when_bongsu_is_off() -> None:
    assert active() is None
    assert resize({"size": 4}, None) == 25
    assert resize.__name__ == "resize"


def test_a_coroutine_function_is_refused_with_what_to_write_instead() -> None:
    async def work(event, context):
        """Nobody would await it."""

    with pytest.raises(TypeError, match=r"asyncio\.run"):
        handler(work)
