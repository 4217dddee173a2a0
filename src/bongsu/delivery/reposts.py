"""A message that somebody deleted while its problem lasts is posted anew with its next numbers."""

from bongsu.alerting.decision import Reason
from bongsu.messages.delivery import Verb
from bongsu.messages.message import State
from bongsu.store import Book, Row

DELETED = "message_not_found"  # Slack's other words may forbid each edit, and then each would become a new message
REPOSTS_MAX = 3  # in one episode: whoever deletes it again and again means it


def is_due(book: Book, row: Row, word: str) -> bool:
    """Whether to post new numbers as a message of their own, after an edit was refused with this word."""
    if row.verb is not Verb.EDIT or row.message.reason is not Reason.UPDATED or word != DELETED:
        return False
    return row.message.state is State.FIRING and _count(book, row) < REPOSTS_MAX


def note(book: Book, row: Row, now: float) -> None:
    """Remember that it was due once more."""
    book.save_receipt(row.destination, _name(row), {"count": str(_count(book, row) + 1)}, now)


def _count(book: Book, row: Row) -> int:
    found = book.receipt(row.destination, _name(row))
    return int(found["count"]) if found else 0


def _name(row: Row) -> str:
    """A key that no message has."""
    return f"deleted {row.key}"
