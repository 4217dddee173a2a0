"""The message as plain text: one line, a card for a terminal, the whole stack for a file."""

import unicodedata
from collections.abc import Callable, Iterator

from bongsu.alerting.decision import Reason
from bongsu.event import Event, Kind, Process
from bongsu.messages import limits, links, sentences, stack, summary_lists
from bongsu.messages.characters import as_written, clean, clip, literal, place
from bongsu.messages.locales import WORDS, local
from bongsu.messages.message import Message, State
from bongsu.messages.style import Style

_COLOURS = {
    State.FIRING: "\x1b[31m",
    State.ACKNOWLEDGED: "\x1b[33m",
    State.QUIET: "\x1b[32m",
    State.SILENCED: "\x1b[90m",
    State.NEUTRAL: "\x1b[36m",
}
_BOLD, _DIM, _RESET = "\x1b[1m", "\x1b[2m", "\x1b[0m"


def line(message: Message, style: Style, *, encode: Callable[[str], str] = str, limit: int = limits.BUDGET_TEXT) -> str:
    """What a phone shows: mark, environment, app, title, source, request, times; at most `limit` characters.

    `encode` escapes each part of it, so that a cut never costs the source or the request id.
    """

    def part(text: str, limit: int) -> str:
        return clip(encode(literal(text, limits.BUDGET_TEXT)), limit)

    event = message.event
    tail = _tail(message, style)
    if event is None:
        return " · ".join([part(heading(message, style), 200), *map(encode, tail)])
    where = [part(place(event.location, 70), 70), *(part(one, 60) for one in sentences.request_ids(message)[:1])]
    ends = " · ".join([*filter(None, where), *(part(text, 80) for text in tail)])
    title = sentences.title(message, style)
    app = "" if _names_app(event, title) else f"{part(event.app, 30)}: "
    head = f"{sentences.mark(message)} [{part(event.environment, 20)}] {app}"
    room = limit - len(head) - len(ends) - 3
    head += part(title, room)
    return f"{head} · {ends}" if ends else head


def _names_app(event: Event, title: str) -> bool:
    """Whether the title says already whose it is."""
    if event.finding is None or links.is_deploy(event):
        return event.finding is not None
    begins = (event.app, *(words.resolved.format(event.app) for words in WORDS.values()))
    return title.startswith(begins) and (event.process is not None or event.finding.name == event.app)


def _tail(message: Message, style: Style) -> list[str]:
    words = WORDS[style.language]
    if message.reason in _FOLLOW_UPS:
        return [sentences.reason(message, style)]
    count = sentences.times(message.count, words) if message.count > 1 and message.event else ""
    return [*filter(None, [count]), *([words.repeat] if message.repeat else [])]


_FOLLOW_UPS = frozenset(Reason) - {Reason.FIRST_SEEN, Reason.UPDATED, Reason.DIGEST, Reason.SUMMARY, Reason.RECORD}


def heading(message: Message, style: Style) -> str:
    """The first line of a card: mark, environment, app and title."""
    title = sentences.title(message, style)
    return f"{sentences.mark(message)} {_whose(message, title)}{title}"


def _whose(message: Message, title: str) -> str:
    """`[production] checkin: `, as far as it is known and the title does not name it."""
    told = message.event or message.summary or message
    is_named = bool(message.summary) or (message.event is not None and _names_app(message.event, title))
    environment, app = literal(told.environment, limits.ENVIRONMENT), literal(told.app, limits.APP)
    named = "" if is_named or not app else f"{app}: "
    return f"[{environment}] {named}" if environment else named


def entries(message: Message, style: Style) -> Iterator[tuple[str, str, str]]:
    """Title, location and count of each problem that a digest shows."""
    words = WORDS[style.language]
    for entry in message.entries[: limits.DIGEST_ENTRIES]:
        yield (
            sentences.entry_title(entry, style),
            literal(entry.location, limits.FACT),
            sentences.times(entry.count, words),
        )


def detail(message: Message, style: Style) -> str:
    """The block under the heading: the stack, or what a text of several lines says after its first; may be empty."""
    event = message.event
    if event is None:
        return ""
    if event.exceptions:
        return stack.excerpt(event, WORDS[style.language])
    first, rest = sentences.first_line_and_rest(event)
    if event.process and event.kind is Kind.PROCESS:
        return "\n".join(filter(None, [clean(rest), _output(event.process)]))
    whole = clean(event.message).strip()
    told = whole if len(first) > limits.TITLE else clean(rest)
    return clip(told, limits.RECORD_TEXT if event.kind is Kind.RECORD else limits.BUDGET_STACK)


def _output(process: Process) -> str:
    """The last lines that fit: what a program said last is nearest to its end."""
    kept: list[str] = []
    room = limits.BUDGET_STACK - limits.STACK_MESSAGE
    for line in reversed(process.output):
        told = as_written(line, limits.STACK_LINE)
        room -= len(told) + 1
        if room < 0:
            break
        kept.append(told)
    return "\n".join(reversed(kept)).strip("\n")


def plain(message: Message, style: Style) -> str:
    """All of the message as lines without any layout."""
    return "\n".join(_body(message, style, width=limits.BUDGET_PLAIN))


def card(message: Message, style: Style, *, colour: bool = False, width: int = 100, brief: bool = False) -> str:
    """The message for a terminal, behind a bar in the colour of its state; `brief` as in `slack.payload`."""
    first, *rest = _body(message, style, width=width - 2, brief=brief)
    bar, bold, reset = (_COLOURS[message.state], _BOLD, _RESET) if colour else ("", "", "")
    return "\n".join([f"{bold}{first}{reset}", *(f"{bar}│{reset} {text}".rstrip() for text in rest)])


def _body(message: Message, style: Style, *, width: int, brief: bool = False) -> Iterator[str]:
    yield heading(message, style)
    yield from _summary(message, style)
    yield from (f"{count}  {name}  {location}" for name, location, count in entries(message, style))
    if message.entries and sentences.left_out(message):
        yield sentences.more(message, style)
    if not brief and (told := detail(message, style)):
        yield from ("", *told.split("\n"), "")
    if why := sentences.reason(message, style):
        yield why
    yield from (f"⚠ {hint}" for hint in sentences.hints(message, style))
    facts = [f"{fact.label} {', '.join(fact.values)}" for fact in sentences.facts(message, style, brief=brief)]
    yield from _flowed(facts, width)
    yield from (f"{link.name} {link.url}" for link in _addresses(message, style))
    if (command := sentences.trail_command(message)) and not brief:
        yield WORDS[style.language].trail.format(command)
    yield from (f"⚠ {note}" for note in sentences.notes(message, style))


def _summary(message: Message, style: Style) -> Iterator[str]:
    for section in summary_lists.sections(message.summary, message.at, style) if message.summary else ():
        yield from ("", section.title)
        for row in section.rows:
            where = "  ".join(filter(None, [row.before, row.name, row.place]))
            yield f"  {where} · {row.after}" if row.after else f"  {where}"
        if section.more:
            yield f"  {section.more}"


def _addresses(message: Message, style: Style) -> Iterator[links.Link]:
    if message.event and (url := links.source(message.event, style.links)):
        yield links.Link(WORDS[style.language].links["source"], url)
    if message.event and (url := links.of_deploy(message.event)):
        yield links.Link(WORDS[style.language].links["release"], url)
    yield from sentences.next_steps(message, style)


def _flowed(texts: list[str], width: int) -> Iterator[str]:
    """As many on a line as fit into `width` columns."""
    row = ""
    for text in texts:
        longer = f"{row} · {text}" if row else text
        if row and columns(longer) > width:
            yield row
            longer = text
        row = longer
    if row:
        yield row


def columns(text: str) -> int:
    """How many columns a terminal gives the text; Korean letters take two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def full_stack(message: Message) -> str:
    """The whole chain with all frames and locals, tags and log lines, for a file; at most FULL_STACK characters.

    In English, like Python's own, and in UTC.
    """
    event = message.event
    if event is None:
        return ""
    below = "".join(f"\n{clip(line, limits.TRAIL_LINE)}" for line in _below_the_stack(event))
    return clip(stack.full(event), limits.FULL_STACK - len(below)) + below


def _below_the_stack(event: Event) -> Iterator[str]:
    if event.process and event.process.output:
        yield WORDS["en"].output
        yield from (f"  {as_written(line, limits.TRAIL_LINE)}" for line in event.process.output)
    if event.tags:
        yield from ("Tags:", *(f"  {literal(name, 60)} = {clean(value)}" for name, value in event.tags.items()), "")
    if event.trail:
        yield "Log lines of the request before it:"
    for line in event.trail:
        moment = local(line.at, 0).isoformat(sep=" ", timespec="milliseconds").removesuffix("+00:00")
        said = f"{clean(line.logger)}: {literal(line.message, limits.TRAIL_LINE)}"
        yield f"  {moment}Z {line.level.value.upper():7} {said}"
