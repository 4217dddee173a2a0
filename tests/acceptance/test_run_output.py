"""`bongsu run`: input and output pass through byte for byte, and a reader is felt by the command as without us."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import seen
from children import Launch
from running import ONCE, begin, children, shell, through
from shell import wait_until

from bongsu.testing import ScriptedSlack

NOISE = bytes(range(256)) * 4_096  # 1 MiB with every byte
COPY_IN = "import sys; sys.stdout.buffer.write(sys.stdin.buffer.read())"
COPY_IN_TO_ERR = "import sys; sys.stderr.buffer.write(sys.stdin.buffer.read())"
WATCHED = ("--no-output-for", "1h")  # then stdout is copied too


def raw(launch: Launch, *words: str, given: bytes = b"") -> "subprocess.CompletedProcess[bytes]":
    """`bongsu run` with bytes for its input."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("BONGSU_")}
    return subprocess.run(
        [sys.executable, "-m", "bongsu", "run", *ONCE, *words],
        cwd=launch.folder,
        env={**environ, "BONGSU_STATE_DIR": str(launch.state_dir), "BONGSU_TO": f"file:{launch.folder}/alerts"},
        input=given,
        capture_output=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("words", [(), WATCHED], ids=["inherited", "copied"])
def test_input_and_output_are_the_same_bytes(launch: Launch, words: tuple[str, ...]) -> None:
    done = raw(launch, *words, "--", sys.executable, "-c", COPY_IN, given=NOISE)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout == NOISE


def test_errors_are_the_same_bytes(launch: Launch) -> None:
    done = raw(launch, "--", sys.executable, "-c", COPY_IN_TO_ERR, given=NOISE)
    assert (done.returncode, done.stdout) == (0, b"")
    assert done.stderr == NOISE


def test_the_last_bytes_before_a_kill_arrive(launch: Launch) -> None:
    line = "head -c 300000 /dev/zero >&2; kill -KILL $$"
    done = raw(launch, *shell(line))
    assert done.returncode == 137
    assert done.stderr == bytes(300_000)


def test_the_last_lines_stand_on_the_card_without_colours(launch: Launch, slack: ScriptedSlack) -> None:
    line = r"seq 1 500 >&2; printf '\033[31mlast words\033[0m\n' >&2; exit 3"
    through(launch, *ONCE, "--name", "shop", *shell(line))
    wait_until(lambda: any("exit 3" in seen.text(post) for post in slack.posts))
    card = next(seen.everything(post) for post in slack.posts if "exit 3" in seen.text(post))
    assert "last words" in card
    assert "\x1b" not in card


def test_the_lines_of_one_run_do_not_stand_on_the_card_of_the_next(launch: Launch) -> None:
    line = "test -e again || { touch again; echo first >&2; exit 3; }; exit 4"
    ended = through(launch, "--max-restarts", "1", *shell(line))
    assert ended.code == 4


def test_a_slow_reader_slows_the_command_down(launch: Launch) -> None:
    """Nothing is kept in between but what pipes hold: the command waits."""
    writing = "import os\nfor n in range(64):\n    os.write(2, bytes(1 << 20))\n    os.write(1, b'.\\n')"
    with begin(launch, *ONCE, "--", sys.executable, "-c", writing) as child:
        for _ in range(1):
            child.line()
        wait_until(lambda: _waits(children(child.pid)[0]))
        resident = _resident_mib(child.pid)
        assert resident < 60
        ended = child.end()
    assert ended.code == 0
    assert len(ended.err) == 64 << 20


def test_who_writes_where_nobody_reads_gets_what_it_would_have_got(launch: Launch) -> None:
    line = "while :; do echo more >&2; done"
    words = [sys.executable, "-m", "bongsu", "run", *ONCE, *shell(line)]
    with launch.command("sh", "-c", '"$@" 2>&1 >/dev/null | head -1; true', "sh", *words) as child:
        assert child.line() == "more"
        assert child.end().code == 0  # and it ended


def test_a_closed_stderr_stays_closed(launch: Launch) -> None:
    words = [sys.executable, "-m", "bongsu", "run", *ONCE, *shell("test -e /proc/$$/fd/2; echo $?")]
    with launch.command("sh", "-c", '"$@" 2>&-', "sh", *words) as child:
        assert child.line() == "1"


def test_a_traceback_in_the_last_lines_is_an_exception_with_its_place(launch: Launch, slack: ScriptedSlack) -> None:
    (launch.folder / "job.py").write_text("def pay():\n    raise ValueError('no money')\npay()\n")
    through(launch, *ONCE, "--name", "shop", "--", sys.executable, "job.py")
    told = [post for post in slack.posts if "ValueError: no money" in seen.everything(post)]
    assert told, list(map(seen.everything, slack.posts))
    assert any("job.py:2" in seen.everything(post) for post in told)


def test_the_environment_is_the_same(launch: Launch) -> None:
    """Python adds LC_CTYPE to its own in the C locale; a command is not to see that."""
    given = {"HOME": "/", "PATH": os.environ["PATH"], "LC_ALL": "", "LANG": "", "BONGSU_STATE_DIR": "/nowhere"}
    done = subprocess.run(
        [sys.executable, "-m", "bongsu", "run", *ONCE, "--", "/usr/bin/env"],
        cwd=launch.folder,
        env=given,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert dict(line.split("=", 1) for line in done.stdout.splitlines()) == given


def test_nothing_of_the_environment_is_kept(launch: Launch, slack: ScriptedSlack) -> None:
    through(launch, *ONCE, *shell("exit 3"), SHOP_SECRET="s3cr3t-of-the-shop")
    kept = b"".join(path.read_bytes() for path in launch.state_dir.rglob("*") if path.is_file())
    assert b"s3cr3t-of-the-shop" not in kept
    assert not any("s3cr3t-of-the-shop" in seen.everything(post) for post in slack.posts)


def _waits(pid: int) -> bool:
    return "pipe_write" in Path(f"/proc/{pid}/wchan").read_text() or _state(pid) == "S"


def _state(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()[0]


def _resident_mib(pid: int) -> float:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def test_a_reader_that_takes_nothing_does_not_keep_us_from_ending(launch: Launch) -> None:
    with begin(launch, *ONCE, *shell("head -c 1500000 /dev/zero >&2")) as child:
        wait_until(lambda: bool(children(child.pid)))
        wait_until(lambda: not children(child.pid))
        child.signal(signal.SIGTERM)
        assert child.process.wait(20) in (0, -signal.SIGTERM)  # before or after we knew that it had ended


@pytest.mark.parametrize("closed", ["2", "12", "012"])
def test_streams_that_are_closed_stay_so_and_nothing_of_ours_takes_their_numbers(launch: Launch, closed: str) -> None:
    """What we say on stderr would else go into a pipe or a file of ours."""
    look = (
        "exec 9>seen; for n in 0 1 2; do test -e /proc/$$/fd/$n || echo $n $(readlink /proc/$PPID/fd/$n) >&9; done;"
        "test -e again || { touch again; exit 3; }"
    )
    closing = " ".join(f"{number}>&-" for number in closed)
    under = ("sh", "-c", f'exec "$@" {closing}', "sh", sys.executable, "-m", "bongsu", "run", *shell(look))
    with launch.command(*under) as child:
        assert child.end().code == 0
    assert (launch.folder / "seen").read_text() == "".join(f"{number} /dev/null\n" for number in closed)


def test_without_stderr_our_complaints_do_not_go_to_stdout(launch: Launch) -> None:
    under = ("sh", "-c", 'exec "$@" 2>&-', "sh", sys.executable, "-m", "bongsu", "run", *ONCE, *shell("echo out"))
    with launch.command(*under, BONGSU_TO="nowhere") as child:
        assert child.end().out == "out\n"
