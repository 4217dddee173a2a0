"""Our drawing beside that of slack-blocks-to-jsx in a real Chromium: the same words, marked alike, in like places.

What a picture shows is not compared point by point: fonts and single pixels differ, and only Slack is Slack.
"""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import slack_fidelity as fidelity
from slack_fidelity import OURS, THEIRS, Blocks, Theme, differences, measured, our_page, their_page, theirs

from bongsu.cli.preview import chromium
from bongsu.cli.preview.chromium import Chromium
from bongsu.messages import drawing, gallery
from bongsu.messages.gallery import Mode
from bongsu.messages.style import Language

THEMES: tuple[Theme, ...] = ("light", "dark")


@pytest.fixture(scope="module")
def browser() -> Iterator[Chromium]:
    with chromium.started() as started:
        yield started


def mrkdwn(text: str) -> dict[str, Any]:
    return {"type": "mrkdwn", "text": text}


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def section(text: str, **more: Any) -> dict[str, Any]:
    return {"type": "section", "text": mrkdwn(text), **more}


def button(text: str, **more: Any) -> dict[str, Any]:
    return {"type": "button", "text": plain(text), "action_id": text, **more}


def rich(*parts: tuple[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "rich_text", "elements": [{"type": f"rich_text_{kind}", **more, **rest} for kind, rest in parts]}


def says(*leaves: Any) -> dict[str, Any]:
    return {"elements": [{"type": "text", "text": one} if isinstance(one, str) else one for one in leaves]}


def styled(text: str, *marks: str) -> dict[str, Any]:
    return {"type": "text", "text": text, "style": dict.fromkeys(marks, True)}


def listed(style: str, *items: str, **more: Any) -> tuple[str, Any]:
    elements = [{"type": "rich_text_section", **says(item)} for item in items]
    return "list", {"style": style, "elements": elements, **more}


ALIKE: Blocks = [
    {"type": "header", "text": plain("The nightly import has failed")},
    section("plain *bold* _italic_ ~gone~ `code` <https://x.example/a|a link> &amp; &lt;b&gt; snake_case_name"),
    section("한국어 *굵게* _기울임_ `코드` 끝, *first* and\n*second* line"),
    section("a word and another, _ and ~ alone"),
    section("> quoted *text*\n> goes on\nafter it"),
    section("```def f():\n    return 1```"),
    section("a bare https://x.example/path?a=1 address"),
    section("with a button", accessory=button("Runbook", url="https://x.example/run")),
    {"type": "section", "fields": [mrkdwn(f"*{name}*\n`{name.lower()}`") for name in ("APP", "ENV", "HOST", "COUNT")]},
    {"type": "divider"},
    {"type": "context", "elements": [mrkdwn("small *bold*"), plain("and literal")]},
    {"type": "actions", "elements": [button("One"), button("Two", style="primary"), button("Three", style="danger")]},
    rich(("section", says("plain ", styled("bold", "bold"), " ", styled("both", "bold", "italic"), " end"))),
    rich(("section", says(styled("code", "code"), " ", styled("gone", "strike"), " *literal*"))),
    rich(("section", says("to ", {"type": "link", "url": "https://x.example/b", "text": "a page"}))),
    rich(("section", says({"type": "user", "user_id": "U1"}, " in ", {"type": "channel", "channel_id": "C1"}))),
    rich(("preformatted", says("Traceback:\n  File a.py, line 3\nKeyError: 'b'"))),
    rich(("quote", says("somebody's words"))),
    rich(listed("bullet", "one", "two"), listed("bullet", "deeper", indent=1), listed("ordered", "first", "second")),
    rich(("section", says("lines\nof text")), ("preformatted", says("code")), ("section", says("below"))),
]  # fmt: skip

# Where the two part: why, and on which measures. An entry that no longer holds fails its test.
DIFFERENT: list[tuple[str, Any, set[str]]] = [
    ("theirs reads marks inside of code and between letters; Slack does not", section("`a*b*c` 2*3*4"), {"words"}),
    ("theirs doubles a lone star", section("a word* and * another"), {"words"}),
    (
        "theirs reads marks in plain text too",
        {"type": "context", "elements": [plain("*literal*")]},
        {"words"},
    ),
    (
        "theirs takes a colon in a label for an emoji",
        section("in <https://x.example/|a.py:41> since 14:26"),
        {"words"},
    ),
    ("theirs makes a link of what may be an address", section("checkin@example.com, after it"), {"words"}),
    ("theirs sets sections side by side", rich(("section", says("one")), ("section", says("two"))), {"height"}),
    (
        "theirs shows a caller in bold, and in brown",
        rich(("section", says({"type": "broadcast", "range": "here"}))),
        {"marks", "colour"},
    ),
    ("theirs draws an entity in code twice", section("```a &lt; b &amp;&amp; c```"), {"words"}),
    (
        "theirs fetches pictures; ours is a frame with the alternative text",
        {"type": "image", "image_url": "https://x.example/i.png", "alt_text": "a graph"},
        {"words", "height"},
    ),
    (
        "theirs gives the lists of the block `markdown` the height of paragraphs",
        {"type": "markdown", "text": "# Title\n**bold**\n- one\n- two\n- three"},
        {"height"},
    ),
    (
        "theirs folds no long text; Slack does",
        section("\n".join(f"line {number}" for number in range(12))),
        {"height"},
    ),
]


def compared(browser: Chromium, blocks: Blocks, theme: Theme, html: str = "") -> list[tuple[str, str]]:
    ours = measured(browser, our_page(blocks, theme), OURS)
    [html] = [html] if html else theirs([blocks], theme)
    return differences(ours, measured(browser, their_page(html, theme), THEIRS))


@pytest.mark.parametrize("theme", THEMES)
def test_every_kind_of_block_says_the_same_in_the_same_way_and_place(browser: Chromium, theme: Theme) -> None:
    found = compared(browser, ALIKE, theme)
    # Their dark theme leaves code, captions and coloured buttons in the colour of plain text.
    assert [one for one in found if (theme, one[0]) != ("dark", "colour")] == []


@pytest.mark.parametrize("language", ["en", "ko"])
def test_every_card_of_the_gallery_does(browser: Chromium, language: Language) -> None:
    blocks = list(_blocks_of_cards(language))
    pages = [blocks[at : at + BLOCKS_A_PAGE] for at in range(0, len(blocks), BLOCKS_A_PAGE)]
    for page, html in zip(pages, theirs(pages, "light"), strict=True):
        assert compared(browser, page, "light", html) == []


BLOCKS_A_PAGE = 90  # a picture is 8 000 points high at most


def _blocks_of_cards(language: Language) -> Iterator[dict[str, Any]]:
    """Attachments too, as blocks: slack-blocks-to-jsx draws none."""
    for sample in gallery.cards():
        payload = gallery.payload(sample, Mode.FIRST, gallery.style(language))
        lists = [payload.get("blocks", []), *(one.get("blocks", []) for one in payload.get("attachments", []))]
        for block in (block for blocks in lists for block in blocks):
            yield from _apart(json.loads(_tamed(json.dumps(block, ensure_ascii=False))))


def _tamed(text: str) -> str:
    """Without what the two are known to read differently; see DIFFERENT."""
    text = re.sub(r"(<https?:[^|>]*\|)([^>:]*):", r"\1\2.", text)
    return fidelity.DRAWN_SIGNS.sub("", text.replace("@", "-"))


def _apart(block: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Each section of a rich text as a block of its own."""
    if block["type"] != "rich_text":
        yield block
    else:
        yield from ({"type": "rich_text", "elements": [part]} for part in block["elements"])


@pytest.fixture(scope="module")
def drawn_apart() -> dict[str, str]:
    whys = [why for why, _, _ in DIFFERENT]
    return dict(zip(whys, theirs([[block] for _, block, _ in DIFFERENT], "light"), strict=True))


@pytest.mark.parametrize(("why", "block", "measures"), DIFFERENT, ids=[why for why, _, _ in DIFFERENT])
def test_where_the_two_part_is_known_and_why(
    browser: Chromium, drawn_apart: dict[str, str], why: str, block: Any, measures: set[str]
) -> None:
    found = {measure for measure, _ in compared(browser, [block], "light", drawn_apart[why])}
    assert found - {"ink", "edge"} == measures  # they only follow what else differs


def _without(pattern: str, by: str = "") -> Callable[[str], str]:
    def changed(page: str) -> str:
        found, count = re.subn(pattern, by, page)
        assert count, pattern
        return found

    return changed


def _swapped(one: str, other: str) -> Callable[[str], str]:
    names = {one: other, other: one}
    return lambda page: re.sub(f"<(/?)({one}|{other})>", lambda tag: f"<{tag[1]}{names[tag[2]]}>", page)


# Defects that somebody could build into the drawing, and the measure that sees each.
MUTATIONS: list[tuple[str, Callable[[str], str], str]] = [
    ("a block gets lost", _without(r'<div class="block divider".*?</div>'), "blocks"),
    ("a word gets lost", _without("another"), "words"),
    ("words change places", _without("one</li><li>two", "two</li><li>one"), "words"),
    ("bold is not bold", _without(r"<(/?)b>", r"<\1span>"), "marks"),
    ("code is not code", _without(r"<(/?)code>", r"<\1span>"), "marks"),
    ("a link leads nowhere", _without('href="https://x.example/b"', 'href="https://x.example/"'), "marks"),
    ("text is too large", _without("font:15px", "font:24px"), "height"),
    ("fields stand below each other", _without("fields{display:grid", "fields{display:block"), "height"),
    ("blocks lie upon each other", _without("margin:4px 0 8px", "margin:-40px 0 0"), "gap"),
    ("blocks are too narrow", _without("max-width:600px", "max-width:400px"), "width"),
    ("quotes are not indented", _without("padding-left:12px", "padding-left:0"), "start"),
    ("quotes have no bar", _without(r'blockquote::before\{content:"";', "blockquote::before{"), "edge"),
    ("bold and italic are swapped", _swapped("b", "em"), "marks"),
    ("lists are not indented", _without(r"\.indent-1\{margin-left:28px\}"), "start"),
    ("code loses its lines", _without("white-space:pre-wrap", "white-space:normal"), "lines"),
    ("fields have three columns", _without("1fr 1fr", "1fr 1fr 1fr"), "start"),
    ("headers are small", _without("font-size:18px", "font-size:12px"), "size"),
    ("links look like text", _without(r"a\{color:var\(--link\)", "a{color:inherit"), "colour"),
    ("text has the colour of the page", _without(r"--text:#1d1c1d", "--text:#fff"), "ink"),
]  # fmt: skip


@pytest.fixture(scope="module")
def right(browser: Chromium) -> list[fidelity.Block]:
    [html] = theirs([ALIKE], "light")
    return measured(browser, their_page(html, "light"), THEIRS)


@pytest.mark.parametrize(("what", "change", "measure"), MUTATIONS, ids=[what for what, _, _ in MUTATIONS])
def test_a_broken_drawing_is_seen(
    browser: Chromium, right: list[fidelity.Block], what: str, change: Callable[[str], str], measure: str
) -> None:
    broken = measured(browser, change(our_page(ALIKE, "light")), OURS)
    assert measure in {found for found, _ in differences(broken, right)}


def test_an_attachment_has_its_bar_on_the_left_as_high_as_what_it_holds(browser: Chromium) -> None:
    """slack-blocks-to-jsx draws no attachments, so this is measured alone."""
    card = {"attachments": [{"color": "#a30200", "blocks": [section("one\ntwo"), section("three")]}]}
    tab = browser.open(drawing.document(drawing.card(card), title="", language="en"), width=fidelity.WIDTH)
    bar, inside, fill = tab.value(_BAR)
    assert (bar["x"], bar["width"], fill) == (0, 4, "rgb(163, 2, 0)")
    assert bar["height"] >= inside["height"] > 60
    assert inside["x"] == 16


_BAR = """(() => {
    const [bar, inside] = [".bar rect", ".inside"].map((name) => document.querySelector(name));
    const [left, right] = [bar, inside].map((one) => one.getBoundingClientRect().toJSON());
    return [left, right, getComputedStyle(bar).fill];
})()"""
