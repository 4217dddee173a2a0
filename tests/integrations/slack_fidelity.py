"""Two drawings of the same blocks, laid out by a real Chromium and measured: what each block says, how, and where."""

import base64
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from bongsu.cli.preview.chromium import Chromium, Tab
from bongsu.messages import drawing

ROOT = Path(__file__).parents[2]
INSTALLED = Path(os.environ.get("BONGSU_TEST_SLACK_BLOCKS") or ROOT / ".venv" / "slack_blocks")
SCRIPT = Path(__file__).with_name("slack_blocks_render.cjs")
WIDTH = 600  # both get the same room

_FONT = re.findall(r"font:15px/[\d.]+ ([^}]+)", drawing.CSS)[0]  # both get the same, so that lines break alike

Theme = Literal["light", "dark"]
Blocks = list[dict[str, Any]]

# Inside the page: each block's box, and each word with what marks it, by computed style and not by tag.
_MEASURE = r"""(selector => {
  const own = (node, test) => node.id !== "room" && (test(node) || own(node.parentElement, test));
  const style = (at, name) => getComputedStyle(at)[name];
  const room = document.getElementById("room").getBoundingClientRect();
  const words = (block) => {
    const found = [], walker = document.createTreeWalker(block, NodeFilter.SHOW_TEXT);
    for (let node; (node = walker.nextNode()); ) {
      const at = node.parentElement;
      if (at.closest("li > span:first-child, summary, svg, .warn") || style(at, "display") === "none") continue;
      for (const match of node.data.matchAll(/\S+|\s+/g)) {
        if (!match[0].trim()) continue;
        const range = document.createRange();
        range.setStart(node, match.index); range.setEnd(node, match.index + match[0].length);
        const rects = range.getClientRects();
        const place = rects[0], last = rects[rects.length - 1];
        const marks = [];
        if (own(at, (one) => parseInt(style(one, "fontWeight")) >= 600)) marks.push("bold");
        if (own(at, (one) => style(one, "fontStyle") === "italic")) marks.push("italic");
        if (own(at, (one) => style(one, "textDecorationLine").includes("line-through"))) marks.push("strike");
        if (/mono/i.test(style(at, "fontFamily"))) marks.push("code");
        const link = at.closest(".button") ? "" : at.closest("a")?.getAttribute("href");
        if (link) marks.push(link);
        const size = parseFloat(style(at, "fontSize"));
        const colour = style(at, "color").match(/\d+/g).slice(0, 3).map(Number);
        const letters = { text: match[0], marks: marks.join(" "), size, colour };
        found.push({ ...letters, x: place.x - room.x, y: place.y - room.y, end_y: last.y - room.y });
      }
    }
    return found;
  };
  return [...document.querySelectorAll(selector)].map((block) => {
    const box = block.getBoundingClientRect();
    return { x: box.x - room.x, y: box.y - room.y, width: box.width, height: box.height, words: words(block) };
  });
})"""

# How much of a picture's part stands out from the page, and how much of that in its first twelve columns, where quotes
# have their bars: text that nobody can see leaves no ink.
_INK = r"""(async (png, boxes) => {
  const image = new Image(); image.src = "data:image/png;base64," + png; await image.decode();
  const canvas = document.createElement("canvas"); canvas.width = image.width; canvas.height = image.height;
  const context = canvas.getContext("2d"); context.drawImage(image, 0, 0);
  const ground = [...context.getImageData(image.width - 1, image.height - 1, 1, 1).data].slice(0, 3);
  return boxes.map(({ x, y, width, height }) => {
    const wide = Math.max(1, Math.floor(width)), high = Math.max(1, Math.floor(height));
    const { data } = context.getImageData(Math.floor(x), Math.floor(y), wide, high);
    let ink = 0, edge = 0;
    for (let at = 0; at < data.length; at += 4) {
      const apart = ground.reduce((sum, one, part) => sum + Math.abs(data[at + part] - one), 0);
      ink += apart > 120;
      edge += apart > 40 && at % (wide * 4) < 48;
    }
    return [ink, edge];
  });
})"""


@dataclass(frozen=True, slots=True)
class Word:
    text: str
    marks: str
    size: float
    colour: tuple[int, int, int]
    x: float
    y: float
    end_y: float  # of its last letters: Korean is broken between any two


@dataclass(frozen=True, slots=True)
class Block:
    """One block as it was laid out; `ink` counts pixels that stand out, `edge` those at its left end."""

    x: float
    y: float
    width: float
    height: float
    ink: int
    edge: int
    words: tuple[Word, ...]


def theirs(lists: list[Blocks], theme: Theme) -> list[str]:
    """The HTML of slack-blocks-to-jsx."""
    node = shutil.which("node")
    assert node is not None, "node is missing: apt install nodejs"
    assert (INSTALLED / "node_modules").is_dir(), "make dev installs slack-blocks-to-jsx"
    done = subprocess.run(
        [node, str(SCRIPT), str(INSTALLED / "node_modules")],
        input=json.dumps({"theme": theme, "lists": _with_markup(lists)}),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return list(json.loads(done.stdout))


def _with_markup(value: Any) -> Any:
    """Without `verbatim`, behind which theirs reads no markup at all; Slack leaves only bare addresses as they are."""
    match value:
        case list():
            return [_with_markup(one) for one in value]
        case dict():
            return {key: _with_markup(one) for key, one in value.items() if key != "verbatim"}
    return value


def their_page(html: str, theme: Theme) -> str:
    css = (INSTALLED / "node_modules/slack-blocks-to-jsx/dist/style.css").read_text(encoding="utf-8")
    css = re.sub(r"font-family:-apple-system[^;}]*", f"font-family:{_FONT}", css)
    ground = "#1a1d21" if theme == "dark" else "#fff"
    own = f"body{{margin:0;background:{ground}}}"
    return (
        f'<!doctype html><meta charset="utf-8"><style>{css}</style><style>{own}</style>'
        f'<div id="slack_blocks_to_jsx" data-theme="{theme}"><div id="room" class="slack_blocks_to_jsx styles_enabled" '
        f'style="width:{WIDTH}px">{html}</div></div>'
    )


def our_page(blocks: Blocks, theme: Theme) -> str:
    room = f'<div id="room" style="width:{WIDTH}px">{drawing.card({"blocks": blocks})}</div>'
    return drawing.document(room, title="", language="en", theme=theme)


def measured(browser: Chromium, page: str, selector: str) -> list[Block]:
    """The blocks of a page, as Chromium lays them out and paints them."""
    tab = browser.open(page, width=WIDTH + 40, height=40)
    found = tab.value(f"document.fonts.ready.then(() => {_MEASURE}({json.dumps(selector)}))")
    inks = _inks(browser, tab, [{key: one[key] for key in ("x", "y", "width", "height")} for one in found])
    return [
        Block(**{**one, "words": tuple(Word(**word) for word in one["words"]), "ink": ink, "edge": edge})
        for one, (ink, edge) in zip(found, inks, strict=True)
    ]


def _inks(browser: Chromium, tab: Tab, boxes: list[dict[str, float]]) -> list[list[int]]:
    """Counted in a page of its own: ours lets no picture in."""
    shot = base64.b64encode(tab.png("#room")).decode()
    return list(browser.open("", width=1).value(f"{_INK}({json.dumps(shot)}, {json.dumps(boxes)})"))


OURS = "#room > .block"
THEIRS = ".slack_blocks_to_jsx--block_wrapper"

# How far two drawings may lie apart, in CSS pixels; a line of text is 22 high.
HEIGHT_PX, HEIGHT_SHARE = 12.0, 0.2
GAP_PX = 12.0  # between one block and the next
START_PX = 6.0  # of the first word of a line
LINES = 1  # where a long text breaks is a matter of single pixels
LOWER_PX = 10.0  # a word so much lower or higher than the one before stands in another line
SIZE_PX = 1.0  # of letters
COLOUR = 120  # red, green and blue apart, in all
INK_FACTOR = 3.0  # their dark code blocks have a lighter ground; text that cannot be seen has no ink

# We draw these ourselves, since servers have no emoji font.
DRAWN_SIGNS = re.compile("[🔴🟡🟢🔵⚪🔥⚠\N{VARIATION SELECTOR-16}]")


def differences(ours: list[Block], others: list[Block]) -> list[tuple[str, str]]:
    """Where two drawings of the same blocks part, each as (measure, what)."""
    if len(ours) != len(others):
        return [("blocks", f"{len(ours)} for {len(others)}")]
    found = [one for at in range(len(ours)) for one in _of_block(at, ours[at], others[at])]
    return found + [one for at in range(1, len(ours)) for one in _of_gap(at, ours, others)]


def _of_block(at: int, one: Block, other: Block) -> Iterator[tuple[str, str]]:
    told, wanted = _told(one), _told(other)
    if [word.text for word in told] != [word.text for word in wanted]:
        yield "words", f"block {at}: {_first_apart([w.text for w in told], [w.text for w in wanted])}"
    else:
        marks = [(word.text, word.marks) for word in told], [(word.text, word.marks) for word in wanted]
        if marks[0] != marks[1]:
            yield "marks", f"block {at}: {_first_apart(*marks)}"
        yield from _of_lines(at, told, wanted)
        yield from _of_letters(at, told, wanted)
    if abs(one.width - other.width) > 1:
        yield "width", f"block {at}: {one.width:.0f} for {other.width:.0f}"
    if abs(one.height - other.height) > max(HEIGHT_PX, HEIGHT_SHARE * other.height):
        yield "height", f"block {at}: {one.height:.0f} for {other.height:.0f}"
    if told and not other.ink <= INK_FACTOR * one.ink <= INK_FACTOR**2 * other.ink:
        yield "ink", f"block {at}: {one.ink} for {other.ink}"
    if bool(one.edge) != bool(other.edge):
        yield "edge", f"block {at}: {one.edge} for {other.edge}"


def _of_gap(at: int, ours: list[Block], others: list[Block]) -> Iterator[tuple[str, str]]:
    gaps = [blocks[at].y - blocks[at - 1].y - blocks[at - 1].height for blocks in (ours, others)]
    if min(gaps) < 0 or abs(gaps[0] - gaps[1]) > GAP_PX:
        yield "gap", f"above block {at}: {gaps[0]:.0f} for {gaps[1]:.0f}"


def _told(block: Block) -> list[Word]:
    """The words without the signs."""
    words = (replace(word, text=DRAWN_SIGNS.sub("", word.text)) for word in block.words)
    return [word for word in words if word.text]


def _of_lines(at: int, told: list[Word], wanted: list[Word]) -> Iterator[tuple[str, str]]:
    ours, others = _starts(told), _starts(wanted)
    if abs(len(ours) - len(others)) > LINES:
        yield "lines", f"block {at}: {len(ours)} for {len(others)}"
    apart = [abs(told[start].x - wanted[start].x) for start in ours & others]
    if max(apart, default=0.0) > START_PX:
        yield "start", f"block {at}: a line starts {max(apart):.0f} px apart"


def _starts(words: list[Word]) -> set[int]:
    """The words that begin a line, of a text or of a column."""
    return {at for at, word in enumerate(words) if at == 0 or abs(word.y - words[at - 1].end_y) > LOWER_PX}


def _of_letters(at: int, told: list[Word], wanted: list[Word]) -> Iterator[tuple[str, str]]:
    for one, other in zip(told, wanted, strict=True):
        if abs(one.size - other.size) > SIZE_PX:
            yield "size", f"block {at}: {one.text!r} {one.size} for {other.size}"
        if sum(abs(a - b) for a, b in zip(one.colour, other.colour, strict=True)) > COLOUR:
            yield "colour", f"block {at}: {one.text!r} {one.colour} for {other.colour}"


def _first_apart(ours: list[Any], others: list[Any]) -> str:
    pairs = zip([*ours, None], [*others, None], strict=False)
    return next((f"{one!r} for {other!r}" for one, other in pairs if one != other), "")
