"""The messages of the story, for the tests that look at them: a log-in breaks at 14:26 in Seoul."""

from dataclasses import replace

from bongsu.alerting.decision import Reason
from bongsu.event import CapturedException, Event, Frame, Kind, Level, LogLine, Relation
from bongsu.messages.message import Entry, Message, State
from bongsu.messages.style import Style

SEOUL = 9 * 3_600
ENGLISH, KOREAN = Style(language="en", utc_offset_s=SEOUL), Style(language="ko", utc_offset_s=SEOUL)
BEGAN = 1_630_992_360.0  # 2021-09-07 14:26:00 in Seoul


def library(path: str, line: int, function: str, source: str = "…") -> Frame:
    return Frame(function=function, module="library", path=path, line=line, in_app=False, source=source)


def own(path: str, line: int, function: str, source: str | None = None) -> Frame:
    return Frame(function=function, module="checkin", path=path, line=line, in_app=True, source=source)


INTEGRITY_ERROR = CapturedException(
    type="IntegrityError",
    module="sqlite3",
    message="NOT NULL constraint failed: member.employee_no",
    frames=(
        library("flask/app.py", 1511, "wsgi_app"),
        library("flask/app.py", 917, "full_dispatch_request"),
        library("flask/app.py", 902, "dispatch_request"),
        own("checkin/auth.py", 88, "callback", "member = register(profile)"),
        own("checkin/members.py", 41, "register", 'db.execute("INSERT INTO member (name, email) VALUES (?, ?)", row)'),
    ),
)

FIRST_VISITOR = Event(
    id="0af7651916cd43dd8448eb211c80319c",
    at=BEGAN,
    kind=Kind.EXCEPTION,
    level=Level.ERROR,
    message=INTEGRITY_ERROR.message,
    app="checkin",
    environment="production",
    exceptions=(INTEGRITY_ERROR,),
    tags={"status": "500", "method": "GET", "route": "/login/callback"},
    user="guest-17",
    request_id="4f2c9a7be1d04c5f",
    release="checkin@1.4.2",
    host="web-1",
    pid=4711,
    thread="MainThread",
    handled=False,
)
WITH_A_TRAIL = replace(
    FIRST_VISITOR,
    tags={**FIRST_VISITOR.tags, "handler": "login.callback", "plan": "*free*"},
    trail=(
        LogLine(at=BEGAN - 0.2, level=Level.INFO, logger="checkin.auth", message="back from the intranet"),
        LogLine(at=BEGAN - 0.1, level=Level.WARNING, logger="checkin.members", message="no employee number:\n<none>"),
    ),
)

FIRST_SEEN = Message(
    reason=Reason.FIRST_SEEN,
    state=State.FIRING,
    at=BEGAN + 0.3,
    event=FIRST_VISITOR,
    episode_began_at=BEGAN,
    first_seen_at=BEGAN,
    last_seen_at=BEGAN,
    request_ids=("4f2c9a7be1d04c5f",),
)

GROWING = replace(
    FIRST_SEEN,
    reason=Reason.GROWING,
    at=BEGAN + 720,
    step=1_000,
    count=1_240,
    total=1_240,
    last_seen_at=BEGAN + 720,
    users=310,
)
UPDATED = replace(GROWING, reason=Reason.UPDATED)
REMINDER = replace(GROWING, reason=Reason.REMINDER, at=BEGAN + 14_400, last_seen_at=BEGAN + 14_395)
QUIET = replace(GROWING, reason=Reason.QUIET, state=State.QUIET, at=BEGAN + 9_180, last_seen_at=BEGAN + 7_380)
CAME_BACK = replace(
    FIRST_SEEN,
    reason=Reason.CAME_BACK,
    at=BEGAN + 86_400,
    total=1_241,
    episode_began_at=BEGAN + 86_400,
    last_seen_at=BEGAN + 86_400,
)

STORM = Message(
    reason=Reason.DIGEST,
    state=State.FIRING,
    at=BEGAN + 60,
    count=12_345,
    problems=5_000,
    entries=(
        Entry(
            title="IntegrityError: NOT NULL constraint failed",
            location="checkin/members.py:41",
            count=9_000,
            level=Level.ERROR,
        ),
        Entry(title="KeyError: 'employee_no'", location="checkin/oauth.py:7", count=2_000, level=Level.ERROR),
        Entry(title="TimeoutError", location="checkin/mail.py:19", count=300, level=Level.ERROR),
        Entry(title="disk almost full", location="", count=20, level=Level.WARNING),
        Entry(title="ValueError: bad date", location="checkin/dates.py:3", count=5, level=Level.ERROR),
    ),
)
BACKLOG = replace(STORM, problems=12, count=340, backlog_s=3_720.0, entries=STORM.entries[:2])

DEPLOYED = replace(
    FIRST_SEEN,
    reason=Reason.RECORD,
    state=State.NEUTRAL,
    event=replace(
        FIRST_VISITOR,
        kind=Kind.RECORD,
        level=Level.INFO,
        message="checkin 1.4.2 deployed\nby Mina, see https://ci.example/runs/812 for the log",
        exceptions=(),
        tags={},
        request_id=None,
    ),
    request_ids=(),
)


def failing(*exceptions: CapturedException, message: str | None = None) -> Message:
    """The first message of an event with these exceptions."""
    told = exceptions[0].message if message is None else message
    return replace(FIRST_SEEN, event=replace(FIRST_VISITOR, message=told, exceptions=exceptions))


def caused(type_: str, message: str, relation: Relation = Relation.CAUSE) -> CapturedException:
    """A further exception of a chain."""
    return CapturedException(
        type=type_,
        module="builtins",
        message=message,
        relation=relation,
        frames=(own("checkin/oauth.py", 7, "load", 'return profile["employee_no"]'),),
    )
