"""Bursts of bad answers: when it is one, how often it is told, and when it is over."""

import pytest

from bongsu.event import Problem
from bongsu.outcomes import http
from bongsu.outcomes.http import BURSTS_MAX, LOOK_EVERY_S, OTHERS, UNMATCHED, Answer, Bursts, Counts, Limits
from bongsu.outcomes.signs import Over, Raised

START = 1_630_972_800.0
LIMITS = Limits()
W = LIMITS.window_s
NONE: Counts = {}


def counts(ok: int = 0, bad: int = 0, refused: int = 0, told: int = 0, route: str = "GET /") -> Counts:
    numbers = {Answer.OK: ok, Answer.SERVER: bad, Answer.CLIENT: refused, Answer.TOLD: told}
    return {kind: {route: number} for kind, number in numbers.items() if number}


def names(state: Bursts) -> list[str]:
    return sorted(state.lasting)


@pytest.mark.parametrize(
    ("status", "is_told", "kind"),
    [
        (200, False, Answer.OK),
        (101, False, Answer.OK),
        (302, True, Answer.OK),
        (399, False, Answer.OK),
        (400, False, Answer.CLIENT),
        (404, True, Answer.CLIENT),
        (499, False, Answer.CLIENT),
        (500, False, Answer.SERVER),
        (500, True, Answer.TOLD),
        (599, False, Answer.SERVER),
        (600, False, Answer.OK),
        (0, False, Answer.OK),
    ],
)
def test_answers_are_counted_by_their_class(status: int, is_told: bool, kind: Answer) -> None:
    assert http.kind_of(status, is_told=is_told) is kind


@pytest.mark.parametrize(
    ("seen", "bursts"),
    [
        (counts(), []),
        (counts(ok=80, bad=20), ["5xx"]),
        (counts(ok=81, bad=20), []),  # less than the share
        (counts(ok=0, bad=19), []),  # less than the number
        (counts(ok=0, bad=20), ["5xx"]),
        (counts(ok=10, told=200), []),  # their exceptions are told
        (counts(ok=10, bad=20, told=71), []),
        (counts(ok=20, refused=20), ["4xx GET /"]),
        (counts(ok=21, refused=20), []),
        (counts(refused=5_000, route=UNMATCHED), []),  # a scanner
        (counts(refused=5_000, route=f"GET {OTHERS}"), []),
        (counts(refused=5_000, route=OTHERS), []),
        (counts(refused=30, bad=30), ["4xx GET /", "5xx"]),
    ],
)
def test_a_burst_has_the_number_and_the_share(seen: Counts, bursts: list[str]) -> None:
    state, signs = http.looked(Bursts(), seen, LIMITS, START)
    assert names(state) == bursts
    assert sorted(sign.finding.name for sign in signs if isinstance(sign, Raised)) == bursts


def test_4xx_are_counted_by_route_and_5xx_over_all_routes() -> None:
    seen: Counts = {
        Answer.CLIENT: {"POST /login": 30, "GET /": 15},
        Answer.SERVER: {"POST /login": 12, "GET /": 12},
        Answer.OK: {"GET /": 30, "POST /login": 4},
    }
    state, _ = http.looked(Bursts(), seen, LIMITS, START)
    assert names(state) == ["4xx POST /login", "5xx"]


def test_it_names_the_worst_five_routes() -> None:
    failed = {f"GET /{number}": number for number in range(1, 9)}
    _, signs = http.looked(Bursts(), {Answer.SERVER: failed, Answer.OK: {"GET /1": 84}}, LIMITS, START)
    [sign] = signs
    assert isinstance(sign, Raised)
    assert (sign.finding.problem, sign.finding.count, sign.finding.wanted) == (Problem.BURST, 36, 120)
    assert sign.detail == "8 × GET /8\n7 × GET /7\n6 × GET /6\n5 × GET /5\n4 × GET /4"


def test_while_it_lasts_it_is_told_once_a_window() -> None:
    state, told = Bursts(), []
    for step in range(91):
        now = START + step * LOOK_EVERY_S
        state, signs = http.looked(state, counts(ok=50, bad=50), LIMITS, now)
        told += [now - START for _ in signs]
    assert told == [0, W, 2 * W, 3 * W]


CALM = {
    # what is seen after a burst of 5xx: whether it is over after a window of it
    "few bad answers": (counts(ok=200, bad=9), True),
    "a small share": (counts(ok=1_000, bad=99), True),
    "half of both": (counts(ok=90, bad=10), False),
    "no bad answer": (counts(ok=1), True),
    "no answer at all": (NONE, False),
}


@pytest.mark.parametrize(("seen", "is_over"), CALM.values(), ids=CALM)
def test_it_is_over_after_a_window_below_half(seen: Counts, is_over: bool) -> None:
    state, _ = http.looked(Bursts(), counts(ok=50, bad=50), LIMITS, START)
    state, none = http.looked(state, seen, LIMITS, START + 10)
    state, still_none = http.looked(state, seen, LIMITS, START + 10 + W - 1)
    assert none + still_none == ()
    state, signs = http.looked(state, seen, LIMITS, START + 10 + W)
    assert [isinstance(sign, Over) for sign in signs] == [True] * is_over
    assert bool(state.lasting) is not is_over


def test_one_on_a_route_is_over_when_nobody_asks_for_it_any_more() -> None:
    state, _ = http.looked(Bursts(), counts(refused=50), LIMITS, START)
    state, _ = http.looked(state, NONE, LIMITS, START + 10)
    state, signs = http.looked(state, NONE, LIMITS, START + 10 + W)
    assert signs[0] == Over(problem=Problem.BURST, name="4xx GET /", finding=signs[0].finding)
    assert not state.lasting


def test_what_flares_up_again_is_not_over() -> None:
    state, _ = http.looked(Bursts(), counts(ok=50, bad=50), LIMITS, START)
    for step, bad in enumerate([5, 30, 5], 1):
        state, signs = http.looked(state, counts(ok=50, bad=bad), LIMITS, START + step * W * 0.9)
        assert not any(isinstance(sign, Over) for sign in signs)
    assert names(state) == ["5xx"]


def test_with_no_number_there_are_no_bursts_and_lasting_ones_end() -> None:
    off = Limits(least=0)
    assert http.looked(Bursts(), counts(bad=1_000), off, START)[1] == ()
    state, _ = http.looked(Bursts(), counts(bad=1_000), LIMITS, START)
    state, _ = http.looked(state, counts(bad=1_000), off, START + 10)
    state, _ = http.looked(state, counts(bad=1_000), off, START + 10 + W)
    assert not state.lasting


def test_there_are_not_more_bursts_at_once_than_people_can_read() -> None:
    refused = {f"GET /{number}": 50 for number in range(100)}
    state, signs = http.looked(Bursts(), {Answer.CLIENT: refused}, LIMITS, START)
    assert len(state.lasting) == len(signs) == BURSTS_MAX


def test_it_is_looked_at_again_only_while_one_lasts() -> None:
    assert http.due_at(Bursts(looked_at=START)) is None
    state, _ = http.looked(Bursts(), counts(bad=50), LIMITS, START)
    assert http.due_at(state) == START + LOOK_EVERY_S


def test_bursts_are_kept_as_json_and_survive_a_clock_set_back() -> None:
    state, _ = http.looked(Bursts(), counts(bad=50, refused=50), LIMITS, START)
    state, _ = http.looked(state, counts(ok=9), LIMITS, START + 10)
    assert http.from_json(http.to_json(state)) == state
    back = http.rebased(state, START - 1_000)
    assert http.due_at(back) == START - 1_000 + LOOK_EVERY_S
    assert {sign.name for sign in http.left(back) if isinstance(sign, Over)} == set(names(state))
