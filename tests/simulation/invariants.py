"""What must be true of every history that has come to rest."""

from collections import Counter
from collections.abc import Iterator, Mapping

from world import Shown, World

from bongsu.alerting.decision import Reason
from bongsu.alerting.group import Group, Phase
from bongsu.event import Event, Kind
from bongsu.messages.delivery import Verb
from bongsu.messages.message import Message, State
from bongsu.routing import ALARM, Ability


def check(world: World) -> None:
    """Raise AssertionError unless nothing is left, lost, miscounted, unnamed, out of order or too much."""
    with world.database.reading() as book:
        rows = book.rows()
        groups = {group.sample.message: group for group in book.all_groups()}
    assert not rows, f"left in the outbox: {[(row.state, row.verb, row.key, row.word) for row in rows]}"
    assert {group.phase for group in groups.values()} <= {Phase.QUIET}, "still firing"
    totals = {name: group.total for name, group in groups.items()}
    assert totals == world.captured, f"miscounted: {totals} for {dict(world.captured)}"
    _everything_is_told(world)
    _repeats_are_few_and_say_so(world)
    _there_is_no_flood(world, groups)
    if world.abilities[ALARM] is Ability.FORWARDS:
        _the_server_knows_every_occurrence(world)
    elif not world.fell_back:  # memory begins to count anew
        _episodes_are_told_in_order(world)
        _the_last_word_is_the_whole_count(world, groups)


def _everything_is_told(world: World) -> None:
    """By name, or counted in a digest."""
    named = {name for shown in world.shown for name in _names(shown.message)}
    missing = (set(world.captured) | set(world.noted)) - named
    unnamed = sum(message.problems - len(message.entries) for message in _digests(world))
    assert len(missing) <= unnamed, f"lost: {sorted(missing)}"


def _names(message: Message) -> list[str]:
    """A problem's name, without the type where it is an exception."""
    return [message.event.message] if message.event else [entry.title.split(": ")[-1] for entry in message.entries]


def _digests(world: World) -> list[Message]:
    return [shown.message for shown in world.shown if shown.message.reason is Reason.DIGEST]


def _of_problems(world: World) -> Iterator[tuple[Shown, Event]]:
    """What was shown of single problems: neither digests nor records."""
    for shown in world.shown:
        event = shown.message.event
        if event is not None and event.kind is not Kind.RECORD:
            yield shown, event


def _episode(message: Message) -> int:
    """What tells the episodes of a problem apart: the occurrences before it."""
    return message.total - message.count


def _repeats_are_few_and_say_so(world: World) -> None:
    """Of the copies of one message all but one say so; there are no more copies than there were doubts."""
    copies = 0
    seen: set[object] = set()
    silent: set[object] = set()
    for shown in world.shown:
        message = shown.message
        if shown.verb not in (Verb.POST, Verb.REPLY) or message.event is None:
            continue
        which = (shown.verb, message.reason, message.at, message.event.id, message.count)
        copies += which in seen
        seen.add(which)
        if not message.repeat:
            assert which not in silent or world.fell_back, f"a repeat that does not say so: {which}"
            silent.add(which)
    assert copies <= world.doubts, f"{copies} copies for {world.doubts} doubts"


def _there_is_no_flood(world: World, groups: Mapping[str, Group]) -> None:
    """Per episode a first and a last word, and one for each power of ten; new numbers only where theirs was deleted."""
    words: Counter[str] = Counter()
    updates = 0
    for shown, event in _of_problems(world):
        if shown.verb is Verb.POST:
            words[event.message] += not shown.message.repeat
            updates += shown.message.reason is Reason.UPDATED and not shown.message.repeat
    assert updates <= world.happened["message deleted"], f"{updates} updates as messages"
    if not world.fell_back:
        for name, group in groups.items():
            assert words[name] <= group.episode * (2 + len(str(group.total))) + world.happened["message deleted"], name


def _the_server_knows_every_occurrence(world: World) -> None:
    """A repeat has the same id: the server counts it once."""
    at_least: Counter[str] = Counter()
    known: Counter[str] = Counter()
    ids: set[str] = set()
    for shown, event in _of_problems(world):
        at_least[event.message] += shown.message.count
        if event.id not in ids:
            ids.add(event.id)
            known[event.message] += shown.message.count
    assert at_least >= world.captured, f"miscounted by the server: {at_least} for {world.captured}"
    if not world.fell_back and not world.happened["archived"]:  # told twice, or partly told in another channel
        assert known == world.captured, f"miscounted by the server: {known} for {world.captured}"


def _episodes_are_told_in_order(world: World) -> None:
    posted = {shown.place for shown in world.shown if shown.verb is Verb.POST}
    newest: Counter[tuple[str, str, int]] = Counter()
    for shown, event in _of_problems(world):
        message = shown.message
        assert shown.place in posted, f"a follow-up without its message: {shown}"
        if shown.verb in (Verb.POST, Verb.EDIT) and not shown.overtaken:
            episode = (shown.channel, event.message, _episode(message))
            assert message.total >= newest[episode], f"older than what was told before: {shown}"
            newest[episode] = message.total


def _the_last_word_is_the_whole_count(world: World, groups: Mapping[str, Group]) -> None:
    if world.happened["archived"] or any(message.backlog_s for message in _digests(world)):
        return  # some were told in another channel, or in a digest
    last: dict[str, Message] = {}
    for shown, event in _of_problems(world):
        before = last.get(event.message, shown.message)
        if _episode(shown.message) >= _episode(before) and shown.verb is not Verb.STACK:
            last[event.message] = shown.message
    for name, group in groups.items():
        if any(telling.posted for telling in group.tellings):
            word = last[name]
            assert (word.state, word.count) == (State.QUIET, group.count), f"the last word on {name}: {word}"
