"""Lines of `bongsu.logs` where another library writes the log: structlog, loguru, and the servers' own loggers."""

import io
import json
import logging
import logging.config
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
import uvicorn
from gunicorn.config import Config
from gunicorn.glogging import Logger as GunicornLogger
from loguru import logger as loguru

import bongsu
import bongsu.logs
from bongsu.logs.line import EMPTY
from bongsu.pipeline import fingerprint
from bongsu.testing import capture_events

SERVERS = ("gunicorn.error", "gunicorn.access", "uvicorn", "uvicorn.error", "uvicorn.access")


OF_STRUCTLOG = "shop.structlog"  # its loggers tell the right source only if `logging` did not make them before


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """What `setup` writes; logging, structlog and loguru are as before afterwards."""
    loggers = [logging.getLogger(), *map(logging.getLogger, SERVERS)]
    before = [(each, list(each.handlers), each.level, each.propagate) for each in loggers]
    stream = io.StringIO()
    bongsu.logs.setup(stream=stream)
    yield stream
    for each, handlers, level, propagates in before:
        each.handlers[:], each.level, each.propagate = handlers, level, propagates
    structlog.reset_defaults()
    loguru.remove()
    logging.getLogger().manager._clear_cache()  # type: ignore[attr-defined]  # levels were set past their setter


def _lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def _buy(article: str) -> int:
    return {"apple": 3}[article]


# -- structlog


@pytest.fixture
def through_structlog(stream: io.StringIO) -> Any:
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.render_to_log_kwargs,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    return structlog.get_logger(OF_STRUCTLOG)


def test_structlog_writes_the_same_keys(stream: io.StringIO, through_structlog: Any) -> None:
    with bongsu.context(request_id="r-1"), structlog.contextvars.bound_contextvars(tenant="north"):
        through_structlog.bind(order=3).warning("stored %s", "pear", password="hunter2-hunter2")
    [line] = _lines(stream)
    assert list(line)[: len(EMPTY)] == list(EMPTY)
    assert (line["logger"], line["level"], line["message"]) == (OF_STRUCTLOG, "warning", "stored pear")
    assert (line["request_id"], line["order"], line["tenant"]) == ("r-1", 3, "north")
    assert "hunter2" not in stream.getvalue()
    assert "test_log_libraries.py:" in line["source"]


def test_a_failure_of_structlog_has_the_group_of_its_event(stream: io.StringIO, through_structlog: Any) -> None:
    with capture_events() as captured:
        try:
            _buy("pear")
        except KeyError:
            through_structlog.exception("cannot answer")
        [event] = captured.events
    [line] = _lines(stream)
    assert (line["exception_type"], line["group"]) == ("KeyError", fingerprint(event))


# -- loguru


class ToLogging(logging.Handler):
    """Hands loguru's records on to logging."""

    def emit(self, record: logging.LogRecord) -> None:
        logging.getLogger(record.name).handle(record)


@pytest.fixture
def through_loguru(stream: io.StringIO) -> Any:
    loguru.remove()
    loguru.add(ToLogging(), format=lambda _: "{message}", level=0)
    return loguru


def test_loguru_writes_the_same_keys(stream: io.StringIO, through_loguru: Any) -> None:
    with bongsu.context(request_id="r-1"), through_loguru.contextualize(tenant="north"):
        through_loguru.bind(order=3, password="hunter2-hunter2").success("stored {}", "pear")
    [line] = _lines(stream)
    assert list(line)[: len(EMPTY)] == list(EMPTY)
    assert (line["logger"], line["level"], line["message"]) == (__name__, "info", "stored pear")
    assert (line["request_id"], line["order"], line["tenant"]) == ("r-1", 3, "north")
    assert "hunter2" not in stream.getvalue()
    assert "test_log_libraries.py:" in line["source"]


def test_a_failure_of_loguru_has_the_group_of_its_event(stream: io.StringIO, through_loguru: Any) -> None:
    with capture_events() as captured:
        try:
            _buy("pear")
        except KeyError:
            through_loguru.exception("cannot answer")
        [event] = captured.events
    [line] = _lines(stream)
    assert (line["message"], line["exception_type"]) == ("cannot answer", "KeyError")
    assert line["group"] == fingerprint(event)


# -- servers, whose loggers have handlers of their own


def _through_ours() -> None:
    for name in SERVERS:
        server = logging.getLogger(name)
        server.handlers.clear()
        server.propagate = True


def test_the_lines_of_uvicorn_are_ours_when_its_handlers_are_removed(stream: io.StringIO) -> None:
    uvicorn.Config(app="shop:app")  # sets its loggers up, as its command does before it imports the program
    _through_ours()
    logging.getLogger("uvicorn.error").info("started %s", 12, extra={"color_message": "started \x1b[36m%s\x1b[0m"})
    logging.getLogger("uvicorn.access").info('%s - "%s %s HTTP/%s" %d', "127.0.0.1:5", "GET", "/", "1.1", 200)
    started, access = _lines(stream)
    assert (started["message"], "color_message" in started) == ("started 12", False)
    assert access["message"] == '127.0.0.1:5 - "GET / HTTP/1.1" 200'


def test_the_lines_of_gunicorn_are_ours_when_its_handlers_are_removed(stream: io.StringIO) -> None:
    config = Config()
    config.set("accesslog", "-")
    gunicorn = GunicornLogger(config)
    _through_ours()
    gunicorn.info("Booting worker with pid: %s", 12)
    gunicorn.access_log.info("GET /")
    assert [line["message"] for line in _lines(stream)] == ["Booting worker with pid: 12", "GET /"]


def test_dict_config_can_name_the_formatter(stream: io.StringIO) -> None:
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {"line": {"()": "bongsu.logs.Formatter", "app": "shop"}},
            "handlers": {"out": {"class": "logging.StreamHandler", "formatter": "line", "stream": stream}},
            "root": {"handlers": ["out"], "level": "INFO"},
        }
    )
    logging.getLogger("shop").info("hello")
    assert [(line["app"], line["message"]) for line in _lines(stream)] == [("shop", "hello")]
