"""Events and messages of every kind for property tests: all Unicode planes, surrogates, controls, empty and huge."""

from hypothesis import strategies as st

from bongsu.alerting.causes import Cause, CauseKind
from bongsu.alerting.decision import Reason
from bongsu.event import CapturedException, Event, Finding, Frame, Kind, Level, LogLine, Problem, Relation
from bongsu.messages.message import Entry, Message, Note, State, Trouble
from bongsu.messages.style import LANGUAGES, Style
from bongsu.messages.summary import Ending, Item, Items, Standing, Summary, Way

HOSTILE = (
    "<!channel>",
    "<!here|you>",
    "<@U0123>",
    "<https://evil.example|click>",
    "```fence```",
    "`code`",
    "*bold* _it_ ~s~",
    "&amp;",
    "&",
    "<" * 400,
    "&" * 1_500,
    "\x1b[31mred\x1b[0m",
    "\x1b]8;;https://evil.example\x07link\x1b]8;;\x07",
    "\x00",
    "\ud800",
    "\udfff\ud83d",
    "🔥" * 50,
    "봉수대에서 연기가 납니다",
    "\u202egnp.exe",
    "line\nline\r\nline",
    "x" * 3_000,
    " ",
    "",
    "__init__.py",
    ":fire:",
    "@channel",
    "{0} {name}",
    "<\u200b!channel> <!\u2060here>",
    "\u200b*bold*\u200b _\u200dit_",
    "שלום <!here> عربى *عريض*",
    "\U000e0001\U000e003c!channel\U000e007f",
    "\U0010ffff\ufdd0\ufffe",
    "e\u0301" * 40,
    "&lt;!channel&gt;",
    "> quoted",
    "- item\n1. item",
    "%s",
)

texts = st.one_of(
    st.sampled_from(HOSTILE),
    st.text(max_size=30),
    st.text(st.characters(), max_size=20),  # surrogates and unassigned code points too
    st.builds("{}{}".format, st.sampled_from(HOSTILE), st.text(st.characters(), max_size=10)),
)
moments = st.one_of(st.floats(0, 4e9), st.sampled_from([-1e18, 0.0, 1.0, 1_631_000_000.0, 2.0**33, 1e30]))
counts = st.one_of(st.integers(0, 3), st.integers(0, 10**12))


@st.composite
def frames(draw: st.DrawFn) -> tuple[Frame, ...]:
    """A stack of some frames, perhaps one of them many times over."""
    frame = st.builds(
        Frame,
        function=texts,
        module=texts,
        path=texts,
        line=st.integers(0, 10**6),
        in_app=st.booleans(),
        source=st.none() | texts,
        locals=st.none() | st.dictionaries(texts, texts, max_size=2),
    )
    stack = draw(st.lists(frame, max_size=4))
    repeated: bool = draw(st.booleans())
    if stack and repeated:
        at = draw(st.integers(0, len(stack) - 1))
        stack[at : at + 1] = stack[at : at + 1] * draw(st.sampled_from([2, 3, 60]))
    return tuple(stack)


exceptions = st.builds(
    CapturedException,
    type=texts,
    module=texts,
    message=texts,
    frames=frames(),
    relation=st.sampled_from(Relation),
    frames_omitted=st.integers(0, 1_000),
)


spans = st.sampled_from([0.0, 1.0, 3_599.0, 86_400.0, 1e12])
findings = st.builds(
    Finding,
    problem=st.sampled_from(Problem),
    name=texts,
    count=counts,
    wanted=counts,
    span_s=spans,
    allowed_s=spans,
)


def events() -> st.SearchStrategy[Event]:
    """Any event that a door can make, and worse."""
    return st.builds(
        Event,
        id=st.uuids().map(lambda one: one.hex),
        at=moments,
        kind=st.sampled_from(Kind),
        level=st.sampled_from(Level),
        message=texts,
        app=texts,
        environment=texts,
        exceptions=st.lists(exceptions, max_size=7).map(tuple),
        template=st.none() | texts,
        logger=st.none() | texts,
        source=st.none() | texts,
        tags=st.dictionaries(st.sampled_from(["status", "route", "x"]) | texts, texts, max_size=3),
        user=st.none() | texts,
        request_id=st.none() | texts,
        release=st.none() | texts,
        host=texts,
        pid=st.integers(0, 2**22),
        thread=texts,
        handled=st.booleans(),
        trail=st.lists(
            st.builds(LogLine, at=moments, level=st.sampled_from(Level), logger=texts, message=texts), max_size=3
        ).map(tuple),
        finding=st.none() | findings,
    )


entries = st.builds(
    Entry,
    title=texts,
    location=texts,
    count=counts,
    level=st.sampled_from(Level),
    finding=st.none() | findings,
    raised=st.booleans(),
)
causes = st.builds(Cause, kind=st.sampled_from(CauseKind), text=texts, at=moments, problems=counts)
notes = st.builds(Note, trouble=st.sampled_from(Trouble), detail=texts)
items = st.builds(
    Item,
    title=texts,
    location=texts,
    level=st.sampled_from(Level),
    standing=st.sampled_from(Standing),
    count=counts,
    began_at=moments,
    finding=st.none() | findings,
    raised=st.booleans(),
)
lists = st.builds(Items, shown=st.lists(items, max_size=6).map(tuple), number=counts)
ways = st.builds(
    Way,
    channel=texts,
    word=texts,
    is_dead=st.booleans(),
    waiting=counts,
    oldest_at=moments,
    rejected=counts,
    rejected_word=texts,
)
summaries = st.builds(
    Summary,
    app=texts,
    environment=texts,
    host=texts,
    since=moments,
    begun=lists,
    over=lists,
    firing=lists,
    noisiest=lists,
    endings=st.lists(st.builds(Ending, why=texts, until=moments, held=counts), max_size=6).map(tuple),
    ways=st.lists(ways, max_size=6).map(tuple),
    checks=counts,
)


@st.composite
def messages(draw: st.DrawFn) -> Message:
    """Any message: a digest has entries, a summary lists, every other one an event."""
    reason = draw(st.sampled_from(Reason))
    is_digest, is_summary = reason is Reason.DIGEST, reason is Reason.SUMMARY
    return Message(
        reason=reason,
        state=draw(st.sampled_from(State)),
        at=draw(moments),
        event=None if is_digest or is_summary else draw(events()),
        step=draw(counts),
        count=draw(counts),
        total=draw(counts),
        episode_began_at=draw(moments),
        first_seen_at=draw(moments),
        last_seen_at=draw(moments),
        users=draw(counts),
        request_ids=tuple(draw(st.lists(texts, max_size=3))),
        entries=tuple(draw(st.lists(entries, max_size=7))) if is_digest else (),
        problems=draw(counts),
        cause=draw(st.none() | causes) if is_digest else None,
        backlog_s=draw(st.sampled_from([0.0, 3_720.0, 1e12])),
        finding=draw(st.none() | findings) if reason is Reason.RESOLVED else None,
        summary=draw(summaries) if is_summary else None,
        notes=tuple(draw(st.lists(notes, max_size=6))),
        repeat=draw(st.booleans()),
    )


styles = st.builds(Style, language=st.sampled_from(LANGUAGES), utc_offset_s=st.integers(-43_200, 50_400))
