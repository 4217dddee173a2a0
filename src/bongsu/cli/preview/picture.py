"""A card as a picture."""

from pathlib import Path
from typing import Any

from bongsu.cli.preview import chromium
from bongsu.cli.preview.choice import Theme
from bongsu.cli.preview.judged import TIME
from bongsu.messages import drawing
from bongsu.messages.style import Language

WIDTH = 640  # of the picture in CSS pixels: a channel beside an open thread
SCALE = 2.0  # sharp on the screens of today


def taken(
    browser: chromium.Chromium,
    payload: dict[str, Any],
    *,
    language: Language,
    theme: Theme,
    time: str = TIME,
    scale: float = SCALE,
) -> bytes:
    """A PNG of the message in the channel."""
    body = f"<main>{drawing.message(payload, time=time)}</main>"
    page = drawing.document(body, title="", language=language, theme=theme)
    return browser.open(page, width=WIDTH, scale=scale).png("article")


def written(to: Path, payload: dict[str, Any], *, language: Language, theme: Theme) -> int:
    """Write it, and say how many bytes it has. Raises ChromiumError or OSError."""
    with chromium.started() as browser:
        picture = taken(browser, payload, language=language, theme=theme)
    return to.write_bytes(picture)
