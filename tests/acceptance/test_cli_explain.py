"""`bongsu explain`: the journey of an event, as somebody reads it who wonders why it was told, or why it was not."""

import json

import pytest
from shell import APP, NOBODY_LISTENS, Shell

from bongsu.alerting import storm as storms
from bongsu.messages.judge import judge
from bongsu.store import SqliteStore

FAILS = """
import bongsu
bongsu.init()
try:
    raise LookupError("no room for kim@example.org")
except LookupError as error:
    print(bongsu.capture_exception(error, team="login", password="hunter2"))
bongsu.flush(0.5)
"""
ROUTES = """
app = "shop"
[channels]
alarm = "http://127.0.0.1:9/services/T0/B0/x"
devops = "http://127.0.0.1:9/services/T0/B0/y"
[[route]]
when = { level = "fatal" }
to = "devops"
[[route]]
when = { tag.team = "login" }
to = "alarm"
[[route]]
to = "devops"
"""


@pytest.fixture
def event_id(bongsu: Shell) -> str:
    (bongsu.folder / "bongsu.toml").write_text(ROUTES)
    done = bongsu.python("-c", FAILS)
    return done.stdout.strip()


def _steps(output: str) -> dict[str, list[str]]:
    steps: dict[str, list[str]] = {}
    for line in output.splitlines():
        if line and not line.startswith(" "):
            steps[line] = []
        elif line:
            steps[next(reversed(steps))].append(line.strip())
    return steps


def test_each_step_of_a_known_event_is_told(bongsu: Shell, event_id: str) -> None:
    done = bongsu("explain", event_id)
    steps = _steps(done.stdout)
    assert (done.returncode, list(steps)) == (0, ["Event", "Group", "State", "Route", "Decision", "Card"])
    assert event_id in steps["Event"][0]
    assert "LookupError: no room for [email]" in steps["Event"]
    assert steps["Event"][-1] == "scrubbed: message, tag password"
    assert "hunter2" not in done.stdout
    assert "type: LookupError" in steps["Group"]
    assert steps["State"][0].startswith("firing, episode 1")
    assert steps["State"][1] == "alarm: has a message of its own"
    assert steps["Route"] == [
        "route 1 does not: level is error, not fatal",
        "route 2 matches → alarm",
        "not asked any more: route 3",
        "→ alarm",
    ]
    assert "it is counted, and nothing is sent" in steps["Decision"]
    assert "growing when it has happened 10 times in this episode" in steps["Decision"]
    assert any("LookupError" in line for line in steps["Card"])


def test_the_first_characters_of_an_event_or_of_a_fingerprint_do(bongsu: Shell, event_id: str) -> None:
    fingerprint = _steps(bongsu("explain", event_id).stdout)["Group"][0]
    for name in (event_id[:12], fingerprint, fingerprint[:8]):
        assert bongsu("explain", name).returncode == 0


def test_an_ignore_rule_is_the_reason_why_nothing_is_told(bongsu: Shell, event_id: str) -> None:
    (bongsu.folder / "bongsu.toml").write_text(ROUTES + '[alerting]\nignore = ["LookupError"]\n')
    told = _steps(bongsu("explain", event_id).stdout)["Decision"]
    assert told == ["ignored, because of exception=LookupError: it is counted, and nothing is sent"]


def test_a_fingerprint_rule_is_the_reason_for_the_group(bongsu: Shell) -> None:
    (bongsu.folder / "bongsu.toml").write_text(ROUTES + '[[fingerprint]]\ngroup = "{default} {tag.team}"\n')
    event_id = bongsu.python("-c", FAILS).stdout.strip()
    told = _steps(bongsu("explain", event_id).stdout)["Group"]
    assert told[0].startswith("r1:")
    assert told[1] == "a fingerprint rule says what is one problem: {default} {tag.team}"
    assert "type: LookupError" in told
    assert bongsu("explain", told[0]).returncode == 0
    assert bongsu("problems", "ack", told[0][:6]).returncode == 0


def test_a_silence_is_the_reason_why_nothing_is_told(bongsu: Shell, event_id: str) -> None:
    bongsu("silence", "add", "--match", "tag.team=login", "--for", "1h", "--why", "the intranet moves")
    assert "the intranet moves" in bongsu("explain", event_id).stdout


def test_quiet_hours_are_the_reason_why_it_waits(bongsu: Shell) -> None:
    (bongsu.folder / "bongsu.toml").write_text(ROUTES + '[quiet_hours]\nfrom = "00:00"\nto = "23:59"\n')
    assert "because of the quiet hours" in bongsu("explain", "--sample").stdout


def test_a_sample_needs_no_program_and_changes_nothing(bongsu: Shell) -> None:
    done = bongsu("explain", "--sample", "--app", "shop", BONGSU_TO=NOBODY_LISTENS)
    assert done.returncode == 0
    assert "nothing like it is known here" in done.stdout
    assert "no route matches, so environment production and level error decide: alarm" in done.stdout
    assert not bongsu.state.exists()


def test_the_payload_is_what_slack_would_take(bongsu: Shell, event_id: str) -> None:
    payload = json.loads(bongsu("explain", event_id, "--payload").stdout)
    assert judge(payload) == []
    assert "LookupError" in payload["text"]


@pytest.mark.parametrize("name", ["ffffffff", "%", "1:"])
def test_what_is_not_known_is_said_with_the_way_on(bongsu: Shell, name: str) -> None:
    done = bongsu("explain", name, "--app", "shop", BONGSU_TO=NOBODY_LISTENS)
    assert (done.returncode, done.stdout) == (1, "")
    assert "bongsu problems list" in done.stderr


def test_a_name_that_may_mean_several_is_asked_for_in_full(bongsu: Shell, event_id: str) -> None:
    bongsu.python("-c", FAILS.replace("LookupError", "ValueError"))
    done = bongsu("explain", "1:")
    assert (done.returncode, done.stdout) == (2, "")
    assert "may be one of 2" in done.stderr


@pytest.mark.parametrize("arguments", [(), ("--sample", "abc")])
def test_one_of_event_and_sample_is_needed(bongsu: Shell, arguments: tuple[str, ...]) -> None:
    assert bongsu("explain", *arguments).returncode == 2


SAME_CAUSE = """
import bongsu
bongsu.init()
for name in ("Login", "Booking"):
    try:
        try:
            raise ConnectionRefusedError("Error 111 connecting to db:5432")
        except OSError as refused:
            raise type(name, (Exception,), {})("failed") from refused
    except Exception as error:
        print(bongsu.capture_exception(error))
bongsu.flush(0.5)
"""


def test_a_shared_cause_is_the_reason_why_it_is_in_a_digest_while_that_is_open(bongsu: Shell) -> None:
    (bongsu.folder / "bongsu.toml").write_text('app = "shop"\nto = "file:told.jsonl"\n')
    first, second = bongsu.python("-c", SAME_CAUSE).stdout.split()
    because = "alarm: goes into the next digest, because it shares a cause with what was told there"
    told = {name: _steps(bongsu("explain", name).stdout)["Decision"] for name in (first, second)}
    assert (because in told[first], because in told[second]) == (False, True)
    store = SqliteStore(str(bongsu.state / APP / "bongsu.db"))
    with store.transaction() as book:
        book.save_storm("alarm", storms.written(book.storm("alarm"), 1.0), None, 1.0)
    store.close()
    assert because not in _steps(bongsu("explain", second).stdout)["Decision"]


def test_where_nothing_would_be_told_the_card_is_as_it_stands(bongsu: Shell, event_id: str) -> None:
    done = bongsu("explain", event_id)
    assert "firing, episode 1, since" in done.stdout
    assert "×2" not in done.stdout


def test_of_a_record_and_of_what_is_ignored_the_reason_is_said_why_it_is_not_known(bongsu: Shell) -> None:
    done = bongsu("explain", "ffffffff", "--app", "shop", BONGSU_TO=NOBODY_LISTENS)
    assert "What `ignore` names and what `bongsu.notify` sends belongs to no problem" in done.stderr


@pytest.mark.parametrize("timezone", ["Asia/Seoul", "America/New_York"])
def test_lists_and_cards_have_one_clock(bongsu: Shell, timezone: str) -> None:
    (bongsu.folder / "bongsu.toml").write_text(f'timezone = "{timezone}"\n{ROUTES}')
    event_id = bongsu.python("-c", FAILS).stdout.strip()
    state = _steps(bongsu("explain", event_id).stdout)["State"][0]
    since = state.partition("since ")[2].partition(": ")[0]
    assert since in bongsu("problems", "list").stdout
    begun = bongsu("silence", "add", "--match", "level=error", "--for", "1h", "--why", "known").stdout
    until = begun.partition("until ")[2].partition(". ")[0]
    assert until in bongsu("silence", "list").stdout
    assert f"until {until}" in bongsu("explain", "--sample").stdout
