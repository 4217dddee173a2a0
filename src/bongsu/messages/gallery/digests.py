"""Many problems in one message: storms, what is shared, an outage of Slack, and the summary of a day."""

from collections.abc import Iterator
from dataclasses import replace

from bongsu.alerting.causes import Cause, CauseKind
from bongsu.alerting.decision import Reason
from bongsu.event import Finding, Level, Problem
from bongsu.messages.gallery.sample import Sample
from bongsu.messages.gallery.scene import BEGAN, HOUR, MINUTE
from bongsu.messages.message import Entry, Message, State
from bongsu.messages.summary import Ending, Item, Items, Standing, Summary, Way

_ENTRIES = (
    Entry(
        title="IntegrityError: NOT NULL constraint failed: member.employee_no",
        location="checkin/members.py:41",
        count=9_000,
        level=Level.ERROR,
    ),
    Entry(title="KeyError: 'employee_no'", location="checkin/intranet.py:23", count=2_000, level=Level.ERROR),
    Entry(title="TimeoutError", location="checkin/mail.py:19", count=300, level=Level.ERROR),
    Entry(title="The printer in the lobby is out of labels", location="", count=20, level=Level.WARNING),
    Entry(title="ValueError: bad date '31.02.'", location="checkin/dates.py:3", count=5, level=Level.ERROR),
)
_STORM = Message(
    reason=Reason.DIGEST,
    state=State.FIRING,
    at=BEGAN + MINUTE,
    app="checkin",
    environment="production",
    count=14_345,
    total=14_345,
    episode_began_at=BEGAN,
    first_seen_at=BEGAN,
    last_seen_at=BEGAN + MINUTE,
    problems=2_799,
    entries=_ENTRIES,
)
_BACKLOG = replace(
    _STORM, problems=12, count=11_340, total=11_340, backlog_s=HOUR + 2 * MINUTE, at=BEGAN + HOUR, entries=_ENTRIES[:2]
)
_DATABASE = "ConnectionRefusedError db.example:5432"
_UNREACHED = (
    Entry(title="OperationalError: connection refused", location="checkin/seats.py:12", count=61, level=Level.ERROR),
    Entry(title="OperationalError: connection refused", location="checkin/members.py:41", count=48, level=Level.ERROR),
    Entry(title="BookingFailed: no answer", location="checkin/rooms.py:88", count=3, level=Level.ERROR),
)
_ONE_CAUSE = replace(
    _STORM,
    count=112,
    total=112,
    problems=3,
    entries=_UNREACHED,
    cause=Cause(kind=CauseKind.UPSTREAM, text=_DATABASE, problems=3),
)
_PARTLY = replace(
    _STORM,
    problems=5,
    count=432,
    total=432,
    entries=(*_UNREACHED, *_ENTRIES[2:4]),
    cause=Cause(kind=CauseKind.UPSTREAM, text=_DATABASE, problems=3),
)
_THREE = replace(_STORM, problems=3, entries=_ENTRIES[:3], count=11_300, total=11_300)
_RELEASE = replace(
    _THREE,
    cause=Cause(kind=CauseKind.RELEASE, text="checkin@1.4.2", at=BEGAN - 2 * MINUTE, problems=3),
)
_OVER = replace(_ONE_CAUSE, state=State.QUIET, at=BEGAN + HOUR, cause=None)
_HOST = replace(_THREE, cause=Cause(kind=CauseKind.HOST, text="web-3", problems=3))

_MORNING = BEGAN + 19 * HOUR
_LOG_IN = Item(
    title="IntegrityError: NOT NULL constraint failed: member.employee_no",
    location="checkin/members.py:41",
    level=Level.ERROR,
    standing=Standing.OVER,
    count=1_240,
    began_at=BEGAN,
    raised=True,
)
_BACKUP = Item(
    title="nightly-backup",
    location="",
    level=Level.ERROR,
    standing=Standing.FIRING,
    count=1,
    began_at=_MORNING - 5 * HOUR,
    finding=Finding(problem=Problem.MISSED, name="nightly-backup", span_s=5 * HOUR, allowed_s=24 * HOUR),
)
_QUIET_DAY = Summary(app="checkin", environment="production", host="web-1", since=_MORNING - 24 * HOUR, checks=4)
_DAY = replace(
    _QUIET_DAY,
    begun=Items(shown=(_LOG_IN, _BACKUP), number=2),
    over=Items(shown=(_LOG_IN,), number=1),
    firing=Items(shown=(_BACKUP,), number=1),
    noisiest=Items(shown=(_LOG_IN,), number=1),
    endings=(Ending(why="the database moves", until=_MORNING + 3 * HOUR, held=12),),
    ways=(Way(channel="backup", word="channel_is_archived", is_dead=True, waiting=3, oldest_at=_MORNING - HOUR),),
)


def samples() -> Iterator[Sample]:
    """Each is told once, and never edited."""
    yield Sample(name="digest", title="A storm of different problems", message=_STORM)
    yield Sample(name="digest_upstream", title="A storm with one cause", message=_ONE_CAUSE)
    yield Sample(name="digest_partly", title="A storm of which some have one cause", message=_PARTLY)
    yield Sample(name="digest_release", title="What a release brought", message=_RELEASE)
    yield Sample(name="digest_host", title="What one host has", message=_HOST)
    yield Sample(name="digest_over", title="What a storm brought is over", message=_OVER)
    yield Sample(name="backlog", title="After an outage of Slack", message=_BACKLOG)
    yield Sample(name="summary", title="The summary of a day", message=_summary(_DAY))
    yield Sample(name="summary_alive", title="The summary of a week without news", message=_summary(_QUIET_DAY))


def _summary(told: Summary) -> Message:
    return Message(reason=Reason.SUMMARY, state=State.NEUTRAL, at=_MORNING, summary=told)
