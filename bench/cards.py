"""What a card costs, from its facts to Slack's JSON; beside slackblocks, which is given the finished texts."""

import sys
import time
from collections.abc import Callable, Iterator
from statistics import median

from slackblocks import (
    Attachment,
    Block,
    ContextBlock,
    Message,
    RichText,
    RichTextBlock,
    RichTextCodeBlock,
    RichTextElement,
    RichTextLink,
    RichTextList,
    RichTextObject,
    RichTextSection,
    SectionBlock,
    Text,
)

from bench.table import Row, seconds, times
from bongsu.messages import gallery, slack
from bongsu.messages.gallery import Sample
from bongsu.messages.slack import Json
from bongsu.messages.style import LANGUAGES

CARD_MAX_S = 0.000_300
TIMED = 40  # of each card in a round
WARM_UP = 5


def rendering(rounds: int) -> Iterator[Row]:
    """Every card of the gallery in both languages, with its links."""
    ours: list[float] = []
    peer: list[float] = []
    for number in range(rounds):
        print(f"cards, round {number + 1} of {rounds}", file=sys.stderr)
        for language in LANGUAGES:
            for sample in gallery.cards():
                ours += _ours(sample, gallery.style(language))
                peer += _timed(_rebuilt(gallery.payload(sample, gallery.Mode.FIRST, gallery.style(language))))
    yield _row("one card rendered, all of the gallery", ours, peer)
    worst = [_ours(sample, gallery.style(language)) for language in LANGUAGES for sample in gallery.cards()]
    slowest_s = max(median(figures) for figures in worst)
    is_met = slowest_s <= CARD_MAX_S
    yield Row(what="the slowest of them", ours=f"p50 {seconds(slowest_s)}", must="≤ 300 µs", met=is_met)


def _row(what: str, ours: list[float], peer: list[float]) -> Row:
    return Row(
        what=what,
        ratio=times(median(ours), median(peer)),
        ours=f"p50 {seconds(median(ours))}",
        peer=f"slackblocks, from finished texts, p50 {seconds(median(peer))}",
        must="≤ 300 µs",
        met=median(ours) <= CARD_MAX_S,
    )


def _ours(sample: Sample, style: gallery.Style) -> list[float]:
    return _timed(lambda: slack.payload(sample.message, style))


def _rebuilt(payload: Json) -> Callable[[], object]:
    """The same card by slackblocks."""

    def build() -> object:
        blocks = [_block(one) for one in payload["blocks"]]
        attached = [
            Attachment(blocks=[_block(block) for block in one["blocks"]], color=one.get("color"))
            for one in payload.get("attachments", ())
        ]
        return Message(channel="C1", text=payload["text"], blocks=blocks, attachments=attached).to_dict()

    return build


def _block(block: Json) -> Block:
    if block["type"] == "rich_text":
        return RichTextBlock([_part(part) for part in block["elements"]])
    if block["type"] == "context":
        return ContextBlock([Text(one["text"]) for one in block["elements"]])
    return SectionBlock(fields=[Text(one["text"]) for one in block["fields"]])


def _part(part: Json) -> RichTextObject:
    if part["type"] == "rich_text_list":
        return RichTextList(style=part["style"], elements=[_part(one) for one in part["elements"]])
    leaves = [_leaf(one) for one in part["elements"]]
    return RichTextCodeBlock(leaves) if part["type"] == "rich_text_preformatted" else RichTextSection(leaves)


def _leaf(leaf: Json) -> RichTextElement:
    if leaf["type"] == "link":
        return RichTextLink(leaf["url"], leaf.get("text"))
    return RichText(leaf["text"], **leaf.get("style", {}))


def _timed(work: Callable[[], object]) -> list[float]:
    for _ in range(WARM_UP):
        work()
    figures = []
    for _ in range(TIMED):
        before = time.perf_counter()
        work()
        figures.append(time.perf_counter() - before)
    return figures
