"""The gallery: a card for everything that can be told, each exactly as it was looked at."""

import json
import os
from pathlib import Path

import pytest

from bongsu.alerting.decision import Reason
from bongsu.event import Kind, Problem
from bongsu.messages import gallery, limits, text
from bongsu.messages.gallery import Mode, Sample
from bongsu.messages.judge import characters, judge
from bongsu.messages.message import State, Trouble
from bongsu.messages.style import LANGUAGES, Language

SNAPSHOTS = Path(__file__).parent / "snapshots"
CARDS = gallery.cards()
EVENTS = [sample.message.event for sample in CARDS if sample.message.event]
FINDINGS = [event.finding for event in EVENTS if event.finding]

EQUAL_BUT_FOR_ITS_WORD = {Problem.RESTARTED, Problem.RELOADED, Problem.DELETED, Problem.FINISHED}  # as STOPPED


def drawn(sample: Sample, language: Language) -> dict[str, object]:
    style = gallery.style(language)
    modes: dict[str, object] = {mode.value: gallery.payload(sample, mode, style) for mode in sample.modes}
    return modes | {"terminal": text.card(sample.message, style).split("\n")}


@pytest.mark.parametrize("sample", CARDS, ids=lambda sample: sample.name)
def test_every_card_is_exactly_this(sample: Sample) -> None:
    """UPDATE_SNAPSHOTS=1 writes them anew; look at the difference, and at the pictures, before committing it."""
    file = SNAPSHOTS / f"{sample.name}.json"
    found = {language: drawn(sample, language) for language in LANGUAGES}
    if os.environ.get("UPDATE_SNAPSHOTS"):
        file.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", "utf-8")
    assert found == json.loads(file.read_text("utf-8"))


def test_no_picture_is_left_of_a_card_that_is_gone() -> None:
    assert {file.stem for file in SNAPSHOTS.glob("*.json")} == {sample.name for sample in CARDS}


@pytest.mark.parametrize("linked", [True, False], ids=["linked", "not linked"])
@pytest.mark.parametrize("sample", CARDS, ids=lambda sample: sample.name)
def test_every_card_is_valid_and_within_the_budget(sample: Sample, linked: bool) -> None:
    for language in LANGUAGES:
        for mode in sample.modes:
            payload = gallery.payload(sample, mode, gallery.style(language, linked=linked))
            assert judge(payload) == []
            assert characters(payload) <= limits.BUDGET_CHARACTERS
            assert len(payload["text"]) <= (limits.BUDGET_PLAIN if mode is Mode.PLAIN else limits.BUDGET_TEXT)


def test_every_reason_state_kind_problem_and_trouble_has_a_card() -> None:
    assert {sample.message.reason for sample in CARDS} == set(Reason)
    assert {sample.message.state for sample in CARDS} == set(State)
    assert {event.kind for event in EVENTS} == set(Kind)
    assert {finding.problem for finding in FINDINGS} == set(Problem) - EQUAL_BUT_FOR_ITS_WORD
    assert {note.trouble for sample in CARDS for note in sample.message.notes} == set(Trouble)


def test_names_are_unique_and_fit_for_files() -> None:
    names = [sample.name for sample in CARDS]
    assert len(set(names)) == len(names)
    assert all(name.isidentifier() and name == name.lower() for name in names)


def test_the_gallery_is_the_same_each_time() -> None:
    assert gallery.cards() == CARDS


@pytest.mark.parametrize("sample", CARDS, ids=lambda sample: sample.name)
def test_a_phone_tells_the_app_and_what_broke_before_it_cuts(sample: Sample) -> None:
    """A notification shows some 120 characters."""
    event = sample.message.event
    if event is not None:
        for language in LANGUAGES:
            shown = gallery.payload(sample, Mode.FIRST, gallery.style(language))["text"][:120]
            assert event.environment in shown
            assert event.app in shown


WHOLE = ("reminder", "growing", "quiet", "silence_ended", "escalated", "came_back")


@pytest.mark.parametrize("name", WHOLE)
def test_a_follow_up_says_since_when_and_how_often(name: str) -> None:
    sample = next(sample for sample in CARDS if sample.name == name)
    shown = json.dumps(gallery.payload(sample, Mode.FOLLOW_UP, gallery.style("en")), ensure_ascii=False)
    for wanted in ("*FIRST SEEN*", "*COUNT*", "checkin/members.py:41", "Runbook"):
        assert wanted in shown
