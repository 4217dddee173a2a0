"""Outcomes of real processes: jobs that fail, hang and are killed, counts, expectations, bursts of bad answers."""

import signal
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from children import Child, Launch
from seen import everything, fields, text
from shell import wait_until

from bongsu.testing import Received, ScriptedSlack

PROGRAMS = Path(__file__).parent / "programs_outcomes"


def start(launch: Launch, program: str, *arguments: str, **environ: str) -> Child:
    return launch.command(sys.executable, str(PROGRAMS / f"{program}.py"), *arguments, **environ)


def line_of(program: str, statement: str) -> str:
    lines = (PROGRAMS / f"{program}.py").read_text().splitlines()
    [number] = [number for number, line in enumerate(lines, 1) if statement in line]
    return f"{program}.py:{number}"


def tallies(launch: Launch) -> dict[str, int]:
    with closing(sqlite3.connect(launch.state_dir / "checkin" / "bongsu.db")) as database:
        return dict(database.execute("select name, sum(n) from tallies group by name").fetchall())


def has(words: str) -> Callable[[Received], bool]:
    """Whether a message says that."""
    return lambda message: words in text(message)


# -- heartbeats


def test_a_job_that_raises_is_one_card_with_its_stack_though_it_is_logged_and_uncaught(
    slack: ScriptedSlack, launch: Launch
) -> None:
    with start(launch, "job", "fails") as job:
        assert job.line().startswith("running")
        ended = job.end()
    assert ended.code == 1
    assert "OSError: disk full" in ended.err
    [card] = slack.messages
    assert "nightly-backup failed: OSError: disk full" in text(card)
    assert 'raise OSError("disk full")' in everything(card)
    assert fields(card)["SOURCE"] == line_of("job", 'raise OSError("disk full")')


def test_a_job_that_is_killed_is_told_by_another_process_and_then_missed(slack: ScriptedSlack, launch: Launch) -> None:
    with start(launch, "job", "is killed") as job:
        job.line()
        assert job.end().code == -signal.SIGKILL
    assert slack.messages == []
    with launch.start("sender"):
        [killed] = slack.wait_for(has("nightly-backup did not end: its process is gone"), timeout_s=20)
        [missed] = slack.wait_for(has("nightly-backup is missed"), timeout_s=30)
    assert fields(missed)["SOURCE"] == line_of("job", "@bongsu.heartbeat")
    assert "REQUEST ID" not in fields(killed)


def test_a_run_in_a_thread_that_ends_with_its_program_was_killed(slack: ScriptedSlack, launch: Launch) -> None:
    with start(launch, "thread") as job:
        job.line()
        assert job.end().code == 0
    with launch.start("sender"):
        slack.wait_for(has("nightly-backup did not end: its process is gone"), timeout_s=20)
    with launch.command(*WATCH, "--once") as watch:
        assert "killed" in watch.end().out


def test_two_runs_at_once_overlap(slack: ScriptedSlack, launch: Launch) -> None:
    with start(launch, "job", "goes on") as first:
        first.line()
        with start(launch, "job", "goes on") as second:
            second.line()
            [card] = slack.wait_for(has("nightly-backup overlaps: 2 runs at once"), timeout_s=20)
            assert text(card).startswith("🟡")
            second.say("end")
            assert second.end().code == 0
        first.say("end")
        assert first.end().code == 0
    assert len(slack.messages) == 1


# -- counts and expectations


def test_the_counts_of_processes_that_left_without_a_goodbye_are_exact(launch: Launch) -> None:
    with start(launch, "counting") as program:
        wanted = int(program.line())
        program.say("flush")
        assert program.end().code == 0
    assert tallies(launch) == {"checkin.login": wanted}


def test_too_few_are_told_and_enough_again_too(slack: ScriptedSlack, launch: Launch) -> None:
    with start(launch, "expecting") as program:
        program.line()
        [card] = slack.wait_for(has("checkin.login: 0 in 10 s, at least 1 expected"), timeout_s=40)
        assert fields(card)["SOURCE"] == line_of("expecting", "bongsu.expect(")
        program.say("log-in")
        [over] = slack.wait_for(has("Enough again after"), timeout_s=30)
        assert text(over).startswith("🟢")


# -- answers


def test_bad_answers_of_two_processes_are_one_burst(slack: ScriptedSlack, launch: Launch) -> None:
    with start(launch, "answering") as one, start(launch, "answering") as other:
        assert (one.line(), other.line()) == ("answered", "answered")
        [burst] = slack.wait_for(has("5xx: 20 of 40 answers in 5 min"), timeout_s=30)
        assert "20 × GET /orders/{id}" in everything(burst)
        [single] = slack.wait_for(has("503 GET /orders/{id}"), timeout_s=5)
        assert fields(single)["STATUS"] == "503"


# -- bongsu watch heartbeats


WATCH = (sys.executable, "-m", "bongsu", "watch", "heartbeats")


def test_watch_goes_on_when_every_process_is_gone(slack: ScriptedSlack, launch: Launch) -> None:
    with start(launch, "job", "is killed") as job:
        job.line()
        job.end()
    with launch.command(*WATCH) as watch:
        assert "Watching checkin" in watch.line()
        slack.wait_for(has("nightly-backup did not end: its process is gone"), timeout_s=20)
        slack.wait_for(has("nightly-backup is missed"), timeout_s=30)
        said = [watch.line()]
        while "missed" not in said[-1]:
            said.append(watch.line())
        assert "✗ nightly-backup: missed, due " in said[-1]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
def test_watch_ends_when_it_is_told_to(launch: Launch, number: signal.Signals) -> None:
    with launch.command(*WATCH) as watch:
        said = [watch.line(), watch.line()]
        watch.signal(number)
        ended = watch.end()
    assert (ended.code, ended.err) == (0, "")
    assert said[0] == "Watching checkin. Ctrl-C ends it."
    assert said[1].startswith("checkin has not declared anything yet in ")


def test_watch_once_shows_how_everything_stands(slack: ScriptedSlack, launch: Launch) -> None:
    with launch.command(*WATCH, "--once") as watch:
        nothing = watch.end()
    assert (nothing.code, nothing.out.startswith("checkin has not declared anything yet in ")) == (0, True)
    with start(launch, "job", "ends") as job:
        assert job.line()
        assert job.end().code == 0
    with launch.command(*WATCH, "--once") as watch:
        well = watch.end()
    assert well.code == 0
    assert well.out.splitlines()[0].split() == ["NAME", "LAST", "HEARD", "DUE", "STATE"]
    assert well.out.splitlines()[1].split()[1::3] == ["nightly-backup", "ok"]
    with start(launch, "job", "fails") as job:
        job.end()
    with launch.command(*WATCH, "--once") as watch:
        wrong = watch.end()
    assert (wrong.code, "✗ nightly-backup" in wrong.out, "failed" in wrong.out) == (1, True, True)
    assert len(slack.messages) == 1


def test_watch_that_cannot_look_does_not_say_that_all_is_well(launch: Launch) -> None:
    launch.state_dir.mkdir(exist_ok=True)
    (launch.state_dir / "checkin").write_text("in the way")
    with launch.command(*WATCH, "--once") as watch:
        ended = watch.end()
    assert (ended.code, ended.out) == (1, "")
    assert "cannot use" in ended.err


def test_watch_forgets_what_it_is_told_to(slack: ScriptedSlack, launch: Launch) -> None:
    with start(launch, "job", "fails") as job:
        job.end()
    with launch.command(*WATCH, "--forget", "nightly-backup") as watch:
        assert watch.end().code == 0
    wait_until(lambda: "No longer watched" in text(slack.messages[-1]))
    with launch.command(*WATCH, "--forget", "nightly-backup") as watch:
        ended = watch.end()
    assert (ended.code, ended.err) == (1, "Nothing is watched under the name 'nightly-backup'.\n")
