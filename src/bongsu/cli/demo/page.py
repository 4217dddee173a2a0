"""The team's Slack on a local page: every message in its newest state."""

import contextlib
from collections.abc import Callable, Iterator
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from bongsu.messages import html
from bongsu.messages.delivery import Verb
from bongsu.messages.style import Language
from bongsu.testing import Received

TITLE = "Check-in team"
REFRESH_S = 2


def drawn(received: list[Received], language: Language, *, refresh_s: int | None = REFRESH_S) -> str:
    """The page for what has come in so far."""
    cards = [_card(post, received) for post in received if post.verb is Verb.POST and post.accepted]
    return html.page(cards, title=TITLE, refresh_s=refresh_s, language=language)


def of_day(at: float) -> str:
    """`14:26:00`, here."""
    return f"{datetime.fromtimestamp(at).astimezone():%H:%M:%S}"


def _card(post: Received, received: list[Received]) -> tuple[str, str, html.Json]:
    edits = [each for each in received if each.verb is Verb.EDIT and each.accepted and each.ts == post.ts]
    if not edits:
        return post.channel, of_day(post.at), post.payload
    return post.channel, f"{of_day(post.at)} (edited {of_day(edits[-1].at)})", edits[-1].payload


@contextlib.contextmanager
def served(draw: Callable[[], str], port: int) -> Iterator[str]:
    """The page on loopback, drawn anew at each request; its address. Raises OSError if the port is taken."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = self.path == "/"
            body = draw().encode() if found else b""
            self.send_response(200 if found else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the base class's own name
            """Nothing: the terminal belongs to the timeline."""

    with ThreadingHTTPServer(("127.0.0.1", port), Page) as server:
        server.daemon_threads = True
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
