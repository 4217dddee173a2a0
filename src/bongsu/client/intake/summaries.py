"""The summary of a day or a week: whoever finds it due first tells it for all processes of the app."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from bongsu import routing
from bongsu.alerting import summary as summaries
from bongsu.alerting.decision import Reason
from bongsu.alerting.group import Group, Phase
from bongsu.alerting.summary import SHOWN_MAX, Account, Chosen, Rhythm
from bongsu.client.intake.session import Addresses
from bongsu.delivery.heartbeat import fails
from bongsu.messages.delivery import Delivery, Verb
from bongsu.messages.message import Message, State
from bongsu.messages.summary import Ending, Item, Items, Standing, Summary, Way
from bongsu.pipeline import Policy
from bongsu.routing import Ability, silences
from bongsu.store import MEMORY, Book, SqliteStore

POSTPONED_S = 600.0  # by a process that has no summary configured: another one may have

Header = Mapping[str, Any]


class Summaries:
    """Begins to count, and tells. Not in a store in memory: it knows of one process, and would tell for each."""

    def __init__(self) -> None:
        self._expected: tuple[SqliteStore, Rhythm | None] | None = None

    def expect(self, store: SqliteStore, now: float, rhythm: Rhythm | None) -> None:
        """See to it that somebody looks at the next moment of this rhythm. Raises StoreError."""
        if store.path != MEMORY and self._expected != (store, rhythm):
            if rhythm is not None:
                _expect(store, now, rhythm)
            self._expected = store, rhythm

    def tick(self, store: SqliteStore, now: float, policy: Policy, header: Header, addresses: Addresses) -> int:
        """Tell the summary if it is due; how many deliveries that made. Raises StoreError."""
        with store.reading() as book:
            if store.path == MEMORY or not book.is_summary_due(now):
                return 0
        with store.transaction() as book:
            if not book.is_summary_due(now):
                return 0  # another process was first
            if policy.summary is None:
                book.save_summary_due_at(now + POSTPONED_S)
                return 0
            if night_ends_at := _night_ends_at(policy.summary, now, policy):
                book.save_summary_due_at(night_ends_at)
                return 0
            book.save_summary_due_at(summaries.next_moment(policy.summary, now))
            return _look(book, policy.summary, now, policy, header, addresses)


def _expect(store: SqliteStore, now: float, rhythm: Rhythm) -> None:
    following = summaries.next_moment(rhythm, now)
    with store.reading() as book:
        if book.account() is not None and book.summary_due_at() == following:
            return
    with store.transaction() as book:
        if book.account() is None:
            book.save_account(Account(since=now, told_at=now))
            book.save_summary_due_at(following)
        else:
            book.save_summary_due_at(now)


def _night_ends_at(rhythm: Rhythm, now: float, policy: Policy) -> float | None:
    """Until when one that is late has to wait; None: it has not."""
    is_late = now - summaries.last_moment(rhythm, now) > summaries.ON_TIME_S
    return policy.quiet_hours.till(now) if policy.quiet_hours and is_late else None


def _look(book: Book, rhythm: Rhythm, now: float, policy: Policy, header: Header, addresses: Addresses) -> int:
    account = summaries.rebased(book.account() or Account(since=now, told_at=now), now)
    if not summaries.is_due(rhythm, account.since, now):
        book.save_account(account)
        return 0
    glances = book.glances()
    chosen = summaries.chosen(glances, account, now)
    endings = tuple(_endings(book, now, summaries.next_moment(rhythm, now)))
    ways = tuple(_ways(book, account.since, now, addresses))
    has_news = chosen.has_news or bool(endings or ways)
    after = Account(since=now, told_at=account.told_at, totals=summaries.kept(glances))
    if not has_news and not summaries.is_day_of_life(rhythm, now):
        book.save_account(after)
        return 0
    book.save_account(replace(after, told_at=now))
    summary = _summary(book, chosen, header, since=account.since if has_news else account.told_at)
    return _enqueue(book, replace(summary, endings=endings, ways=ways), rhythm, now, policy, addresses)


def _enqueue(book: Book, summary: Summary, rhythm: Rhythm, now: float, policy: Policy, addresses: Addresses) -> int:
    channel = routing.substitute(rhythm.channel, policy.channels)
    if policy.channels[channel] is Ability.FORWARDS:
        return 0
    message = Message(
        reason=Reason.SUMMARY,
        state=State.NEUTRAL,
        at=now,
        count=0,  # what it counts was told, or is told, in other messages
        total=0,
        episode_began_at=summary.since,
        first_seen_at=summary.since,
        last_seen_at=now,
        summary=summary,
        notes=policy.notes,
    )
    delivery = Delivery(channel=channel, verb=Verb.POST, key=f"summary/{now}", message=message)
    book.enqueue(delivery, addresses[channel], now)
    return 1


def _summary(book: Book, chosen: Chosen, header: Header, *, since: float) -> Summary:
    return Summary(
        app=str(header["app"]),
        environment=str(header["environment"]),
        host=str(header["host"]),
        since=since,
        begun=_items(book, chosen.begun, chosen.times),
        over=_items(book, chosen.over, chosen.times),
        firing=_items(book, chosen.firing, chosen.times),
        noisiest=_items(book, chosen.noisiest, chosen.times),
        checks=sum(1 for watch in book.all_watches() if watch.name),
    )


def _items(book: Book, names: Sequence[str], times: Mapping[str, int]) -> Items:
    groups = [group for name in names[:SHOWN_MAX] if (group := book.group(name))]
    shown = tuple(Item.of(each.sample, _standing(each), times[each.fingerprint], each.began_at) for each in groups)
    return Items(shown=shown, number=len(names))


def _standing(group: Group) -> Standing:
    if group.phase is Phase.QUIET:
        return Standing.OVER
    if group.silence:
        return Standing.SILENCED
    return Standing.ACKNOWLEDGED if group.acknowledged_at else Standing.FIRING


def _endings(book: Book, now: float, till: float) -> Iterator[Ending]:
    """The silences that end before the next summary."""
    found = [each for each in book.silences(now) if each.until <= till and not silences.is_used_up(each)]
    for silence in sorted(found, key=lambda each: (each.until, each.id)):
        yield Ending(why=silence.why, until=silence.until, held=silence.held)


def _ways(book: Book, since: float, now: float, addresses: Addresses) -> Iterator[Way]:
    """The destinations that messages do not get through to, each under the first of its channels."""
    first = {destination: channel for channel, destination in sorted(addresses.items(), reverse=True)}
    for destination, channel in sorted(first.items(), key=lambda each: each[1]):
        line = book.line(destination, channel)
        waiting, oldest_at = book.oldest_waiting(destination)
        rejected, word = book.refused(destination, since)
        is_dead = line.dead_word is not None
        is_stuck = is_dead or fails(line, oldest_at, now)
        if is_stuck or rejected:
            yield Way(
                channel=channel,
                word=line.last_word if is_stuck else "",
                is_dead=is_dead,
                waiting=waiting if is_stuck else 0,
                oldest_at=oldest_at if is_stuck else 0.0,
                rejected=rejected,
                rejected_word=word,
            )
