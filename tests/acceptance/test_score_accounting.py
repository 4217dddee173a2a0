"""Whatever happens, each occurrence is told, or held back by a silence or a rule that says how many."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

from acts import ends_silence, fails, restarts, silences
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ledger import Ledger
from score import seconds
from stage import Stage, open_stage

NAMES = ("LoginError", "CampusError", "PayError")
STORM = tuple(f"Storm{letter}" for letter in "ABCDEFGH")
IGNORED = "TooOften"
CONFIG = f'[alerting]\nignore = [{{ exception = "{IGNORED}" }}]\n'
NIGHT = '[quiet_hours]\nfrom = "22:00"\nto = "07:00"\n'
EVENING = 18 * 3_600.0
REST_S = 30 * 3_600.0  # longer than a night, a silence and what follows them

Step = tuple[str, str, int, str]
"""What happens, to which problem, how often or how many, and the pause after it."""

STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            ["fails"] * 5 + ["storm", "ignored", "silence", "counted silence", "end of silence", "restart"]
        ),
        st.sampled_from(NAMES),
        st.sampled_from([1, 2, 3, 12, 120]),
        st.sampled_from(["0s", "1s", "61s", "7m", "35m", "3h", "9h"]),
    ),
    min_size=1,
    max_size=14,
)


def _live(stage: Stage, steps: Sequence[Step]) -> Ledger:
    ledger = Ledger(stage)
    stage.clock.jump(EVENING - stage.clock.now() % 86_400)
    for number, (what, name, times, pause) in enumerate(steps):
        _happens(stage, ledger, what, name, times, f"s{number}")
        stage.live_until(stage.clock.now() + seconds(pause))
    stage.live_until(stage.clock.now() + REST_S)
    return ledger


def _happens(stage: Stage, ledger: Ledger, what: str, name: str, times: int, silence: str) -> None:
    match what:
        case "fails":
            _fails(stage, ledger, name, times)
        case "storm":
            for each in STORM:
                _fails(stage, ledger, each, 1)
        case "ignored":
            fails(IGNORED, times)(stage)
        case "silence" | "counted silence":
            ledger.silences[silence] = name
            silences("3h", exception=name, count=times if what == "counted silence" else None, name=silence)(stage)
        case "end of silence" if ledger.silences:
            last = list(ledger.silences)[-1]
            ends_silence(last)(stage)
            del ledger.silences[last]
        case "restart":
            restarts()(stage)


def _fails(stage: Stage, ledger: Ledger, name: str, times: int) -> None:
    ledger.captured[name] += times
    fails(name, times)(stage)


@settings(max_examples=20, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(steps=STEPS, is_bot=st.booleans(), has_nights=st.booleans())
def test_every_occurrence_is_told_or_held_back_by_what_says_so(
    steps: list[Step], is_bot: bool, has_nights: bool
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        config = (NIGHT if has_nights else "") + CONFIG
        with open_stage(Path(folder), config=config, is_bot=is_bot, zone="UTC") as stage:
            ledger = _live(stage, steps)
            with stage.store.reading() as book:
                totals = {group.sample.exceptions[0].type: group.total for group in book.all_groups()}
                ignored, left = sum(book.ignored().values()), book.rows()
            assert totals == dict(ledger.captured)
            assert ignored == sum(times for what, _, times, _ in steps if what == "ignored")
            assert not left
            assert not ledger.missing()


@settings(max_examples=6, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(steps=STEPS, is_bot=st.booleans())
def test_the_same_history_gives_the_same_messages(steps: list[Step], is_bot: bool) -> None:
    heard = [_heard(steps, is_bot) for _ in range(2)]
    assert heard[0] == heard[1]


def _heard(steps: list[Step], is_bot: bool) -> list[tuple[object, ...]]:
    with (
        tempfile.TemporaryDirectory() as folder,
        open_stage(Path(folder), config=NIGHT + CONFIG, is_bot=is_bot, zone="UTC") as stage,
    ):
        _live(stage, steps)
        return [(each.at, each.channel, each.verb, each.message.reason, each.said) for each in stage.heard]
