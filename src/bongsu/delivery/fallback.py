"""Another channel stands in for one that cannot be reached: when it does, and what it is told.

The rows stay where they are. Whichever of the two answers yes first has told them, so nothing is told twice that is not
in doubt, nothing moves to a channel that turns out to be no better, and a fallback needs none itself.
"""

from bongsu.alerting.decision import Reason
from bongsu.messages.delivery import Verb
from bongsu.messages.message import Message
from bongsu.store import Book, Line, Row

LOOK_S = 5.0  # when nothing was there to be told, between two looks: each reads all that waits


def is_unreachable(line: Line, now: float, after_s: float) -> bool:
    """Whether a destination that says nothing of being dead has failed for that long."""
    return line.dead_word is None and line.down_since is not None and now - line.down_since >= after_s


def untold(book: Book, line: Line, elsewhere: str) -> list[Row]:
    """What waits for a destination, is news, and was not told `elsewhere` in this outage; the oldest first."""
    rows = book.rows(destination=line.destination, state="waiting")
    return [row for row in rows if _stands_alone(book, row) and not _is_marked(book, row, line, elsewhere)]


def mark(book: Book, row: Row, elsewhere: str, now: float) -> None:
    """Remember that `elsewhere` was told of a row that waits on, or refused it: once in an outage is enough."""
    line = book.line(row.destination, row.channel)
    book.save_receipt(elsewhere, _name(row), {"down_since": str(line.down_since)}, now)


def is_nicety(row: Row) -> bool:
    """Whether the row says nothing without the message it belongs to: a reply, a file, new numbers."""
    return row.verb in (Verb.REPLY, Verb.STACK) or (row.verb is Verb.EDIT and row.message.reason is Reason.UPDATED)


def is_news(message: Message) -> bool:
    """Whether a forwarded message is the first of its problem, or a record. The others wait for their server."""
    return message.reason is Reason.RECORD or message.count == message.total


def _stands_alone(book: Book, row: Row) -> bool:
    """Whether the row is a message for people that cannot wait. An edit of what they have seen waits for its turn."""
    match row.verb:
        case Verb.POST:
            return row.message.reason is not Reason.SUMMARY
        case Verb.FORWARD:
            return is_news(row.message)
        case Verb.REPLY:
            return book.receipt(row.destination, row.key) is not None
        case Verb.EDIT:
            return not is_nicety(row) and book.receipt(row.destination, row.key) is None
    return False


def _is_marked(book: Book, row: Row, line: Line, elsewhere: str) -> bool:
    found = book.receipt(elsewhere, _name(row))
    return found is not None and found.get("down_since") == str(line.down_since)


def _name(row: Row) -> str:
    """A key that no message of that destination has."""
    return f"for {row.destination} {row.key}"
