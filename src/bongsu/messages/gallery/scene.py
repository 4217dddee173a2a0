"""The service of the samples: a check-in desk in Seoul, on the day its log-in broke."""

from dataclasses import replace
from typing import Any

from bongsu.alerting.decision import Reason
from bongsu.alerting.deploys import Deploy
from bongsu.event import CapturedException, Event, Finding, Frame, Kind, Level, LogLine, Process, ProcessState
from bongsu.messages.message import Message, State
from bongsu.messages.style import Language, Links, Runbook, Style

BEGAN = 1_630_992_360.0  # 2021-09-07 14:26:00 in Seoul
MINUTE, HOUR = 60.0, 3_600.0
MIB = 1 << 20
_SEOUL_S = 9 * 3_600
_LINKS = Links(
    repo_url="https://git.example/team/checkin/blob/{version}/{path}#L{line}",
    others={
        "dashboard": "https://grafana.example/d/checkin?var-app={app}&from={since_ms}",
        "logs": "https://logs.example/search?q={request_id}",
    },
    runbooks=(Runbook(url="https://wiki.example/runbooks/{app}"),),
)


def style(language: Language, *, linked: bool = True) -> Style:
    """How the samples are told: in a team that has its pages linked, or in one that has not."""
    return Style(language=language, utc_offset_s=_SEOUL_S, links=_LINKS if linked else Links())


def library(path: str, line: int, function: str, source: str | None = None) -> Frame:
    return Frame(function=function, module="library", path=path, line=line, in_app=False, source=source)


def own(path: str, line: int, function: str, source: str | None = None) -> Frame:
    return Frame(function=function, module="checkin", path=path, line=line, in_app=True, source=source)


NO_EMPLOYEE_NUMBER = CapturedException(
    type="IntegrityError",
    module="sqlite3",
    message="NOT NULL constraint failed: member.employee_no",
    frames=(
        library("flask/app.py", 1511, "wsgi_app", "response = self.full_dispatch_request()"),
        library("flask/app.py", 917, "full_dispatch_request", "rv = self.dispatch_request()"),
        library("flask/app.py", 902, "dispatch_request", "return self.ensure_sync(view)(**view_args)"),
        own("checkin/auth.py", 88, "callback", "member = register(profile)"),
        own("checkin/members.py", 41, "register", 'db.execute("INSERT INTO member (name, email) VALUES (?, ?)", row)'),
    ),
)

LOG_IN_FAILS = Event(
    id="0af7651916cd43dd8448eb211c80319c",
    at=BEGAN,
    kind=Kind.EXCEPTION,
    level=Level.ERROR,
    message=NO_EMPLOYEE_NUMBER.message,
    app="checkin",
    environment="production",
    exceptions=(NO_EMPLOYEE_NUMBER,),
    tags={"status": "500", "method": "GET", "route": "/login/callback"},
    user="guest-17",
    request_id="4f2c9a7be1d04c5f",
    release="checkin@1.4.2",
    host="web-1",
    pid=4711,
    thread="MainThread",
    handled=False,
    trail=(
        LogLine(at=BEGAN - 0.2, level=Level.INFO, logger="checkin.auth", message="back from the intranet"),
        LogLine(at=BEGAN - 0.1, level=Level.WARNING, logger="checkin.members", message="no employee number"),
    ),
)
DEPLOY = Deploy(release="checkin@1.4.2", at=BEGAN - 8 * MINUTE, by="Mina", url="https://ci.example/checkin/runs/812")

FIRST_SEEN = Message(
    reason=Reason.FIRST_SEEN,
    state=State.FIRING,
    at=BEGAN + 0.3,
    event=LOG_IN_FAILS,
    episode_began_at=BEGAN,
    first_seen_at=BEGAN,
    last_seen_at=BEGAN,
    request_ids=("4f2c9a7be1d04c5f",),
)


def first(event: Event, **changes: Any) -> Message:
    """The first message of a problem."""
    ids = (event.request_id,) if event.request_id else ()
    return replace(FIRST_SEEN, event=event, request_ids=ids, **changes)


def happened(kind: Kind, message: str, **changes: Any) -> Event:
    """Something that no exception explains."""
    bare = replace(LOG_IN_FAILS, exceptions=(), tags={}, user=None, request_id=None, trail=(), handled=True)
    return replace(bare, kind=kind, message=message, **changes)


def watched(kind: Kind, finding: Finding, message: str = "", **changes: Any) -> Event:
    """What a watch has found."""
    return happened(kind, message or finding.name, level=finding.problem.level, finding=finding, **changes)


PAYMENT = Process(
    name="payment",
    watcher="pm2",
    state=ProcessState.BACKOFF,
    pid=4711,
    uptime_s=5_400.0,
    peak_bytes=212 * MIB,
    command="node payment/server.js",
)
