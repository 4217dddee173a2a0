"""Apprise, the real library: what a service behind it gets, and what its few words mean."""

import json
import logging
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import apprise
import pytest

from bongsu.alerting.decision import Reason
from bongsu.clock import SYSTEM
from bongsu.delivery import words
from bongsu.delivery.answer import Answer, Delivered, Rejected, RetryAfter, Unknown
from bongsu.delivery.channel import Channel
from bongsu.delivery.channels import open_channel
from bongsu.delivery.destination import parse
from bongsu.delivery.http import Line
from bongsu.event import Event, Kind, Level
from bongsu.messages.delivery import Verb
from bongsu.messages.message import Message, State
from bongsu.messages.style import Style
from bongsu.testing import FakeClock

pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated")  # a plugin of Apprise's imports it

EVENT = Event(
    id="f" * 32,
    at=1.6e9,
    kind=Kind.MESSAGE,
    level=Level.ERROR,
    message="로그인 broke",
    app="checkin",
    environment="prod",
)
ALERT = Message(reason=Reason.FIRST_SEEN, state=State.FIRING, at=1.6e9, event=EVENT)
PATIENT = Line(deadline_s=20.0, environ={})
HURRIED = Line(deadline_s=0.3, environ={})


@dataclass
class Service:
    """A receiver of Apprise's json:// messages."""

    status: int = 200
    came: list[dict[str, Any]] = field(default_factory=list)
    may_answer: threading.Event = field(default_factory=threading.Event)
    port: int = 0


@contextmanager
def running(service: Service) -> Iterator[None]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            service.came.append(json.loads(body))
            service.may_answer.wait(20.0)
            self.send_response(service.status)
            self.end_headers()

        def log_message(self, *arguments: object) -> None:
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        service.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield
        service.may_answer.set()
        server.shutdown()


@pytest.fixture
def service() -> Iterator[Service]:
    service = Service()
    service.may_answer.set()
    with running(service):
        yield service


def opened(url: str, line: Line = PATIENT) -> Channel:
    destination = parse(f"apprise+{url}", token=None, slack_api=None, channel="backup")
    return open_channel(destination, Style(), clock=FakeClock(), line=line)


def test_a_message_reaches_a_service_behind_apprise(service: Service) -> None:
    assert opened(f"json://127.0.0.1:{service.port}/").send(Verb.POST, ALERT) == Delivered()
    [told] = service.came
    assert told["title"] == "🔴 [prod] checkin: 로그인 broke"
    assert "First" in told["message"]
    assert told["type"] == "failure"


@pytest.mark.parametrize(
    ("state", "kind"), [(State.FIRING, "failure"), (State.QUIET, "success"), (State.NEUTRAL, "info")]
)
def test_the_state_decides_the_kind(service: Service, state: State, kind: str) -> None:
    message = Message(reason=Reason.RECORD, state=state, at=1.6e9, event=EVENT)
    opened(f"json://127.0.0.1:{service.port}/").send(Verb.POST, message)
    assert service.came[0]["type"] == kind


@pytest.mark.parametrize("status", [400, 401, 404, 429, 500, 503])
def test_a_no_may_be_tried_again_since_nobody_says_why(service: Service, status: int) -> None:
    service.status = status
    assert opened(f"json://127.0.0.1:{service.port}/").send(Verb.POST, ALERT) == Unknown("apprise_failed")


def test_a_service_that_is_not_there_is_a_no() -> None:
    assert opened("json://127.0.0.1:9/").send(Verb.POST, ALERT) == Unknown("apprise_failed")


@pytest.mark.parametrize("url", ["nosuchservice://host/", "json://", "tgram://nonsense"])
def test_a_url_that_apprise_does_not_know_is_a_dead_destination(url: str) -> None:
    try:
        answer: Answer = opened(url).send(Verb.POST, ALERT)
    except ValueError:
        return  # refused at the door
    assert answer == Rejected("apprise_url", dead=True)


def test_a_slow_service_holds_no_sender_and_is_not_asked_twice_at_once(service: Service) -> None:
    service.may_answer.clear()
    channel = opened(f"json://127.0.0.1:{service.port}/", HURRIED)
    began_at = SYSTEM.monotonic()
    assert channel.send(Verb.POST, ALERT) == Unknown("timeout")
    assert channel.send(Verb.POST, ALERT) == RetryAfter("apprise_busy")
    assert SYSTEM.monotonic() - began_at < 2.0
    assert len(service.came) == 1


class Broken(apprise.NotifyBase):  # type: ignore[misc]
    """A plugin that breaks down."""

    app_id = "Broken"
    service_name = "Broken"
    secure_protocol = "brokenplugin"

    def send(self, body: str, title: str = "", **facts: object) -> bool:
        raise ZeroDivisionError

    def url(self, *arguments: object, **facts: object) -> str:
        return "brokenplugin://"


def test_a_plugin_that_breaks_down_breaks_nothing() -> None:
    apprise.plugins.N_MGR["brokenplugin"] = Broken
    answer = opened("brokenplugin://localhost").send(Verb.POST, ALERT)
    assert answer in (Unknown("apprise_broken"), Unknown("apprise_failed"))


def test_what_apprise_logs_of_it_comes_from_a_thread_that_is_not_captured(
    service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    service.status = 500
    with caplog.at_level(logging.INFO):
        opened(f"json://127.0.0.1:{service.port}/").send(Verb.POST, ALERT)
    assert {str(record.threadName) for record in caplog.records} == {"bongsu-apprise"}


def test_without_the_library_it_is_a_dead_destination_that_says_what_to_install() -> None:
    code = """
import sys
sys.modules["apprise"] = None
from bongsu.delivery import words
from bongsu.delivery.channels import open_channel
from bongsu.delivery.destination import parse
from bongsu.messages.style import Style
from bongsu.testing import FakeClock
from bongsu.messages.delivery import Verb
channel = open_channel(parse("apprise+json://h/", token=None, slack_api=None, channel="a"), Style(), clock=FakeClock())
answer = channel.send(Verb.POST, None)
print(answer.word, answer.dead)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout == "apprise_missing True\n", done.stderr
    assert "pip install 'bongsu[apprise]'" in words.remedy("apprise_missing")


def test_the_library_is_not_loaded_before_such_a_message_is_sent() -> None:
    code = """
import sys, bongsu
bongsu.init(to={"alarm": "console:", "backup": "apprise+json://127.0.0.1:9/"}, app="a")
bongsu.notify("hello", channel="alarm")
assert bongsu.flush(10)
print("apprise" in sys.modules, "smtplib" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout == "False False\n", done.stderr


@pytest.mark.parametrize("verb", [Verb.EDIT, Verb.REPLY])
def test_nothing_can_be_edited_or_replied_to(verb: Verb) -> None:
    assert opened("json://127.0.0.1:9/").send(verb, ALERT) == Rejected("no_receipt", gone=True)
