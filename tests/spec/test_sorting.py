"""What is ignored, and what is one problem by the user's word."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import events
from timelines import event, raised

from bongsu.config import Settings, load
from bongsu.errors import ConfigError
from bongsu.event import CapturedException, Event, Finding, Kind, Problem
from bongsu.grouping import fingerprint, templates
from bongsu.grouping.templates import GROUP_LENGTH_MAX, PLACEHOLDERS, VALUE_LENGTH_MAX
from bongsu.routing.sorting import NAME_LENGTH_MAX, Ignored, Regrouped, Sorting

INTEGRITY = replace(
    raised(),
    exceptions=(CapturedException(type="IntegrityError", module="sqlalchemy.exc", message="no"),),
    message="no room 7 for kim",
    tags={"status": "503", "team": "login", "tenant": "acme", "route": "/rooms/{id}", "method": "GET"},
    logger="checkin.auth",
    release="v1.4.2",
    host="web-1",
)
MISSED = replace(
    event(kind=Kind.HEARTBEAT),
    finding=Finding(problem=Problem.MISSED, name="backup"),
    tags={"team": "login"},
)


def group(text: str) -> Sorting:
    return Sorting((), (Regrouped(group=templates.parsed(text)),))


def loaded(tmp_path: Path, text: str) -> Settings:
    path = tmp_path / "bongsu.toml"
    path.write_text(text, encoding="utf-8")
    return load({"config": str(path)}, {})


def problems(tmp_path: Path, text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        loaded(tmp_path, text)
    return [problem.removeprefix(f"{tmp_path}/") for problem in caught.value.problems]


# -- ignored

IGNORING = {
    # what is written: what is met, and what is not
    '"IntegrityError"': ([INTEGRITY], [raised(), MISSED, event()]),
    '"sqlalchemy.*"': ([INTEGRITY], [raised(), event()]),
    '{ logger = "checkin.*", level = "error" }': ([INTEGRITY], [replace(INTEGRITY, logger="billing")]),
    "{ http_status = '5xx' }": ([INTEGRITY], [event()]),
    '{ tag.team = "login" }': ([INTEGRITY], [MISSED]),
    '{ tag.team = "login", kind = "heartbeat" }': ([MISSED], [INTEGRITY]),
    '{ kind = "*" }': ([MISSED, INTEGRITY, event(kind=Kind.RECORD)], []),
    '{ environment = "production" }': ([INTEGRITY, event(kind=Kind.CRASH)], [MISSED, event(kind=Kind.RECORD)]),
}


@pytest.mark.parametrize("written", IGNORING)
def test_an_ignore_rule_meets_findings_and_records_only_if_it_names_their_kind(tmp_path: Path, written: str) -> None:
    met, others = IGNORING[written]
    sorting = loaded(tmp_path, f"[alerting]\nignore = [{written}]").sorting
    assert all(sorting.ignores(each) for each in met)
    assert not any(sorting.ignores(each) for each in others)


def test_the_first_ignore_rule_that_matches_counts_it(tmp_path: Path) -> None:
    text = '[alerting]\nignore = ["KeyError", { tag.team = ["login", "web"] }, "IntegrityError"]'
    assert loaded(tmp_path, text).sorting.ignores(INTEGRITY) == "tag.team=login|web"


def test_what_happened_inside_a_watched_process_is_a_finding(tmp_path: Path) -> None:
    ended = replace(INTEGRITY, finding=Finding(problem=Problem.EXITED, name="web"))
    sorting = loaded(tmp_path, '[alerting]\nignore = ["IntegrityError"]').sorting
    assert sorting.ignores(ended) == ""


def test_the_name_of_a_rule_has_a_limit() -> None:
    assert len(Ignored(when={"exception": ("x" * 200, "y" * 200)}).name) == NAME_LENGTH_MAX


# -- groups

MERGED = replace(raised(), message="other", exceptions=(CapturedException(type="Timeout", module="db", message="x"),))
TOLD_APART = {
    # the template: pairs that are one problem, pairs that are not
    "database": ([(INTEGRITY, MERGED)], [(INTEGRITY, replace(INTEGRITY, environment="staging"))]),
    "{default}": ([(INTEGRITY, replace(INTEGRITY, tags={}))], [(INTEGRITY, MERGED)]),
    "{default} {tag.tenant}": (
        [(INTEGRITY, replace(INTEGRITY, message="else"))],
        [
            (INTEGRITY, replace(INTEGRITY, tags={"tenant": "other"})),
            (INTEGRITY, replace(INTEGRITY, tags={})),
            (INTEGRITY, MERGED),
        ],
    ),
    "{message}": (
        [(INTEGRITY, replace(INTEGRITY, message="no room 8 for kim"))],
        [(INTEGRITY, replace(INTEGRITY, message="no key"))],
    ),
    "{exception}": ([(INTEGRITY, replace(INTEGRITY, logger=None))], [(INTEGRITY, MERGED)]),
    "{route} {method} {status}": (
        [(INTEGRITY, replace(MERGED, tags=INTEGRITY.tags))],
        [(INTEGRITY, replace(INTEGRITY, tags={**INTEGRITY.tags, "method": "POST"}))],
    ),
    "{app}/{host}/{release}/{logger}": (
        [(INTEGRITY, replace(MERGED, host="web-1", release="v1.4.2", logger="checkin.auth"))],
        [(INTEGRITY, replace(INTEGRITY, **{name: "x"})) for name in ("app", "host", "release", "logger")],
    ),
}


@pytest.mark.parametrize("text", TOLD_APART)
def test_a_group_is_what_its_text_says(text: str) -> None:
    same, different = TOLD_APART[text]
    rules = group(text)
    assert all(rules.fingerprint(one) == rules.fingerprint(other) for one, other in same)
    assert all(rules.fingerprint(one) != rules.fingerprint(other) for one, other in different)


def test_its_fingerprint_never_changes() -> None:
    assert group("database").fingerprint(INTEGRITY) == "r1:0daae0e4a4b92f67"
    assert group("{default} {tag.tenant}").fingerprint(INTEGRITY) == "r1:b80c55be6622fb58"


def test_the_first_rule_that_matches_decides_and_what_none_meets_is_grouped_as_usual() -> None:
    written = {
        "a": {"exception": ("KeyError",)},
        "b": {"exception": ("sqlalchemy.*",)},
        "c": {"logger": ("checkin.*",)},
    }
    rules = Sorting((), [Regrouped(group=templates.parsed(text), when=when) for text, when in written.items()])
    assert rules.fingerprint(INTEGRITY) == group("b").fingerprint(MERGED)
    assert rules.fingerprint(MERGED) == fingerprint(MERGED)


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind not in (Kind.EXCEPTION, Kind.LOG, Kind.MESSAGE)])
def test_what_a_watch_has_found_keeps_its_fingerprint(kind: Kind) -> None:
    found = replace(INTEGRITY, kind=kind, finding=Finding(problem=Problem.EXITED, name="web"))
    assert group("one").fingerprint(found) == fingerprint(found)


def test_a_record_keeps_its_own() -> None:
    record = event(kind=Kind.RECORD)
    assert group("one").fingerprint(record) == fingerprint(record)


def test_what_a_process_no_longer_tells_apart_is_one_group_of_its_place() -> None:
    rules = group("{default} {tag.tenant}")
    other = replace(INTEGRITY, tags={"tenant": "other"})
    both = {rules.fingerprint(each, crowded=True) for each in (INTEGRITY, other)}
    assert len(both) == 1
    assert both != {rules.fingerprint(MERGED, crowded=True)}


def test_a_value_counts_with_its_beginning() -> None:
    long, longer = ("x" * VALUE_LENGTH_MAX + end for end in ("a", "b"))
    one, other = (replace(INTEGRITY, tags={"tenant": value}) for value in (long, longer))
    assert group("{tag.tenant}").fingerprint(one) == group("{tag.tenant}").fingerprint(other)


@given(events(), st.lists(st.sampled_from([*PLACEHOLDERS, "tag.x", "tag.status"]), max_size=4), st.booleans())
def test_every_event_has_a_group_of_the_documented_form(happened: Event, names: list[str], crowded: bool) -> None:
    rules = group("".join(f"{{{name}}}-" for name in names))
    found = rules.fingerprint(happened, crowded=crowded)
    version, _, digits = found.partition(":")
    assert version in ("1", "r1")
    assert len(digits) == 16
    assert int(digits, 16) >= 0


# -- what is written wrong

MISTAKES = {
    "[alerting]\nignore = 'KeyError'": (
        "bongsu.toml:2: alerting.ignore: must be a list of exceptions, or of conditions as in a route:"
        ' ignore = ["BrokenPipeError", { logger = "noisy.*" }]'
    ),
    "[alerting]\nquiet_after = '1h'\nignore = [\n  'KeyError',\n  { level = 'eror' },\n]": (
        "bongsu.toml:3: alerting.ignore 2: level: 'eror' is not known; did you mean error?"
    ),
    "[alerting]\nignore = [{}]": (
        "bongsu.toml:2: alerting.ignore 1: is empty, and would ignore everything; write what it is to meet, or take it"
        " out"
    ),
    "[alerting]\nignore = [{ tag = {} }]": (
        "bongsu.toml:2: alerting.ignore 1: unknown condition 'tag'; known are app, environment, exception, http_status,"
        " kind, level, logger, release, tag.NAME"
    ),
    "[alerting]\nignore = ['']": (
        "bongsu.toml:2: alerting.ignore 1: exception: write a text, or a list of up to 100 texts"
    ),
    "[alerting]\nignore = [{ exceptoin = 'KeyError' }]": (
        "bongsu.toml:2: alerting.ignore 1: unknown condition 'exceptoin'; did you mean exception?"
    ),
    "[alerting]\ngrowth_factor = 1": "bongsu.toml:2: alerting.growth_factor: must be a number from 2 to 1000, not 1",
    "[alerting]\ngrowth_factor = 2.5": (
        "bongsu.toml:2: alerting.growth_factor: must be a number from 2 to 1000, not 2.5"
    ),
    "[alerting]\ndetail_evry = '1m'": (
        "bongsu.toml:2: alerting: unknown key 'detail_evry'; did you mean detail_every?"
    ),
    "[[fingerprint]]\ngroup = 'a {tenant}'": (
        "bongsu.toml:2: fingerprint 1: group: unknown placeholder 'tenant'; did you mean tag.tenant?"
    ),
    "[[fingerprint]]\ngroup = '{defualt}'": (
        "bongsu.toml:2: fingerprint 1: group: unknown placeholder 'defualt'; did you mean default?"
    ),
    "[[fingerprint]]\ngroup = '{tag.}'": (
        "bongsu.toml:2: fingerprint 1: group: unknown placeholder 'tag.'; did you mean tag.NAME?"
    ),
    "[[fingerprint]]\ngroup = '{default'": (
        "bongsu.toml:2: fingerprint 1: group: '{default' has a brace alone; write placeholders as {default}"
    ),
    "[[fingerprint]]\ngroup = ' '": (
        f"bongsu.toml:2: fingerprint 1: group: must be a text of 1 to {GROUP_LENGTH_MAX} characters, such as"
        ' "database" or "{default} {tag.tenant}"'
    ),
    "[[fingerprint]]\ngroup = 'a'\n[[fingerprint]]\nwhen = { level = 'error' }\ngroup = 'b'": (
        "bongsu.toml:3: fingerprint 2: is never reached, since fingerprint 1 takes everything before it"
    ),
    "[[fingerprint]]\nwhen = { kind = 'process' }\ngroup = 'a'": (
        "bongsu.toml:2: fingerprint 1: kind: process events keep their fingerprint; write one of exception, log,"
        " message, crash"
    ),
    "[[fingerprint]]\nwhen = 3\ngroup = 'a'": (
        'bongsu.toml:2: fingerprint 1: when must be a table, such as { level = "error", app = "checkin*" }'
    ),
    "[fingerprint]\ngroup = 'a'": (
        'bongsu.toml:1: fingerprint: write tables, such as [[fingerprint]] and below it group = "{default} {route}"'
    ),
    "[[fingerprint]]\ngruop = 'a'\ngroup = 'b'": (
        "bongsu.toml:2: fingerprint 1: unknown key 'gruop'; did you mean group?"
    ),
}


@pytest.mark.parametrize("text", MISTAKES)
def test_a_mistake_names_the_line_and_the_remedy(tmp_path: Path, text: str) -> None:
    assert problems(tmp_path, text) == [MISTAKES[text]]


def test_all_of_them_are_told_at_once(tmp_path: Path) -> None:
    text = "[alerting]\ngrowth_factor = 'x'\nignore = [{}]\n[[fingerprint]]\ngroup = '{x}'"
    assert [problem.partition(" ")[0] for problem in problems(tmp_path, text)] == [
        "bongsu.toml:2:",
        "bongsu.toml:3:",
        "bongsu.toml:5:",
    ]
