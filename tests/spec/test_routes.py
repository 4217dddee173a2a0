"""Rules: what an event must be like, and where it then goes."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from timelines import desk, event, raised

from bongsu import config, pipeline
from bongsu.alerting.decision import Reason
from bongsu.config import routes
from bongsu.errors import ConfigError
from bongsu.event import CapturedException, Event, Kind, Level
from bongsu.pipeline import Policy
from bongsu.routing import ALARM, DEV_TEST, DEVOPS, Ability
from bongsu.routing.patterns import pattern_of
from bongsu.routing.router import Router
from bongsu.routing.rules import Field, Rule, values

INTEGRITY = replace(
    raised(),
    app="checkin-web",
    exceptions=(CapturedException(type="IntegrityError", module="sqlalchemy.exc", message="no"),),
    tags={"status": "503", "team": "login"},
    logger="checkin.auth",
    release="v1.4.2",
)

CONDITIONS: list[tuple[str, Any, bool]] = [
    ("app", "checkin-web", True),
    ("app", "checkin*", True),
    ("app", "checkin", False),
    ("app", "Checkin*", False),
    ("app", ["billing", "checkin-*"], True),
    ("environment", "production", True),
    ("environment", "prod*", True),
    ("environment", ["staging", "development"], False),
    ("exception", "IntegrityError", True),
    ("exception", "sqlalchemy.*", True),
    ("exception", "sqlalchemy.exc.IntegrityError", True),
    ("exception", "*Error", True),
    ("exception", "KeyError", False),
    ("exception", "sqlalchemy", False),
    ("http_status", ">=500", True),
    ("http_status", ">= 500", True),
    ("http_status", "<500", False),
    ("http_status", ">503", False),
    ("http_status", "<=503", True),
    ("http_status", "5xx", True),
    ("http_status", "4xx", False),
    ("http_status", 503, True),
    ("http_status", ["404", "503"], True),
    ("kind", "exception", True),
    ("kind", "process", False),
    ("level", "error", True),
    ("level", ["warning", "fatal"], False),
    ("logger", "checkin.*", True),
    ("release", "v1.*", True),
    ("tag", {"team": "login"}, True),
    ("tag", {"team": "log?n"}, True),
    ("tag", {"team": "billing"}, False),
    ("tag", {"tenant": "*"}, False),
]


@pytest.mark.parametrize(("name", "given_value", "is_met"), CONDITIONS, ids=[f"{c[0]}={c[1]}" for c in CONDITIONS])
def test_a_condition(name: str, given_value: Any, is_met: bool) -> None:
    router = Router(read([{"when": {name: given_value}, "to": "alarm"}]))
    assert router.channels(INTEGRITY) == (("alarm",) if is_met else ())


def read(tables: Any) -> tuple[Rule, ...]:
    problems: list[str] = []
    rules = routes.read(tables, problems)
    assert problems == []
    return rules


def test_all_conditions_of_a_rule_must_hold() -> None:
    router = Router(read([{"when": {"app": "checkin*", "level": "fatal"}, "to": "alarm"}]))
    assert router.channels(INTEGRITY) == ()
    assert router.channels(replace(INTEGRITY, level=Level.FATAL)) == ("alarm",)


def test_the_first_rule_that_matches_decides_and_one_that_goes_on_leaves_the_next_their_say() -> None:
    rules = read(
        [
            {"when": {"app": "billing"}, "to": "billing"},
            {"when": {"level": "error"}, "to": ["alarm", "login"], "continue": True},
            {"when": {"tag": {"team": "login"}}, "to": ["login", "devops"]},
            {"to": "never"},
        ]
    )
    assert Router(rules).channels(INTEGRITY) == ("alarm", "login", "devops")
    assert Router(rules).channels(replace(INTEGRITY, app="billing")) == ("billing",)


TEXTS = st.sampled_from(["a", "ab", "abc", "b", "", "*"])
PATTERNS = st.sampled_from(["a", "a*", "?b", "b", "*", "[ab]*"])
WHENS = st.dictionaries(st.sampled_from(["app", "environment", "logger", "tag.x"]), st.lists(PATTERNS, min_size=1))


@given(
    st.lists(st.tuples(WHENS, st.booleans()), max_size=12), TEXTS, TEXTS, TEXTS, st.dictionaries(st.just("x"), TEXTS)
)
def test_all_rules_at_once_answer_as_one_after_the_other(
    given_rules: list[tuple[dict[str, list[str]], bool]], app: str, environment: str, logger: str, tags: dict[str, str]
) -> None:
    rules = [
        Rule(to=(f"c{number}",), when={name: tuple(each) for name, each in when.items()}, goes_on=goes_on)
        for number, (when, goes_on) in enumerate(given_rules)
    ]
    happened = replace(event(), app=app, environment=environment, logger=logger, tags=tags)
    assert Router(rules).channels(happened) == _one_by_one(rules, happened)


def _one_by_one(rules: list[Rule], happened: Event) -> tuple[str, ...]:
    found: list[str] = []
    seen = values(happened)
    for rule in rules:
        if all(
            any(pattern_of(name, pattern).accepts(text) for pattern in patterns for text in seen.get(name, ()))
            for name, patterns in rule.when.items()
        ):
            found += rule.to
            if not rule.goes_on:
                break
    return tuple(found)


# -- where it goes


def policy(*rules: Rule, channels: tuple[str, ...] = (ALARM, DEVOPS, "login")) -> Policy:
    return Policy(channels=dict.fromkeys(channels, Ability.POSTS), router=Router(rules))


def test_the_callers_channel_comes_before_the_rules_and_the_usual_after_them() -> None:
    rules = policy(Rule(to=("login",), when={"app": ("checkin-web",)}))
    assert pipeline.addresses(replace(INTEGRITY, channel=ALARM), rules) == (ALARM,)
    assert pipeline.addresses(INTEGRITY, rules) == ("login",)
    assert pipeline.addresses(event(), rules) == (ALARM,)


@given(
    st.lists(st.tuples(WHENS, st.lists(st.sampled_from(["alarm", "nowhere", "login"]), min_size=1)), max_size=5),
    st.sampled_from(list(Kind)),
    st.sampled_from(list(Level)),
    TEXTS,
)
def test_no_event_is_ever_without_a_destination(
    given_rules: list[tuple[dict[str, list[str]], list[str]]], kind: Kind, level: Level, app: str
) -> None:
    rules = [Rule(to=tuple(to), when={name: tuple(each) for name, each in when.items()}) for when, to in given_rules]
    happened = replace(event(), kind=kind, level=level, app=app)
    found = pipeline.addresses(happened, policy(*rules, channels=("login", DEV_TEST)))
    assert found
    assert set(found) <= {"login", DEV_TEST}
    assert len(found) == len(set(found))


def test_channels_of_one_destination_hear_of_it_once() -> None:
    rules = replace(policy(Rule(to=("login", ALARM, DEVOPS))), destinations={"login": "x", ALARM: "y", DEVOPS: "x"})
    assert pipeline.addresses(event(), rules) == ("login", ALARM)


def test_every_channel_has_its_own_message_and_its_own_way_with_it() -> None:
    both = desk(Ability.EDITS)
    both.policy = replace(policy(Rule(to=(ALARM, "login"))), channels={ALARM: Ability.EDITS, "login": Ability.POSTS})
    both.happens("no room", times=1)
    both.happens("no room", times=9)
    both.wait(60)
    told = [(at.channel, at.verb.value, at.message.reason) for _, at in both.deliveries]
    told = [each for each in told if each[2] is not Reason.UPDATED]
    assert told == [
        (ALARM, "post", Reason.FIRST_SEEN),
        ("login", "post", Reason.FIRST_SEEN),
        (ALARM, "edit", Reason.GROWING),
        (ALARM, "reply", Reason.GROWING),
        ("login", "post", Reason.GROWING),
    ]


def test_a_storm_in_one_channel_leaves_the_other_alone() -> None:
    both = desk(Ability.POSTS)
    both.policy = policy(
        Rule(to=("login",), when={Field.LOGGER: ("login",)}, goes_on=True),
        Rule(to=(ALARM,)),
    )
    for number in range(9):
        both.happens(f"problem {number}")
    both.happens(replace(event("the one of login"), logger="login"))
    told = [at.channel for _, at in both.deliveries]
    assert told == [ALARM] * 5 + ["login"]
    both.wait(60)
    digests = [at for _, at in both.deliveries if at.message.reason is Reason.DIGEST]
    assert [(digest.channel, digest.message.problems) for digest in digests] == [(ALARM, 5)]


def test_a_record_goes_to_all_channels_of_its_rule() -> None:
    both = desk(Ability.POSTS)
    both.policy = policy(Rule(to=(ALARM, "login")))
    both.happens(event("deployed", kind=Kind.RECORD))
    assert [at.channel for _, at in both.deliveries] == [ALARM, "login"]


# -- what people write

WRONG: list[tuple[Any, str]] = [
    ("devops", "route: write tables"),
    ([{"to": "devops", "wen": {}}], "route 1: unknown key 'wen'; did you mean when?"),
    ([{"when": {}}], "route 1: to must name a channel"),
    ([{"to": []}], "route 1: to must name a channel"),
    ([{"to": ["devops", 7]}], "route 1: to must name a channel"),
    ([{"to": "https://hooks.slack.com/x"}], "route 1: to must name a channel"),
    ([{"to": "devops", "when": "error"}], "route 1: when must be a table"),
    ([{"to": "devops", "when": {"levl": "error"}}], "route 1: unknown condition 'levl'; did you mean level?"),
    ([{"to": "devops", "when": {"tag": "x"}}], "route 1: unknown condition 'tag'"),
    ([{"to": "devops", "when": {"level": "eror"}}], "route 1: level: 'eror' is not known; did you mean error?"),
    ([{"to": "devops", "when": {"kind": "excepton"}}], "route 1: kind: 'excepton' is not known"),
    ([{"to": "devops", "when": {"http_status": "bad"}}], "route 1: http_status: 'bad' is no status"),
    ([{"to": "devops", "when": {"app": []}}], "route 1: app: write a text"),
    ([{"to": "devops", "when": {"app": [["x"]]}}], "route 1: app: write a text"),
    ([{"to": "devops", "when": {"app": True}}], "route 1: app: write a text"),
    ([{"to": "devops", "continue": "yes"}], "route 1: continue must be true or false"),
    ([{"to": "devops"}, {"to": "alarm"}], "route 2: is never reached, since route 1 takes everything before it"),
    ([{"to": "devops"}] * 1_001, "route: more than 1,000 rules"),
]


@pytest.mark.parametrize(("tables", "problem"), WRONG, ids=[problem for _, problem in WRONG])
def test_a_mistake_is_named_with_its_rule_and_the_remedy(tables: Any, problem: str) -> None:
    problems: list[str] = []
    routes.read(tables, problems)
    assert len(problems) == 1
    assert problems[0].startswith(problem)


def test_a_channel_that_does_not_exist_is_a_mistake(tmp_path: Any) -> None:
    file = tmp_path / "bongsu.toml"
    file.write_text('[to]\nalarm = "console:"\n\n[[route]]\nto = "alrm"\n')
    with pytest.raises(ConfigError, match="route 1: there is no channel 'alrm'; did you mean alarm"):
        config.load({"config": file, "app": "x"}, {})


def test_rules_of_the_file_are_in_force(tmp_path: Any) -> None:
    file = tmp_path / "bongsu.toml"
    file.write_text(
        '[to]\nalarm = "console:"\n\n[[route]]\nwhen = { tag.team = "login", level = ["error"] }\nto = "alarm"\n'
    )
    (rule,) = config.load({"config": file, "app": "x"}, {}).router.rules
    assert rule == Rule(to=("alarm",), when={"tag.team": ("login",), "level": ("error",)})
