"""Where a message leads: to the team's own pages, with every value in its place, or nowhere."""

import json
from dataclasses import replace

import pytest
from cards import DEPLOYED, ENGLISH, FIRST_SEEN, FIRST_VISITOR, INTEGRITY_ERROR, KOREAN, STORM, own
from hypothesis import given, settings
from strategies import messages, styles, texts

from bongsu.event import Event, Finding, Kind, Problem
from bongsu.messages import limits, links, slack, text
from bongsu.messages.gallery.scene import library
from bongsu.messages.judge import characters, judge
from bongsu.messages.message import Message
from bongsu.messages.style import Links, Runbook, Style

REPO = "https://github.com/team/app/blob/{release}/{path}#L{line}"
LOGS = "https://logs.example/search?env={environment}&q={request_id}"
TEAM = Links(
    repo_url=REPO,
    others={"dashboard": "https://grafana.example/d/x?var-app={app}&from={since_ms}", "logs": LOGS},
    runbooks=(
        Runbook(when={"kind": ("heartbeat",)}, url="https://wiki.example/jobs/{name}"),
        Runbook(when={"exception": ("Integrity*",)}, url="https://wiki.example/db"),
        Runbook(url="https://wiki.example/{app}"),
    ),
)
LED = replace(ENGLISH, links=TEAM)


def at(path: str, **changes: object) -> Event:
    exception = replace(INTEGRITY_ERROR, frames=(own(path, 41, "register"),))
    return replace(FIRST_VISITOR, exceptions=(exception,), **changes)  # type: ignore[arg-type]


SOURCES = [
    (at("checkin/members.py"), "https://github.com/team/app/blob/checkin%401.4.2/checkin/members.py#L41"),
    (at("checkin\\members.py"), "https://github.com/team/app/blob/checkin%401.4.2/checkin/members.py#L41"),
    (at("./가 나.py"), "https://github.com/team/app/blob/checkin%401.4.2/%EA%B0%80%20%EB%82%98.py#L41"),
    (at("a?b#c|d>e.py"), "https://github.com/team/app/blob/checkin%401.4.2/a%3Fb%23c%7Cd%3Ee.py#L41"),
    (
        replace(at(""), exceptions=(), source="checkin/jobs.py:9"),
        "https://github.com/team/app/blob/checkin%401.4.2/checkin/jobs.py#L9",
    ),
    (at("checkin/members.py", release=None), ""),
    (at("/srv/other/members.py"), ""),
    (at("C:\\srv\\members.py"), ""),
    (at("checkin/../../secret.py"), ""),
    (at("<string>"), ""),
    (at("x" * 2_000), ""),
    (at("checkin/members.py", release=".."), ""),
    (replace(at(""), exceptions=(replace(INTEGRITY_ERROR, frames=(library("flask/app.py", 9, "f"),)),)), ""),
    (replace(at(""), exceptions=(), source=None), ""),
    (replace(at(""), exceptions=(), source="urllib3/connectionpool.py:824", source_in_app=False), ""),
]


@pytest.mark.parametrize(("event", "url"), SOURCES)
def test_the_source_leads_to_the_line_of_the_release_where_that_is_known(event: Event, url: str) -> None:
    assert links.source(event, TEAM) == url


COMMITS = [
    ("4f2c9a7be1d04c5f", "4f2c9a7be1d04c5f", "4f2c9a7be1d04c5f"),
    ("checkin@4f2c9a7", "4f2c9a7", "4f2c9a7"),
    ("checkin@1.4.2+4f2c9a7", "4f2c9a7", "1.4.2%2B4f2c9a7"),
    ("checkin@1.4.2", "", "1.4.2"),
    ("defaced", "defaced", "defaced"),
    ("v1234567", "", "v1234567"),
]


@pytest.mark.parametrize(("release", "commit", "version"), COMMITS)
def test_a_release_may_name_a_commit_or_a_version(release: str, commit: str, version: str) -> None:
    event = at("a.py", release=release)
    assert links.source(event, Links(repo_url="https://x.example/{commit}/{path}")) == (
        f"https://x.example/{commit}/a.py" if commit else ""
    )
    assert (
        links.source(event, Links(repo_url="https://x.example/{version}/{path}")) == f"https://x.example/{version}/a.py"
    )


def told(message: Message, style: Style = LED) -> list[tuple[str, str]]:
    return [(link.name, link.url) for link in links.of(message, style.links)]


def test_the_first_runbook_that_is_met_stands_before_the_pages_of_the_team() -> None:
    assert told(FIRST_SEEN) == [
        ("runbook", "https://wiki.example/db"),
        ("dashboard", "https://grafana.example/d/x?var-app=checkin&from=1630992060000"),
        ("logs", "https://logs.example/search?env=production&q=4f2c9a7be1d04c5f"),
    ]


def test_an_address_with_an_unknown_value_is_left_out() -> None:
    silent = replace(
        FIRST_SEEN,
        event=replace(
            FIRST_VISITOR,
            kind=Kind.HEARTBEAT,
            exceptions=(),
            request_id=None,
            finding=Finding(problem=Problem.MISSED, name="night/backup"),
        ),
    )
    assert [name for name, _ in told(silent)] == ["runbook", "dashboard"]
    assert told(silent)[0] == ("runbook", "https://wiki.example/jobs/night%2Fbackup")


def test_an_address_too_long_for_a_card_is_left_out() -> None:
    room = limits.LINK - len("https://logs.example/search?env=production&q=")
    for length, names in ((room, ["runbook", "dashboard", "logs"]), (room + 1, ["runbook", "dashboard"])):
        message = replace(FIRST_SEEN, event=replace(FIRST_VISITOR, environment="production", request_id="a" * length))
        assert [name for name, _ in told(message)] == names


def test_a_record_and_a_digest_lead_nowhere() -> None:
    assert told(DEPLOYED) == []
    assert told(STORM) == []


def test_the_card_names_them_in_the_readers_language_below_the_reason() -> None:
    payload = slack.payload(FIRST_SEEN, replace(KOREAN, links=TEAM))
    elements = payload["blocks"][-1]["elements"][-1]["elements"]
    assert [each["text"] for each in elements] == ["→ ", "대응 절차", " · ", "대시보드", " · ", "로그"]
    assert elements[1]["url"] == "https://wiki.example/db"
    assert judge(payload) == []


PLACES = [
    ("checkin/my_members.py", "*SOURCE*\n<{url}|checkin/my_members.py:41>"),
    ("checkin/__init__.py", "*SOURCE*\n`checkin/__init__.py:41` <{url}|↗>"),
    ("a&b.py", "*SOURCE*\n<{url}|a&amp;b.py:41>"),
]


@pytest.mark.parametrize(("path", "field"), PLACES)
def test_the_source_on_the_card_is_a_link_and_never_markup(path: str, field: str) -> None:
    event = at(path)
    payload = slack.payload(replace(FIRST_SEEN, event=event), LED)
    wanted = field.format(url=links.source(event, TEAM))
    assert wanted in [each["text"] for each in payload["attachments"][0]["blocks"][0]["fields"]]


def test_plain_text_spells_them_out() -> None:
    shown = text.plain(FIRST_SEEN, LED).split("\n")
    assert "Source https://github.com/team/app/blob/checkin%401.4.2/checkin/members.py#L41" in shown
    assert "Runbook https://wiki.example/db" in shown


EVERYWHERE = "&".join(f"{name}={{{name}}}" for name in (*links.PLACES, *links.TIMES))
MANY = Links(
    repo_url="https://x.example/{app}/{release}/{path}#L{line}",
    others={f"page {number}": f"https://x.example/{number}?{EVERYWHERE}" for number in range(links.LINKS_MAX)},
    runbooks=(Runbook(url="https://x.example/{app}/{name}"),),
)


@settings(max_examples=150)
@given(messages(), styles)
def test_whatever_an_event_says_a_link_stays_on_its_host_and_the_card_within_its_budget(
    message: Message, style: Style
) -> None:
    payload = slack.payload(message, replace(style, links=MANY))
    assert judge(payload) == []
    assert characters(payload) <= limits.BUDGET_CHARACTERS
    found = [*links.of(message, MANY)]
    urls = [link.url for link in found] + ([links.source(message.event, MANY)] if message.event else [])
    assert all(not url or url.startswith("https://x.example/") for url in urls)
    assert all(url.isascii() and url.isprintable() and not set(url) & set("<>|\"'` ") for url in urls)
    json.dumps(payload)


@settings(max_examples=100)
@given(texts)
def test_a_value_never_leaves_its_place(value: str) -> None:
    event = replace(FIRST_VISITOR, request_id=value)
    found = links.of(replace(FIRST_SEEN, event=event), Links(others={"logs": "https://x.example/a/{request_id}/b?c"}))
    for link in found:
        assert link.url.count("/") == 5
        assert link.url.count("?") == 1
        assert "#" not in link.url
