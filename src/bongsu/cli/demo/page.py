"""The team's Slack on a local page: every message in its newest state."""

import contextlib
from collections.abc import Callable, Iterator
from datetime import datetime

from bongsu.cli import loopback
from bongsu.cli.loopback import NOT_FOUND, Answer, Request
from bongsu.messages import drawing
from bongsu.messages.delivery import Verb
from bongsu.messages.style import Language
from bongsu.testing import Received

TITLE = "Check-in team"
REFRESH_S = 2


def drawn(received: list[Received], language: Language, *, refresh_s: int | None = REFRESH_S) -> str:
    """The page for what has come in so far."""
    cards = [_card(post, received) for post in received if post.verb is Verb.POST and post.accepted]
    return drawing.page(cards, title=TITLE, refresh_s=refresh_s, language=language)


def of_day(at: float) -> str:
    """`14:26:00`, here."""
    return f"{datetime.fromtimestamp(at).astimezone():%H:%M:%S}"


def _card(post: Received, received: list[Received]) -> tuple[str, str, drawing.Json]:
    edits = [each for each in received if each.verb is Verb.EDIT and each.accepted and each.ts == post.ts]
    if not edits:
        return post.channel, of_day(post.at), post.payload
    return post.channel, f"{of_day(post.at)} (edited {of_day(edits[-1].at)})", edits[-1].payload


@contextlib.contextmanager
def served(draw: Callable[[], str], port: int) -> Iterator[str]:
    """The page on loopback, drawn anew at each request; its address. Raises OSError if the port is taken."""

    def answer(request: Request) -> Answer:
        return Answer(body=draw()) if (request.method, request.path) == ("GET", "/") else NOT_FOUND

    with loopback.served(answer, port) as address:
        yield address
