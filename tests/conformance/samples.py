"""What the channel tests share: messages to send, and channels opened on a server of the test's own."""

from pathlib import Path

from servers import Behaviour, answers, served

from bongsu.alerting.decision import Reason
from bongsu.delivery.answer import Answer
from bongsu.delivery.channel import Channel
from bongsu.delivery.channels import open_channel
from bongsu.delivery.destination import parse
from bongsu.delivery.http import Line
from bongsu.event import CapturedException, Event, Frame, Kind, Level
from bongsu.messages.delivery import Verb
from bongsu.messages.message import Entry, Message, State
from bongsu.messages.style import Style
from bongsu.testing import FakeClock

NOW = 1_631_000_000.0

EVENT = Event(
    id="0123456789abcdef0123456789abcdef",
    at=NOW,
    kind=Kind.EXCEPTION,
    level=Level.ERROR,
    message="NOT NULL constraint failed: users.campus 로그인 \udc80",
    app="checkin",
    environment="production",
    exceptions=(
        CapturedException(
            type="IntegrityError",
            module="sqlite3",
            message="NOT NULL constraint failed: users.campus",
            frames=(Frame(function="callback", module="app.login", path="app/login.py", line=48, in_app=True),),
        ),
    ),
    request_id="req-1",
)
ALERT = Message(reason=Reason.FIRST_SEEN, state=State.FIRING, at=NOW, event=EVENT)
DIGEST = Message(
    reason=Reason.DIGEST,
    state=State.FIRING,
    at=NOW,
    entries=(Entry(title="KeyError: 'a'", location="a.py:1", count=3, level=Level.ERROR),),
    problems=1,
)

KEY = "0123456789abcdef0123456789abcdef"
TOKEN = "xoxb-s3cr3t"
DEADLINE_S = 0.3
LATE_S = DEADLINE_S + 0.7  # the machine may be busy; without the deadline these servers hold for 2 s and far more
LINE = Line(deadline_s=DEADLINE_S, environ={})
PATIENT = Line(deadline_s=10.0, environ={})

OVER_HTTP = ("webhook", "slack", "sentry", "json")
LOCAL = ("console", "file")


def opened(kind: str, base: str, *, line: Line = PATIENT, folder: Path | None = None) -> Channel:
    scheme, _, host = base.partition("://")
    urls = {
        "webhook": f"{base}/services/T0/B0/s3cr3t",
        "slack": "slack://#000-alarm",
        "sentry": f"{scheme}://{KEY}@{host}/1",
        "json": f"webhook+{base}/hook?a=b#s3cr3t",
        "console": "console:",
        "file": f"file:{folder}/alerts.jsonl",
    }
    destination = parse(urls[kind], token=TOKEN, slack_api=f"{base}/api/", channel="alarm")
    return open_channel(destination, Style(), clock=FakeClock(), line=line)


def asked(kind: str, behave: Behaviour, *, line: Line = PATIENT, verb: Verb = Verb.POST) -> Answer:
    """What a channel answers when the server behaves so."""
    with served(behave) as port:
        return opened(kind, f"http://127.0.0.1:{port}", line=line).send(verb, ALERT)


YES = {
    "webhook": answers(200, "ok"),
    "slack": answers(200, '{"ok":true,"channel":"C1","ts":"1.000100"}'),
    "sentry": answers(200, '{"id":"x"}'),
    "json": answers(204),
}
HTML = "<!DOCTYPE html><html><title>Log in to the network</title></html>"
