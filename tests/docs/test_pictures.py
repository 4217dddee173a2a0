"""The pictures of the docs are few and small, and each is shown somewhere; every card is listed."""

import re

from pages import PAGES, ROOT

from bongsu.messages import gallery

PICTURES = sorted((ROOT / "docs/images").glob("*.png"))
PICTURE_BYTES_MAX = 150_000
ALL_BYTES_MAX = 1_000_000


def test_pictures_are_small() -> None:
    sizes = {picture.name: picture.stat().st_size for picture in PICTURES}
    assert {name: size for name, size in sizes.items() if size > PICTURE_BYTES_MAX} == {}
    assert sum(sizes.values()) < ALL_BYTES_MAX


def test_every_picture_is_shown_on_a_page() -> None:
    text = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    assert [picture.name for picture in PICTURES if f"images/{picture.name}" not in text] == []


def test_the_page_of_cards_lists_those_there_are_in_their_order() -> None:
    """docs/images/make.py writes it."""
    text = (ROOT / "docs/reference/cards.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| ([^|]*) \| ([^|]*) \|$", text, re.MULTILINE)
    words = (", ".join(f"`{mode.value.replace('_', '-')}`" for mode in sample.modes) for sample in gallery.cards())
    names = ((sample.name, sample.title) for sample in gallery.cards())
    assert rows == [(*name, modes) for name, modes in zip(names, words, strict=True)]
