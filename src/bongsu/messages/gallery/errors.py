"""Errors of the program itself."""

from collections.abc import Iterator
from dataclasses import replace

from bongsu.event import CapturedException, Event, Kind, Level, Relation
from bongsu.messages.gallery.sample import Sample
from bongsu.messages.gallery.scene import DEPLOY, FIRST_SEEN, LOG_IN_FAILS, first, happened, library, own

_NO_SUCH_KEY = CapturedException(
    type="KeyError",
    module="builtins",
    message="'employee_no'",
    frames=(own("checkin/intranet.py", 23, "profile", 'return answer["employee_no"]'),),
)
_NO_PROFILE = CapturedException(
    type="ProfileError",
    module="checkin.intranet",
    message="the intranet sent a profile without an employee number",
    frames=(
        library("celery/app/trace.py", 453, "trace_task", "R = retval = fun(*args, **kwargs)"),
        own("checkin/tasks.py", 31, "refresh", "update(member, profile(member.email))"),
        own("checkin/intranet.py", 25, "profile", 'raise ProfileError("…") from error'),
    ),
)
_CHAINED = replace(
    LOG_IN_FAILS,
    message=_NO_PROFILE.message,
    exceptions=(_NO_PROFILE, replace(_NO_SUCH_KEY, relation=Relation.CAUSE)),
    tags={"task": "checkin.tasks.refresh", "queue": "night", "attempt": "3"},
    request_id="task-5e1c0b7a",
    user=None,
    trail=(),
)
_SEGFAULT = CapturedException(
    type="Fatal Python error",
    module="",
    message="Segmentation fault",
    frames=(
        own("checkin/badges.py", 64, "print_badge", "image = draw(member.photo)"),
        own("checkin/images.py", 12, "draw", "return _native.scale(photo, 240)"),
    ),
)


def samples() -> Iterator[Sample]:
    """A log-in that breaks, and other things that do."""
    yield Sample(name="exception", title="An exception", message=FIRST_SEEN)
    yield Sample(
        name="after_deploy", title="An exception soon after a deploy", message=replace(FIRST_SEEN, deploy=DEPLOY)
    )
    yield Sample(name="chain", title="An exception with its cause, in a task", message=first(_CHAINED))
    yield Sample(name="log", title="A log record of level error", message=first(_log()))
    yield Sample(name="message", title="A message of the program", message=first(_message()))
    yield Sample(name="crash", title="The interpreter crashed", message=first(_crash()))


def _log() -> Event:
    return happened(
        Kind.LOG,
        "seat map of room 3F-12 cannot be loaded, tried 3 times",
        logger="checkin.rooms",
        source="checkin/rooms.py:57",
        request_id="9d0b7e4411aa4c02",
    )


def _message() -> Event:
    said = "The printer in the lobby is out of labels\nJobs that wait: 14\nThe next one is due at 15:00"
    return happened(Kind.MESSAGE, said, level=Level.WARNING, source="checkin/printers.py:88")


def _crash() -> Event:
    return happened(Kind.CRASH, _SEGFAULT.message, level=Level.FATAL, exceptions=(_SEGFAULT,), handled=False)
