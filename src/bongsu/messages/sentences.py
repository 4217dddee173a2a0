"""What a message says in words: its mark, its reason, its notes and its facts, before any layout."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from bongsu.alerting import deploys
from bongsu.alerting.causes import Cause
from bongsu.alerting.decision import Reason
from bongsu.event import Ending, Event, Finding, Kind, Level, Problem
from bongsu.messages import limits, links, summary_text
from bongsu.messages.characters import literal, place
from bongsu.messages.locales import WORDS, Words, clock_time, counted, duration, memory, number
from bongsu.messages.locales.particles import Noun
from bongsu.messages.message import Entry, Message, Note, State
from bongsu.messages.style import Style

MARKS = {Level.DEBUG: "⚪", Level.INFO: "🔵", Level.WARNING: "🟡", Level.ERROR: "🔴", Level.FATAL: "🔥"}
QUIET_MARK = "🟢"

_TOLD_AGE_S = 60.0  # what is younger has just happened

_SHELL_SAFE = re.compile(rf"[\w.:+/=~][\w.:+/=~-]{{0,{limits.REQUEST_ID - 1}}}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One labelled value of the card. `at` is set for a moment; `exact` for what people copy."""

    label: str
    values: tuple[str, ...]
    exact: bool = False
    at: float | None = None
    url: str = ""  # where it leads


def mark(message: Message) -> str:
    """The worst level as a coloured sign; green once it is over."""
    if message.state is State.QUIET:
        return QUIET_MARK
    return MARKS[_level(message)]


def _level(message: Message) -> Level:
    if message.event:
        return message.event.level
    if message.summary:
        return Level.INFO
    levels = [entry.level for entry in message.entries]
    return max(levels, key=lambda level: level.rank, default=Level.ERROR)


def title(message: Message, style: Style) -> str:
    """What broke, in one line without mark and environment; for a digest, how much at once."""
    if message.summary:
        return summary_text.title(message.summary, style)
    if message.event is None:
        return digest(message, style)
    event = message.event
    told = _named(_own_title(event), event.finding, WORDS[style.language], raised=bool(event.exceptions))
    if message.reason is Reason.RESOLVED and message.finding:
        told = WORDS[style.language].resolved.format(told)
    return literal(told, limits.TITLE) or event.kind.value


def entry_title(entry: Entry, style: Style) -> str:
    """What one problem of a digest is called."""
    told = _named(entry.title, entry.finding, WORDS[style.language], raised=entry.raised)
    return literal(told, limits.DIGEST_TITLE) or entry.level.value


def _own_title(event: Event) -> str:
    """A deploy's sentence names who made it."""
    is_deploy = event.finding is not None and event.finding.problem is Problem.DEPLOYED
    return event.tags.get("by", "") if is_deploy else event.title


def _named(title: str, finding: Finding | None, words: Words, *, raised: bool) -> str:
    if finding is None or (finding.problem is Problem.EXITED and raised):
        return title
    is_own_words = finding.problem.stage and not raised
    return found(finding, words, what="" if is_own_words else title)


def found(finding: Finding, words: Words, *, what: str = "") -> str:
    """What a watch has found; `what` is the event's own title."""
    template = words.findings[finding.problem]
    if finding.problem is Problem.GAVE_UP and finding.count <= 1:
        template = words.gave_up_at_once
    if finding.problem is Problem.DEPLOYED and what:
        template = words.deployed_by
    numbers = _numbers(finding, words)
    if what and finding.problem.stage:
        numbers["ending"] = Noun(what)
    return template.format(what=Noun(what), **numbers).rstrip(": ")


def _numbers(finding: Finding, words: Words) -> dict[str, str]:
    return {
        "name": Noun(literal(finding.name, limits.TITLE)),
        "number": number(finding.count, words),
        "wanted": number(finding.wanted, words),
        "window": duration(finding.span_s, words),
        "allowed": duration(finding.allowed_s, words),
        "used": memory(finding.used_bytes, words),
        "limit": memory(finding.limit_bytes, words),
        "ending": Noun(ending(finding.ending, words)),
    }


def ending(how: Ending | None, words: Words) -> str:
    """`exit 3`, `killed by SIGKILL (out of memory)`, `SIGSEGV (core dumped)`."""
    if how is None or (how.code is None and not how.signal):
        return words.whys[how.why] if how and how.why else words.ended
    if how.signal:
        told = (words.crashed if how.signal in _CRASHES else words.killed).format(how.signal)
    else:
        told = words.exit_code.format(how.code)
    return told if how.why is None else words.because.format(ending=told, why=words.whys[how.why])


_CRASHES = frozenset({"SIGSEGV", "SIGABRT", "SIGBUS", "SIGFPE", "SIGILL", "SIGSYS", "SIGTRAP"})


def digest(message: Message, style: Style) -> str:
    """Why one message tells of many problems."""
    words = WORDS[style.language]
    if message.backlog_s > 0:
        outage = duration(message.backlog_s, words)
        return counted(message.problems, words.backlog, words, outage=outage, count=times(message.count, words))
    if message.state is State.QUIET:
        return counted(message.problems, words.storm_over, words)
    if message.cause and message.cause.problems == message.problems:
        return counted(
            message.problems, words.shared[message.cause.kind], words, **_cause(message.cause, message, words)
        )
    storm = counted(message.problems, words.storm, words)
    shown = min(len(message.entries), limits.DIGEST_ENTRIES)
    if not shown or not left_out(message):
        return storm
    return words.storm_top.format(storm=storm, shown=shown, more=more(message, style))


def _cause(cause: Cause, message: Message, words: Words) -> dict[str, str]:
    age = duration(message.episode_began_at - cause.at, words)
    return {"cause": literal(cause.text, limits.CAUSE), "age": age}


def _partly_shared(message: Message, words: Words) -> str:
    """What some problems of a digest have in common; of all of them, its title tells it."""
    cause = message.cause
    if cause is None or cause.problems == message.problems:
        return ""
    told = words.shared_by_some[cause.kind]
    return told.format(number(cause.problems, words), **_cause(cause, message, words))


def left_out(message: Message) -> int:
    """How many problems of a digest are not among those shown."""
    return max(0, message.problems - min(len(message.entries), limits.DIGEST_ENTRIES))


def more(message: Message, style: Style) -> str:
    """`+2 794 more`."""
    words = WORDS[style.language]
    return words.more.format(number(left_out(message), words))


def times(count: int, words: Words) -> str:
    """`×1 240`."""
    return words.times.format(number(count, words))


def reason(message: Message, style: Style) -> str:
    """Why this message was written, as a sentence; with the state where the colour alone would have to tell it.

    A digest has the reason for its title; here it says what some of its problems share, since when, and that it is
    a repeat.
    """
    words = WORDS[style.language]
    state = {State.ACKNOWLEDGED: words.acknowledged, State.SILENCED: words.silenced}.get(message.state, "")
    shared = _partly_shared(message, words) if message.reason is Reason.DIGEST else ""
    told = " · ".join(filter(None, [shared, _sentence(message, style), state]))
    return literal(f"{told} {words.repeat}" if message.repeat else told, limits.REASON)


def _sentence(message: Message, style: Style) -> str:
    words = WORDS[style.language]
    numbers = _numbers(message.finding, words) if message.finding else {"number": number(message.count, words)}
    return _template(message, words).format(
        **numbers,
        count=times(message.count, words),
        total=times(message.total, words),
        span=_span(message, words),
        age=duration(message.at - message.episode_began_at, words),
        silence=duration(message.at - message.last_seen_at, words),
        first=_time(message.first_seen_at, message, style),
        last=_time(message.last_seen_at, message, style),
    )


def _template(message: Message, words: Words) -> str:
    once = message.count <= 1
    match message.reason:
        case Reason.QUIET:
            return words.reason_quiet_once if once else words.reason_quiet
        case Reason.RESOLVED:
            return words.over.get(message.finding.problem, "") if message.finding else words.reason_resolved
        case Reason.UPDATED:
            return words.reason_updated_once if once else words.reason_updated
        case Reason.DIGEST:
            return words.reason_digest if message.first_seen_at and not message.backlog_s else ""
        case Reason.SUMMARY:
            return ""
    template: str = getattr(words, f"reason_{message.reason.value}")
    return template


def _span(message: Message, words: Words) -> str:
    seconds = message.last_seen_at - message.episode_began_at
    return words.span.format(duration(seconds, words)) if seconds >= 1 else words.within_a_second


def _time(at: float, message: Message, style: Style) -> str:
    return clock_time(at, style.utc_offset_s, today=message.at)


def notes(message: Message, style: Style) -> list[str]:
    """What Bongsu has to say of itself; each in one sentence."""
    return [_note(note, WORDS[style.language]) for note in message.notes[: limits.NOTES]]


def hints(message: Message, style: Style) -> list[str]:
    """What is to be considered; each in one sentence."""
    deploy = message.deploy
    if deploy is None or message.state is not State.FIRING:
        return []
    if not deploys.suggests_rolling_back(deploy, message.episode_began_at, message.first_seen_at):
        return []
    words = WORDS[style.language]
    age = duration(message.episode_began_at - deploy.at, words)
    return [literal(words.roll_back.format(release=deploy.release, age=age), limits.NOTE)]


def _deployed(message: Message, words: Words) -> str:
    deploy = message.deploy
    if deploy is None:
        return ""
    age = duration(message.episode_began_at - deploy.at, words)
    return words.deployed.format(release=deploy.release, age=age)


def _note(note: Note, words: Words) -> str:
    detail = number(int(note.detail), words) if note.detail.isdecimal() and len(note.detail) < 20 else note.detail
    return literal(words.troubles[note.trouble].format(detail), limits.NOTE)


def facts(message: Message, style: Style, *, brief: bool = False) -> list[Fact]:
    """The labelled values of the card in reading order; unknown ones are left out.

    `brief`: only where, which request and how often, for a follow-up.
    """
    event = message.event
    if event is None:
        return []
    words = WORDS[style.language]
    leads = links.source(event, style.links)
    source = Fact(label=words.source, values=(place(event.location, limits.FACT),), exact=True, url=leads)
    request = Fact(label=words.request_id, values=request_ids(message), exact=True)
    found = [source, request]
    if not brief:
        found = [
            Fact(label=words.app, values=(event.app,)),
            Fact(label=words.environment, values=(event.environment,)),
            source,
            Fact(label=words.status, values=(event.tags.get("status", ""),)),
            Fact(label=words.route, values=(_route(event),), exact=True),
            request,
            Fact(label=words.release, values=(event.release or "",), exact=True, url=links.of_deploy(event)),
            Fact(label=words.deploy, values=(_deployed(message, words),)),
            Fact(label=words.host, values=(event.host,)),
            *(_of_process(event, words) if event.process else ()),
        ]
    if event.kind is not Kind.RECORD:
        found += _history(message, style)
    if links.is_deploy(event):
        found.append(Fact(label=words.by, values=(event.tags.get("by", ""),)))
    elif not brief:
        found.append(Fact(label=words.tags, values=_tags(event), exact=True))
    return [fact for fact in map(_bounded, (fact for fact in found if any(fact.values))) if fact.values]


def _of_process(event: Event, words: Words) -> Iterable[Fact]:
    process = event.process
    assert process is not None, "the caller has looked"
    if event.exceptions and process.ending:
        yield Fact(label=words.ending, values=(ending(process.ending, words),))
    if process.uptime_s is not None:
        yield Fact(label=words.uptime, values=(duration(process.uptime_s, words),))
    if process.peak_bytes:
        yield Fact(label=words.memory, values=(memory(process.peak_bytes, words),))
    yield Fact(label=words.command, values=(process.command,), exact=True)


_ON_CARD = frozenset({"status", "route", "method"})  # tags with a place of their own


def _route(event: Event) -> str:
    """`GET /users/{id}`."""
    return f"{event.tags.get('method', '')} {event.tags.get('route', '')}".strip()


def _tags(event: Event) -> tuple[str, ...]:
    return tuple(f"{name}={value}" for name, value in event.tags.items() if name not in _ON_CARD)[: limits.TAGS]


def sample(message: Message, style: Style) -> str:
    """What the newest occurrence says of itself, in one line; empty once it is over."""
    event = message.event
    if event is None or message.state is not State.FIRING:
        return ""
    told = " · ".join(filter(None, (event.tags.get("status", ""), _route(event), *_tags(event))))
    return literal(WORDS[style.language].newest.format(told), limits.REASON) if told else ""


def _history(message: Message, style: Style) -> list[Fact]:
    words = WORDS[style.language]
    count = times(message.count, words)
    if message.total > message.count:
        count = words.times_and_total.format(count=count, total=times(message.total, words))
    first, last = message.first_seen_at, message.last_seen_at
    history = [
        Fact(label=words.count, values=(count,)),
        Fact(label=words.users, values=(words.people.format(number(message.users, words)) if message.users else "",)),
        Fact(label=words.first_seen, values=(_moment(first, message, style),), at=first),
    ]
    if last - first >= 1:
        history.append(Fact(label=words.last_seen, values=(_moment(last, message, style),), at=last))
    return history


def _moment(at: float, message: Message, style: Style) -> str:
    """`14:26:05 (12 min ago)`, as of the message."""
    told, age_s = _time(at, message, style), message.at - at
    if age_s < _TOLD_AGE_S:
        return told
    words = WORDS[style.language]
    return f"{told} ({words.ago.format(duration(age_s, words))})"


def _bounded(fact: Fact) -> Fact:
    limit = limits.FACT if len(fact.values) == 1 else limits.REQUEST_ID
    values = tuple(literal(value, limit) for value in fact.values)
    return Fact(label=fact.label, values=tuple(filter(None, values)), exact=fact.exact, at=fact.at, url=fact.url)


def next_steps(message: Message, style: Style) -> list[links.Link]:
    """The addresses that a reader may want to open, by their names in the reader's language."""
    words = WORDS[style.language].links
    return [links.Link(words.get(link.name, link.name), link.url) for link in links.of(message, style.links)]


def trail_command(message: Message) -> str:
    """What shows all log lines of the request; empty without any, or for an id that a shell would not take as it is."""
    event = message.event
    if event is None or not event.trail or not event.request_id or not _SHELL_SAFE.fullmatch(event.request_id):
        return ""
    return f"bongsu logs --request {event.request_id}"


def request_ids(message: Message) -> tuple[str, ...]:
    """That of the sample first, then the newest others."""
    own = message.event.request_id if message.event else None
    ids = [own, *reversed(message.request_ids)]
    return tuple(dict.fromkeys(one for one in ids if one))[: limits.REQUEST_IDS]


def first_line_and_rest(event: Event) -> tuple[str, str]:
    """A message without an exception: the title, and what the title could not hold."""
    first, _, rest = event.message.strip().partition("\n")
    return first, rest.strip("\n")
