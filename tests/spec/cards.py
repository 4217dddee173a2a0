"""The messages of the story, for the tests that look at them: a log-in breaks at 14:26 in Seoul."""

from dataclasses import replace

from bongsu.alerting.decision import Reason
from bongsu.event import CapturedException, Kind, Level, LogLine, Relation
from bongsu.messages.gallery.scene import BEGAN, LOG_IN_FAILS, NO_EMPLOYEE_NUMBER, first, own
from bongsu.messages.message import Entry, Message, State
from bongsu.messages.style import Style

SEOUL = 9 * 3_600
ENGLISH, KOREAN = Style(language="en", utc_offset_s=SEOUL), Style(language="ko", utc_offset_s=SEOUL)
INTEGRITY_ERROR = NO_EMPLOYEE_NUMBER
FIRST_VISITOR = replace(LOG_IN_FAILS, trail=())
WITH_A_TRAIL = replace(
    FIRST_VISITOR,
    tags={**FIRST_VISITOR.tags, "handler": "login.callback", "plan": "*free*"},
    trail=(
        LogLine(at=BEGAN - 0.2, level=Level.INFO, logger="checkin.auth", message="back from the intranet"),
        LogLine(at=BEGAN - 0.1, level=Level.WARNING, logger="checkin.members", message="no employee number:\n<none>"),
    ),
)

FIRST_SEEN = first(FIRST_VISITOR)

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
