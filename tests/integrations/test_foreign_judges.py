"""Our judge beside two that others wrote: where they differ is listed with the reason, and they differ nowhere else."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings

sys.path.append(str(Path(__file__).parents[1] / "spec"))

from builder_cards import cards
from foreign_judges import Verdict, by_slackblocks, by_types
from payloads import RIGHT_BLOCKS, RIGHT_MESSAGES, WRONG_BLOCKS, WRONG_MESSAGES
from strategies import messages, styles

from bongsu.messages import slack
from bongsu.messages.message import Message
from bongsu.messages.style import Style
from bongsu.slack import Card, judge

SNAPSHOTS = Path(__file__).parents[1] / "spec" / "snapshots"

Json = dict[str, Any]
Opinions = tuple[Verdict, Verdict, Verdict]  # ours, Slack's types, slackblocks

PASSES, REFUSES, SILENT = Verdict.PASSES, Verdict.REFUSES, Verdict.SILENT

# who says what, why, and of which payloads of tests/spec/payloads.py
DISAGREEMENTS: list[tuple[Opinions, str, str]] = [
    (
        (REFUSES, PASSES, REFUSES),
        "types know no lengths, counts, or keys of which one is needed",
        (
            "block_id of 256 | section with nothing | section text empty | section text of 3 001 | 11 fields"
            " | no fields | field of 2 001 | header of 151 | header empty | context of 11 | image address of 3 001"
            " | image alt_text of 2 001 | markdown of 12 001 | 51 blocks | 101 attachments"
        ),
    ),
    (
        (REFUSES, PASSES, SILENT),
        "the same, in blocks that slackblocks does not read from JSON",
        (
            "26 actions | no actions | button text of 76 | button value of 2 001 | button address of 3 001"
            " | action_id of 256 | confirm title of 101 | overflow of 6 | checkboxes of 11 | option value of 151"
            " | rich text without parts | rich text empty | list indent of 9 | table of 101 rows | table of 21 cells"
            " | table of 10 001 | an empty cell | card with nothing | card title of 151 | card body of 201"
            " | card with 4 buttons | carousel of 11 | container without title | data table without rows below"
            " | data table of 20 002 | a second table | a table above and one below"
        ),
    ),
    (
        (REFUSES, PASSES, SILENT),
        "the page of the confirmation object wants all its texts, the types want one: ours is the stricter",
        "confirm without deny",
    ),
    (
        (REFUSES, PASSES, SILENT),
        "a plan's tasks may be any object in the types; the page of the block names task cards",
        "plan of sections",
    ),
    (
        (REFUSES, PASSES, REFUSES),
        "the types are those of all surfaces; alerts are for modals",
        "an alert, for modals only",
    ),
    (
        (REFUSES, PASSES, PASSES),
        "the block is in messages that are read, and its page says that apps cannot send it",
        "a file, which only Slack writes",
    ),
    (
        (REFUSES, PASSES, PASSES),
        "neither of them looks at the message as a whole, nor at an empty context",
        (
            "context of none | nothing | blank text | empty lists | text of 40 001 | the same block_id twice"
            " | too much in all | as much as was once refused | half a character"
        ),
    ),
    (
        (REFUSES, REFUSES, PASSES),
        "slackblocks takes what it knows and does not ask about the rest, nor about kinds of text",
        (
            "an unknown key | emoji in mrkdwn | verbatim a word | header in mrkdwn | image without alt_text"
            " | image title in mrkdwn | text a number | an attachment's title a list | more than anybody reads"
        ),
    ),
    (
        (PASSES, REFUSES, PASSES),
        "Slack takes null for a missing key and a number as an attachment's time; a message may have more keys",
        "a null that means nothing | an old attachment | text with other keys",
    ),
    (
        (PASSES, REFUSES, SILENT),
        "docs.slack.dev skips a column of a table with null; charts came in 2026-06, after these types",
        "table | chart | bar chart",
    ),
]


def _payloads() -> dict[str, Any]:
    """Those of the judge's own table that JSON can carry."""
    of_blocks = {name: {"blocks": [block]} for name, block in RIGHT_BLOCKS.items()}
    of_blocks |= {name: {"blocks": [block]} for name, block, _ in WRONG_BLOCKS}
    whole = {**RIGHT_MESSAGES, **{name: payload for name, payload, *_ in WRONG_MESSAGES}}
    return {name: payload for name, payload in (of_blocks | whole).items() if _is_json(payload)}


def _is_json(payload: Any) -> bool:
    try:
        json.dumps(payload, allow_nan=False)
    except (TypeError, ValueError):
        return False
    return isinstance(payload, dict)


def _built() -> list[Card]:
    """Sixty cards that people might build."""
    found: list[Card] = []

    @settings(max_examples=60, database=None, phases=[Phase.generate], derandomize=True)
    @given(cards())
    def collect(card: Card) -> None:
        found.append(card)

    collect()
    return found


def _rendered() -> list[Json]:
    """Sixty messages of ours, about anything."""
    found: list[Json] = []

    @settings(
        max_examples=60,
        database=None,
        phases=[Phase.generate],
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(messages(), styles)
    def collect(message: Message, style: Style) -> None:
        found.append(slack.payload(message, style))

    collect()
    return found


def _snapshots() -> dict[str, Json]:
    """Every card of ours as it was reviewed, in each language and mode."""
    return {
        f"snapshot {path.stem} {language} {mode}": payload
        for path in SNAPSHOTS.glob("*.json")
        for language, modes in json.loads(path.read_text("utf-8")).items()
        for mode, payload in modes.items()
        if isinstance(payload, dict)  # that for a terminal is text
    }


@pytest.fixture(scope="module")
def opinions(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Opinions, str]]:
    """What all three say of each payload, and what the types say is wrong. The compiler runs once."""
    payloads = _payloads()
    payloads |= {f"built card {at}": card.to_payload() for at, card in enumerate(_built())}
    payloads |= {f"our message {at}": payload for at, payload in enumerate(_rendered())}
    payloads |= _snapshots()
    wrong = by_types(list(payloads.values()), tmp_path_factory.mktemp("types"))
    return {
        name: ((_said(judge(payload)), _said(text), by_slackblocks(payload)), text)
        for (name, payload), text in zip(payloads.items(), wrong, strict=True)
    }


def _said(trouble: object) -> Verdict:
    return REFUSES if trouble else PASSES


def _agree(opinions: Opinions) -> bool:
    return len(set(opinions) - {SILENT}) == 1


def test_the_judges_differ_where_it_is_listed_and_nowhere_else(opinions: dict[str, tuple[Opinions, str]]) -> None:
    listed = {name: said for said, _, names in DISAGREEMENTS for name in names.split(" | ")}
    found = {name: opinions[name][0] for name in _payloads() if not _agree(opinions[name][0])}
    assert found == listed


@pytest.mark.parametrize("kind", ["built card", "our message", "snapshot"])
def test_what_we_make_passes_all_three(opinions: dict[str, tuple[Opinions, str]], kind: str) -> None:
    made = {name: said for name, said in opinions.items() if name.startswith(f"{kind} ")}
    assert len(made) >= 50
    assert {name: said for name, said in made.items() if REFUSES in said[0]} == {}


def test_a_wrong_payload_is_named_by_the_types(opinions: dict[str, tuple[Opinions, str]]) -> None:
    assert '"colour"' in opinions["an unknown key"][1]
    assert opinions["section"][1] == ""
