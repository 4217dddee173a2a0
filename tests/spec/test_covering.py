"""A rule that is never reached is an error; what is only likely is not."""

from dataclasses import replace
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from timelines import event

from bongsu.config import routes
from bongsu.event import Kind, Level
from bongsu.routing.covering import covered, implies
from bongsu.routing.patterns import pattern_of
from bongsu.routing.router import Router
from bongsu.routing.rules import Rule

LEVELS = [each.value for each in Level]

# what the rules want, one after the other, and the number of the one before that takes all of the last one's events
CASES: list[tuple[list[dict[str, Any]], int | None]] = [
    ([{}, {"app": "checkin"}], 1),
    ([{"app": "*"}, {"level": "error"}], 1),
    ([{"app": "checkin"}, {"app": "checkin"}], 1),
    ([{"app": "checkin*"}, {"app": "checkin-web"}], 1),
    ([{"app": "checkin*"}, {"app": "checkin-*"}], 1),
    ([{"app": "checkin*"}, {"app": "checkin-?eb"}], 1),
    ([{"app": "*-web"}, {"app": "checkin-web"}], 1),
    ([{"app": "*-web"}, {"app": "*-web"}], 1),
    ([{"app": "checkin"}, {"app": "checkin", "level": "fatal"}], 1),
    ([{"app": ["checkin", "shop"]}, {"app": ["shop", "checkin"], "kind": "http"}], 1),
    ([{"level": ["error", "fatal"]}, {"level": "fatal"}], 1),
    ([{"level": LEVELS}, {"app": "checkin"}], 1),
    ([{"level": "*"}, {"app": "checkin"}], 1),
    ([{"level": "*r*"}, {"level": ["error", "warning"]}], 1),
    ([{"http_status": ">=500"}, {"http_status": "503"}], 1),
    ([{"http_status": ">=500"}, {"http_status": "5xx"}], 1),
    ([{"tag": {"team": "*"}}, {"tag": {"team": "login"}}], 1),
    ([{"exception": "sqlalchemy.*"}, {"app": "shop"}, {"exception": "sqlalchemy.exc.*"}], 1),
    ([{"app": "shop"}, {"app": "checkin", "level": "error"}, {"app": "checkin", "level": "error", "logger": "a"}], 2),
    ([{"app": "checkin", "continue": True}, {"app": "checkin"}], None),
    ([{"app": "checkin", "level": "fatal"}, {"app": "checkin"}], None),
    ([{"app": "checkin-web"}, {"app": "checkin*"}], None),
    ([{"app": "checkin-*"}, {"app": "checkin*"}], None),
    ([{"app": "checkin"}, {"app": ["checkin", "shop"]}], None),
    ([{"http_status": "5xx"}, {"http_status": ">=500"}], None),  # 600 is no status, and yet an answer
    ([{"tag": {"team": "*"}}, {"app": "checkin"}], None),  # not every event has the tag
    ([{"exception": "*"}, {"level": "error"}], None),
    ([{"http_status": ">=100"}, {"level": "error"}], None),
    ([{"app": "checkin"}, {"environment": "production"}], None),
    ([{"app": "*-web"}, {"app": "*-api"}], None),
]


@pytest.mark.parametrize(("wanted", "taker"), CASES, ids=[str(case[0]) for case in CASES])
def test_a_rule_is_refused_if_an_earlier_one_takes_all_of_its_events_and_only_then(
    wanted: list[dict[str, Any]], taker: int | None
) -> None:
    problems: list[str] = []
    routes.read([_table(when) for when in wanted], problems)
    assert [problem.partition(", since ")[0] for problem in problems] == (
        [f"route {len(wanted)}: is never reached"] if taker else []
    )
    assert all(f"since route {taker} takes" in problem for problem in problems)


def test_a_rule_with_a_mistake_of_its_own_takes_nothing() -> None:
    problems: list[str] = []
    routes.read([{"to": "a", "when": {"level": "eror"}}, {"to": "a", "when": {"level": "error"}}], problems)
    assert [problem.partition(";")[0] for problem in problems] == ["route 1: level: 'eror' is not known"]


def test_behind_a_rule_that_takes_everything_only_the_first_rules_are_told() -> None:
    problems: list[str] = []
    routes.read([{"to": "a"}] * 1_000, problems)
    assert len(problems) == routes.UNREACHABLE_TOLD


texts = st.text(alphabet="ab", max_size=3)
patterns = st.text(alphabet="ab*?", min_size=1, max_size=4)
statuses = st.sampled_from(["503", "5xx", ">=500", "<500", "<=503", ">503", "=404", "4xx"])


@given(inner=patterns, outer=patterns, text=texts)
def test_what_is_implied_is_accepted(inner: str, outer: str, text: str) -> None:
    if implies("app", inner, outer) and pattern_of("app", inner).accepts(text):
        assert pattern_of("app", outer).accepts(text)


@given(inner=statuses, outer=statuses, status=st.integers(0, 999))
def test_a_status_that_is_implied_is_accepted(inner: str, outer: str, status: int) -> None:
    if implies("http_status", inner, outer) and pattern_of("http_status", inner).accepts(str(status)):
        assert pattern_of("http_status", outer).accepts(str(status))


conditions = st.dictionaries(
    st.sampled_from(["app", "level", "kind", "tag.team"]),
    st.lists(st.sampled_from(["a", "a*", "ab", "*b", "*", "error", "e*", "exception", "http"]), min_size=1, max_size=3),
    max_size=3,
)


EVENTS = [
    replace(event(kind=kind), app=app, level=level, tags=tags)
    for app, level, kind, tags in product(
        ["a", "ab", "bb", ""], Level, [Kind.EXCEPTION, Kind.HTTP, Kind.LOG], [{}, {"team": "a"}, {"team": "ab"}]
    )
]


@given(st.lists(st.builds(Rule, to=st.just(("alarm",)), when=conditions, goes_on=st.booleans()), max_size=6))
def test_no_event_ever_gets_to_a_rule_that_is_never_reached(rules: list[Rule]) -> None:
    router = Router(rules)
    takers = dict(covered(rules))
    for each in EVENTS:
        matching = set(router.matching(each))
        assert all(takers[number] in matching for number in matching & takers.keys())


def _table(when: dict[str, Any]) -> dict[str, Any]:
    goes_on = when.get("continue", False)
    return {"to": "alarm", "continue": goes_on, "when": {key: each for key, each in when.items() if key != "continue"}}
