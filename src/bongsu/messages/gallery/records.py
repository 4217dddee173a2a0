"""Records, and what Bongsu says of itself."""

from collections.abc import Iterator
from dataclasses import replace

from bongsu.alerting.decision import Reason
from bongsu.event import Event, Finding, Kind, Level, Problem
from bongsu.messages.gallery.sample import Mode, Sample
from bongsu.messages.gallery.scene import FIRST_SEEN, happened
from bongsu.messages.message import Message, Note, State, Trouble

_TROUBLES = {
    Trouble.STATE_DIR: "No space left on device",
    Trouble.STORE_SET_ASIDE: "bongsu.db.damaged-20210907",
    Trouble.SHED: "1240",
    Trouble.FALLBACK: "alarm: no_active_hooks",
}


def samples() -> Iterator[Sample]:
    """What is no problem of its own."""
    yield Sample(name="record", title="A record of the team", message=_record(_note()))
    yield Sample(name="deploy", title="A release went out", message=_record(_deploy()))
    wrong = Note(trouble=Trouble.PAYLOAD, detail="blocks[2].text.text: 3 214 characters, Slack allows 3 000")
    refused = replace(_record(_note()), notes=(wrong,))
    yield Sample(name="payload", title="A layout that Slack would refuse", message=refused, modes=(Mode.FIRST,))
    for trouble, detail in _TROUBLES.items():
        told = replace(FIRST_SEEN, notes=(Note(trouble=trouble, detail=detail),))
        yield Sample(name=f"trouble_{trouble.value}", title=f"A note: {trouble.value}", message=told)


def _record(event: Event) -> Message:
    return replace(FIRST_SEEN, reason=Reason.RECORD, state=State.NEUTRAL, event=event, request_ids=())


def _note() -> Event:
    said = "Seat maps of the third floor are rebuilt\nby Mina, see https://ci.example/checkin/runs/813 for the log"
    return happened(Kind.RECORD, said, level=Level.INFO)


def _deploy() -> Event:
    finding = Finding(problem=Problem.DEPLOYED, name="checkin@1.4.2")
    tags = {"by": "Mina", "url": "https://ci.example/checkin/runs/812"}
    return happened(
        Kind.RECORD, "checkin@1.4.2 deployed by Mina", level=Level.INFO, finding=finding, tags=tags, host="ci-1"
    )
