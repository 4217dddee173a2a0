"""A changed bongsu.toml is in force within five seconds in all processes; a broken one is told once, and no more."""

import os
import signal
import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest
from children import Child, Launch
from seen import everything, text
from shell import wait_until

from bongsu.clock import SYSTEM
from bongsu.testing import ScriptedSlack

IN_FORCE_S = 5.0
PROCESSES = 8
ENDS = (sys.executable, "-c", "input(); raise SystemExit(3)")
RUN = (sys.executable, "-m", "bongsu", "run", "--restart", "never", "--name", "shop", "--", *ENDS)


class Desk:
    """A bongsu.toml, and the programs that it is for."""

    def __init__(self, slack: ScriptedSlack, launch: Launch, folder: Path) -> None:
        self._slack = slack
        self._launch = launch
        self.file = folder / "bongsu.toml"

    def text(self, language: str = "en", alarm: str = "alarm", more: str = "") -> str:
        url = self._slack.webhook_url
        channels = f'[channels]\nalarm = "{url(alarm)}"\ndevops = "{url("devops")}"\n'
        return f'language = "{language}"\n{more}\n{channels}'

    def write(self, content: str) -> None:
        """Replace it by rename, as most editors do."""
        draft = self.file.with_suffix(".draft")
        draft.write_text(content)
        os.replace(draft, self.file)

    def start(self, **environ: str) -> Child:
        return self._launch.start("reloading", **{"BONGSU_TO": "", **environ})

    def begin(self, **environ: str) -> Child:
        child = self.start(**environ)
        assert child.line() == "ready"
        return child


@pytest.fixture
def desk(slack: ScriptedSlack, launch: Launch, tmp_path: Path) -> Desk:
    return Desk(slack, launch, tmp_path)


def ask(child: Child, line: str) -> str:
    child.say(line)
    return child.line()


def _renamed(desk: Desk) -> None:
    desk.write(desk.text("ko", "alarm-2"))


def _written_in_place(desk: Desk) -> None:
    desk.file.write_text(desk.text("ko", "alarm-2"))


def _twice(desk: Desk) -> None:
    desk.write(desk.text("en", "alarm-1"))
    desk.write(desk.text("ko", "alarm-2"))


def _deleted_and_back(desk: Desk) -> None:
    desk.file.unlink()
    desk.file.write_text(desk.text("ko", "alarm-2"))


def _same_size_and_time(desk: Desk) -> None:
    before = desk.file.stat()
    desk.write(desk.text("ko", "alarm-2"))
    assert desk.file.stat().st_size == before.st_size
    os.utime(desk.file, ns=(before.st_atime_ns, before.st_mtime_ns))


def _through_a_link(desk: Desk) -> None:
    other = desk.file.with_name("other.toml")
    other.write_text(desk.text("ko", "alarm-2"))
    link = desk.file.with_name("link")
    link.symlink_to(other)
    os.replace(link, desk.file)


@pytest.mark.parametrize(
    "edit", [_renamed, _written_in_place, _twice, _deleted_and_back, _same_size_and_time, _through_a_link]
)
def test_an_edit_is_in_force_within_five_seconds(
    slack: ScriptedSlack, desk: Desk, edit: Callable[[Desk], None]
) -> None:
    desk.write(desk.text("en", "alarm-1"))
    with desk.begin() as program:
        edit(desk)
        wait_until(lambda: ask(program, "language") == "ko", IN_FORCE_S)
        assert ask(program, "capture the login is broken") == "captured"
        [told] = slack.wait_for(lambda message: "the login is broken" in text(message))
        assert program.end().err == ""
    assert told.channel == "alarm-2"
    assert len(slack.messages) == 1  # a good edit is no news


def test_a_file_that_appears_where_there_was_none_is_in_force(slack: ScriptedSlack, desk: Desk) -> None:
    with desk.begin(BONGSU_TO=slack.webhook_url("alarm")) as program:
        desk.write('language = "ko"\n')
        wait_until(lambda: ask(program, "language") == "ko", IN_FORCE_S)


def test_the_file_is_the_one_of_the_start_wherever_the_program_goes(
    slack: ScriptedSlack, desk: Desk, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "bongsu.toml").write_text("nonsense")
    desk.write(desk.text())
    with desk.begin(BONGSU_CONFIG="./bongsu.toml") as program:
        assert ask(program, f"go {elsewhere}") == "gone"
        desk.write(desk.text("ko"))
        wait_until(lambda: ask(program, "language") == "ko", IN_FORCE_S)
    assert slack.messages == []


def test_a_level_is_in_force_for_log_records(slack: ScriptedSlack, desk: Desk) -> None:
    desk.write(desk.text())
    with desk.begin() as program:
        assert ask(program, "log nobody hears this") == "logged"
        desk.write(desk.text("ko", more='level = "warning"'))
        wait_until(lambda: ask(program, "language") == "ko", IN_FORCE_S)
        assert ask(program, "log everybody hears that") == "logged"
        slack.wait_for(lambda message: "everybody hears that" in text(message))
    assert not [message for message in slack.messages if "nobody" in everything(message)]


def test_a_broken_edit_changes_nothing_and_is_told_once_by_eight_processes_as_is_its_end(
    slack: ScriptedSlack, desk: Desk
) -> None:
    desk.write(desk.text())
    with ExitStack() as stack:
        programs = [stack.enter_context(desk.start()) for _ in range(PROCESSES)]
        assert [program.line() for program in programs] == ["ready"] * PROCESSES
        broken_at = SYSTEM.monotonic()
        desk.write(desk.text("ko", "alarm-2").replace("devops", "devop\u0000s") + "quiet_hour = 1\n")
        [broken] = slack.wait_for(lambda message: "has problems" in text(message), timeout_s=10)
        assert SYSTEM.monotonic() - broken_at < IN_FORCE_S + 1.0  # for its way to Slack
        _five_seconds_pass()  # all have seen it then
        assert {ask(program, "language") for program in programs} == {"en"}
        desk.write(desk.text("ko"))
        [mended] = slack.wait_for(lambda message: "다시 적용" in text(message), timeout_s=10)
        wait_until(lambda: {ask(program, "language") for program in programs} == {"ko"}, IN_FORCE_S)
        errors = [program.end().err for program in programs]
    assert [message.channel for message in slack.messages] == ["devops", "devops"]
    assert "bongsu.toml" in everything(broken)
    assert "bongsu.toml" in everything(mended)
    assert sorted(error.count("bongsu.toml has problems") for error in errors) == [0] * (PROCESSES - 1) + [1]


def test_a_second_broken_content_is_told_too_and_no_secret_of_it(slack: ScriptedSlack, desk: Desk) -> None:
    desk.write(desk.text())
    with desk.begin():
        desk.write(desk.text(more='levell = "error"'))
        slack.wait_for(lambda message: "levell" in everything(message), timeout_s=10)
        many = "\n".join(f'key{number} = "password=hunter2"' for number in range(90))
        desk.write(desk.text(more=f'level = "token=xoxb-1234567890-abcdefghijklmn"\n{many}'))
        [told] = slack.wait_for(lambda message: "key0" in everything(message), timeout_s=10)
    assert "+81 more" in everything(told)
    assert not any(secret in everything(told) for secret in ("hunter2", "xoxb-1234567890-abcdefghijklmn"))


def test_a_file_that_is_gone_is_told_and_what_it_said_stays_in_force(slack: ScriptedSlack, desk: Desk) -> None:
    desk.write(desk.text("ko"))
    with desk.begin() as program:
        desk.file.unlink()
        [told] = slack.wait_for(lambda message: "is gone" in everything(message), timeout_s=10)
        assert ask(program, "language") == "ko"
        desk.write(desk.text("ko"))
        slack.wait_for(lambda message: "다시 적용" in text(message), timeout_s=10)
    assert told.channel == "devops"


def test_a_file_without_a_destination_leaves_the_alerts_where_they_go(slack: ScriptedSlack, desk: Desk) -> None:
    desk.write(desk.text())
    with desk.begin():
        desk.write('language = "ko"\n')
        [told] = slack.wait_for(lambda message: "names no destination any more" in everything(message), timeout_s=10)
    assert told.channel == "devops"


def test_what_cannot_change_in_a_running_program_is_kept_and_said(slack: ScriptedSlack, desk: Desk) -> None:
    desk.write(desk.text(more="integrations = true"))
    with desk.begin() as program:
        desk.write(desk.text("ko", more="integrations = false"))
        [told] = slack.wait_for(lambda message: "integrations" in everything(message), timeout_s=10)
        assert ask(program, "language") == "ko"
        assert "integrations" in program.end().err
    assert told.channel == "devops"


def test_a_program_that_starts_with_the_mended_file_says_so(slack: ScriptedSlack, desk: Desk) -> None:
    desk.write(desk.text())
    with desk.begin():
        desk.write("nonsense")
        slack.wait_for(lambda message: "has problems" in text(message), timeout_s=10)
    desk.write(desk.text())
    with desk.begin():
        slack.wait_for(lambda message: "in force again" in text(message), timeout_s=10)


def test_what_waits_for_an_address_that_was_replaced_goes_to_the_next(slack: ScriptedSlack, desk: Desk) -> None:
    slack.script(word="rate_limited", headers={"Retry-After": "600"}, times=None)
    desk.write(desk.text("en", "alarm-1"))
    with desk.begin() as program:
        assert ask(program, "capture the login is broken") == "captured"
        wait_until(lambda: [message.channel for message in slack.messages] == ["alarm-1"])
        slack.recover()
        desk.write(desk.text("ko", "alarm-2"))
        [told] = slack.wait_for(
            lambda message: message.channel == "alarm-2" and "the login is broken" in text(message), timeout_s=10
        )
    assert "(repeat)" not in everything(told)


def test_what_waits_for_a_channel_that_is_gone_goes_where_another_stands_in(slack: ScriptedSlack, desk: Desk) -> None:
    slack.script(word="rate_limited", headers={"Retry-After": "600"}, times=None)
    desk.write(desk.text("en", "alarm-1"))
    with desk.begin() as program:
        assert ask(program, "capture the login is broken") == "captured"
        wait_until(lambda: [message.channel for message in slack.messages] == ["alarm-1"])
        slack.recover()
        desk.write(f'[channels]\ndevops = "{slack.webhook_url("devops-2")}"\n')
        slack.wait_for(
            lambda message: message.channel == "devops-2" and "the login is broken" in text(message), timeout_s=10
        )


def test_what_waits_for_one_of_two_channels_that_swap_their_addresses_goes_to_its_own(
    slack: ScriptedSlack, desk: Desk
) -> None:
    slack.script(word="rate_limited", headers={"Retry-After": "600"}, times=None)
    urls = [f'"{slack.webhook_url(name)}"' for name in ("one", "two")]
    desk.write("[channels]\nalarm = {}\ndevops = {}\n".format(*urls))
    with desk.begin() as program:
        assert ask(program, "capture the login is broken") == "captured"
        wait_until(lambda: [message.channel for message in slack.messages] == ["one"])
        slack.recover()
        desk.write("[channels]\nalarm = {}\ndevops = {}\n".format(*reversed(urls)))
        slack.wait_for(
            lambda message: message.channel == "two" and "the login is broken" in text(message), timeout_s=10
        )


@pytest.mark.parametrize("round_", range(4))
def test_a_kill_in_the_middle_of_a_reload_loses_nothing(slack: ScriptedSlack, desk: Desk, round_: int) -> None:
    desk.write(desk.text("en", "alarm-1"))
    former = f'former = "{slack.webhook_url("alarm-1")}"\n'  # what waits there is not kept for another program
    seen = [f"order {round_}{number} is lost" for number in range(3)]
    with desk.begin() as program:
        assert ask(program, f"record {seen[0]}") == "recorded"
        desk.write(desk.text("ko", "alarm-2") + former)
        if round_ % 2:
            wait_until(lambda: ask(program, "language") == "ko", IN_FORCE_S)
        assert [ask(program, f"record {each}") for each in seen[1:]] == ["recorded"] * 2
        program.signal(signal.SIGKILL)
    with desk.begin():
        for each in seen:
            slack.wait_for(lambda message, each=each: each in everything(message), timeout_s=15)


def test_bongsu_run_takes_an_edit_too(slack: ScriptedSlack, desk: Desk, launch: Launch) -> None:
    desk.write(desk.text("en", "alarm-1"))
    with launch.command(*RUN, BONGSU_TO="") as run:
        slack.wait_for(lambda message: "started" in text(message), timeout_s=10)
        desk.write(desk.text("en", "alarm-2"))
        _five_seconds_pass()
        run.say("end")
        [told] = slack.wait_for(lambda message: "exit 3" in text(message), timeout_s=10)
    assert told.channel == "alarm-2"


def test_bongsu_run_says_that_it_keeps_the_commands_it_began_with(
    slack: ScriptedSlack, desk: Desk, launch: Launch
) -> None:
    desk.write(desk.text() + '[run.shop]\ncommand = "cat"\n')
    run = (sys.executable, "-m", "bongsu", "run", "--file", "bongsu.toml")
    with launch.command(*run, BONGSU_TO=""):
        slack.wait_for(lambda message: "started" in text(message), timeout_s=10)
        desk.write(desk.text() + '[run.shop]\ncommand = "sleep 5"\n')
        [told] = slack.wait_for(lambda message: "new start" in everything(message), timeout_s=10)
    assert "new start of the program: run" in everything(told)


def test_bongsu_run_that_began_with_a_broken_file_takes_the_mended_one(
    slack: ScriptedSlack, desk: Desk, launch: Launch
) -> None:
    desk.write("nonsense")
    with launch.command(*RUN, BONGSU_TO="", HOME=str(launch.folder)) as run:
        wait_until(lambda: any((launch.folder / ".local").rglob("bongsu.db")))
        desk.write(desk.text())
        _five_seconds_pass()
        run.say("end")
        [told] = slack.wait_for(lambda message: "exit 3" in text(message), timeout_s=10)
        err = run.end().err
    assert told.channel == "alarm"
    assert "shop: started" in err  # meanwhile


def _five_seconds_pass() -> None:
    began_at = SYSTEM.monotonic()
    wait_until(lambda: SYSTEM.monotonic() - began_at > IN_FORCE_S)
