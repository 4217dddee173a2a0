"""Which address answers with what."""

from collections.abc import Callable
from pathlib import Path

from bongsu.cli.loopback import NOT_FOUND, Answer, Request
from bongsu.cli.preview.choice import Choice, chosen, payload, samples
from bongsu.cli.preview.judged import judged, written
from bongsu.cli.preview.pages import editor_page, gallery_page
from bongsu.messages.drawing import CSS

_ASSETS = Path(__file__).parent / "assets"

# What the editor begins with where nothing was given.
_EXAMPLE = written(
    {
        "text": ":fire: The nightly import has failed",
        "blocks": [
            {"type": "header", "text": {"type": "plain_text", "text": "The nightly import has failed"}},
            {"type": "section", "text": {"type": "mrkdwn", "text": "*3 of 12* files are missing since `02:00`."}},
        ],
        "attachments": [{"color": "#a30200", "fields": [{"title": "HOST", "value": "batch-1", "short": True}]}],
    }
)


def site(choice: Choice, given: Callable[[], str] | None) -> Callable[[Request], Answer]:
    """`choice` is shown first; `given` reads the payload that somebody named, anew for each visit."""

    def answer(request: Request) -> Answer:
        asked = chosen(request.query, choice)
        match request.method, request.path:
            case "GET", "/":
                return Answer(body=gallery_page(asked if asked.card else asked.with_(card=next(iter(samples())))))
            case "GET", "/edit":
                text = _first_text(request, asked, given)
                return Answer(body=editor_page(text, judged(text), asked))
            case "GET", "/preview.css":
                return Answer(body=CSS + _asset("preview.css"), kind="text/css")
            case "GET", "/preview.js":
                return Answer(body=_asset("preview.js"), kind="text/javascript")
            case "POST", "/draw":
                return Answer(body=judged(request.body.decode("utf-8", "replace")).to_json(), kind="application/json")
        return NOT_FOUND

    return answer


def _first_text(request: Request, asked: Choice, given: Callable[[], str] | None) -> str:
    """What the editor shows first: the card that the address names, or the file of the command line."""
    if "card" in request.query and asked.card:
        return written(payload(asked))
    return given() if given else _EXAMPLE


def _asset(name: str) -> str:
    return (_ASSETS / name).read_text(encoding="utf-8")
