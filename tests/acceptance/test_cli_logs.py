"""`bongsu logs`: from the request id of an alert to every line of that request."""

import gzip
import json
import os
import pty
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

import pytest
from children import Child, Launch
from shell import Shell

from bongsu.cli.logs.progress import drawn
from bongsu.testing import ScriptedSlack

GOOD, BAD = "4f2c9a7be1d04c5f", "0b6d3e8a91f74c22"


def _line(second: int, message: str, request: str = GOOD, level: str = "info", **fields: object) -> str:
    at = f"2021-09-07T05:26:{second:02}.000000Z"
    line = {"time": at, "level": level, "logger": "shop", "message": message, "request_id": request, **fields}
    return json.dumps(line, separators=(",", ":")) + "\n"


def _messages(out: str) -> list[str]:
    return [json.loads(line)["message"] for line in out.splitlines()]


def test_the_command_on_the_card_shows_every_line_of_the_request_and_no_other(
    launch: Launch, slack: ScriptedSlack, bongsu: Shell
) -> None:
    assert launch.run("two_requests", "app.log", GOOD, BAD).code == 0
    assert "hunter2" not in (launch.folder / "app.log").read_text()
    [command] = re.findall(r"bongsu (logs --request \w+)", json.dumps(slack.wait_for(1)[0].payload))
    done = bongsu(*command.split(), "app.log")
    assert (done.returncode, done.stderr) == (0, "")
    first, second, failed, problem, *calls = done.stdout.splitlines()
    assert re.fullmatch(r"\S+Z INFO    checkin\.orders: asked for pear article=pear two_requests\.py:\d+", first)
    assert "looking for pear" in second
    assert "ERROR   checkin.orders: cannot answer" in failed
    assert problem == "    KeyError: 'pear'"
    assert [call.rpartition(" in ")[2] for call in calls] == ["serve", "stock"]
    good = bongsu("logs", "--json", "--request", GOOD, "app.log").stdout
    assert _messages(good) == ["asked for apple", "looking for apple", "there are 3"]


def test_the_group_of_an_alert_gives_the_requests_that_had_it(launch: Launch, bongsu: Shell) -> None:
    launch.run("two_requests", "app.log", GOOD, BAD)
    launch.run("two_requests", "app.log", "third", "fourth")
    [group] = {group.fingerprint for group in launch.groups()}
    out = bongsu("logs", "--json", "--group", group, "app.log").stdout
    assert [json.loads(line)["request_id"] for line in out.splitlines()] == [BAD] * 3 + ["fourth"] * 3
    assert bongsu("logs", "--group", "1:0000000000000000", "app.log").returncode == 1


@pytest.fixture
def rotated(tmp_path: Path) -> list[str]:
    """Three files of one program, the oldest packed, and one of another program beside them."""
    (tmp_path / "app.log").write_text(_line(50, "newest") + _line(51, "not mine", BAD))
    (tmp_path / "app.log.1").write_text(_line(30, "older") + _line(40, "old", level="error"))
    (tmp_path / "app.log.2.gz").write_bytes(gzip.compress((_line(10, "oldest") + _line(11, "nor this", BAD)).encode()))
    (tmp_path / "worker.log").write_text(
        f"2021-09-07T05:26:35Z WARNING worker got {GOOD}\nTraceback …\nKeyError: 'x'\n"
    )
    return ["app.log", "worker.log", "app.log.2.gz", "app.log.1"]


def test_rotated_files_in_any_order_give_the_lines_in_order_of_time(bongsu: Shell, rotated: list[str]) -> None:
    for names in (rotated, rotated[::-1], sorted(rotated), [*rotated, "app.log", "./app.log"]):
        done = bongsu("logs", "--json", "--request", GOOD, *names)
        assert (done.returncode, done.stderr) == (0, "")
        words = re.findall(r"oldest|older|worker|Traceback|KeyError|old\b|newest", done.stdout)
        assert words == ["oldest", "older", "worker", "Traceback", "KeyError", "old", "newest"]


@pytest.mark.parametrize(
    ("options", "messages"),
    [
        (("--level", "error"), ["old"]),
        (("--level", "ERROR"), ["old"]),
        (("--since", "2021-09-07T05:26:40Z"), ["old", "newest", "not mine"]),
        (("--since", "2021-09-07T14:26:45+09:00", "--request", BAD), ["not mine"]),
        ((), ["oldest", "nor this", "older", "old", "newest", "not mine"]),
    ],
)
def test_options_narrow_what_is_shown(
    bongsu: Shell, rotated: list[str], options: tuple[str, ...], messages: list[str]
) -> None:
    names = [name for name in rotated if name != "worker.log"]
    assert _messages(bongsu("logs", "--json", *options, *names).stdout) == messages


def test_a_file_last_written_before_is_not_read(bongsu: Shell, rotated: list[str]) -> None:
    os.utime(bongsu.folder / "app.log.1", (0, 1_600_000_000))
    done = bongsu("logs", "--since", "2021-09-07T00:00Z", "--request", "nobody", "app.log", "app.log.1")
    assert done.returncode == 1
    assert "in 1 file of 0.0 MB (1 more are older)" in done.stderr


@pytest.mark.parametrize("names", [(), ("-",)])
@pytest.mark.parametrize("option", ["--request", "--group"])
def test_lines_come_through_a_pipe_too(bongsu: Shell, names: tuple[str, ...], option: str) -> None:
    text = _line(1, "before") + _line(2, "failed", group=GOOD) + _line(3, "other", BAD)
    done = bongsu("logs", "--json", option, GOOD, *names, text=text)
    assert (done.returncode, _messages(done.stdout)) == (0, ["before", "failed"])


def test_nothing_found_is_said_with_what_was_searched(bongsu: Shell, rotated: list[str]) -> None:
    done = bongsu("logs", "--request", "nobody", "--level", "error", *rotated)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "Nothing found, of request nobody, of level error or worse, in 4 files of 0.0 MB.\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--level", "loud"), "invalid choice: 'loud'"),
        (("--since", "soon"), "write 10m, 2h, 3d, 14:26 or 2021-09-07T14:26:00+09:00, not 'soon'"),
        (("--request", " "), "must not be empty"),
        (("--json", "--full"), "not allowed with argument"),
        (("--follow", "state", "."), "--follow takes files that grow, and . is none"),
        (("--follow", "-", "app.log"), "--follow takes files, or standard input alone"),
    ],
)
def test_wrong_use_is_told(bongsu: Shell, arguments: tuple[str, ...], words: str) -> None:
    done = bongsu("logs", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr


@pytest.mark.parametrize("option", ["--json", "--full"])
def test_a_full_disk_under_its_output_is_told(bongsu: Shell, rotated: list[str], option: str) -> None:
    command = [sys.executable, "-m", "bongsu", "logs", option, *rotated]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            command, cwd=bongsu.folder, env=bongsu.environ, stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert (done.returncode, done.stderr) == (2, "bongsu logs: No space left on device\n")


def test_without_files_on_a_terminal_it_does_not_wait_for_somebody_to_type(bongsu: Shell) -> None:
    ours, theirs = pty.openpty()
    running = bongsu.start("logs", stdin=theirs)
    _, err = running.communicate(timeout=20)
    os.close(ours)
    os.close(theirs)
    assert (running.returncode, err) == (2, "bongsu logs: name the files to read, or pipe lines in\n")


def _hostile(folder: Path) -> None:
    """Every file that could stop a search, each with one line that is wanted where it can have one."""
    good = _line(5, "wanted").encode()
    (folder / "binary.log").write_bytes(bytes(range(256)) * 4_000 + b"\n" + good + b"\xff\xfe\n")
    (folder / "broken.gz").write_bytes(gzip.compress(good * 5_000)[:-900] + b"\xff" * 100)
    (folder / "empty.log").write_bytes(b"")
    (folder / "empty.gz").write_bytes(gzip.compress(b""))
    (folder / "long.log").write_bytes(good + b'{"message":"' + b"x" * 50_000_000 + b'"}\n' + good)
    (folder / "cut.log").write_bytes(good[:-2] + b"\n" + good[:-1])
    (folder / "deep.log").write_bytes(b'{"request_id":"%s","a":%s\n' % (GOOD.encode(), b"[" * 100_000) + good)
    nested = (b'{"request_id":"%s","a":%s1%s}\n' % (GOOD.encode(), b"[" * n, b"]" * n) for n in range(900, 1_000))
    (folder / "nested.log").write_bytes(b"".join(nested))
    (folder / "loop.log").symlink_to(folder / "loop.log")
    (folder / "folder.log").mkdir()
    (folder / "terminal.log").write_text(_line(6, "\x1b]0;pwned\x07\x1b[2J wanted \u202e"), encoding="utf-8")


def test_no_file_ends_the_search(bongsu: Shell) -> None:
    _hostile(bongsu.folder)
    names = sorted(path.name for path in bongsu.folder.glob("*.[lg]*"))
    done = bongsu("logs", "--request", GOOD, *names, "missing.log")
    assert done.returncode == 0
    assert "\x1b" not in done.stdout
    assert "\u202e" not in done.stdout
    assert done.stdout.count("wanted") > 6
    for told in (
        "broken.gz: is ",
        "folder.log: Is a directory",
        "loop.log: Too many levels of symbolic links",
        "missing.log: No such file or directory",
        "1 line of more than 8 MiB left out",
        "lines of broken JSON, shown as found",
    ):
        assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_who_reads_only_the_beginning_ends_it(bongsu: Shell) -> None:
    (bongsu.folder / "app.log").write_text("".join(_line(number % 60, "x" * 500) for number in range(40_000)))
    command = f"{sys.executable} -m bongsu logs app.log | head -1; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(
        ["bash", "-c", command], cwd=bongsu.folder, env=bongsu.environ, capture_output=True, text=True, timeout=60
    )
    assert done.stdout.splitlines()[1:] == ["141"]
    assert done.stderr == ""


# -- on a terminal


def _on_a_terminal(bongsu: Shell, *arguments: str, **settings: str) -> tuple[int, str]:
    """Run it with a terminal as stdout and stderr: the exit status, and what stands there.

    Its standard input goes on until progress shows, if it reads that.
    """
    ours, theirs = pty.openpty()
    running = subprocess.Popen(
        [sys.executable, "-m", "bongsu", "logs", *arguments],
        cwd=bongsu.folder,
        env={**bongsu.environ, "TERM": "xterm", "NO_COLOR": "", **settings},
        stdin=subprocess.PIPE,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    seen = threading.Event()
    writer = threading.Thread(target=_write_until, args=(running.stdin, seen))
    writer.start()
    shown = b""
    try:
        while piece := os.read(ours, 65_536):
            shown += piece
            if b"MB/s" in shown:
                seen.set()
    except OSError:  # Linux's way to say that nobody has the other end any more
        seen.set()
    writer.join()
    os.close(ours)
    return running.wait(timeout=60), shown.decode()


def _write_until(stdin: IO[bytes], seen: threading.Event) -> None:
    block = _line(1, "x" * 400).encode() * 1_000
    with suppress(BrokenPipeError), stdin:
        while not seen.is_set():
            stdin.write(block)


def test_colours_show_on_a_terminal_only(bongsu: Shell, rotated: list[str]) -> None:
    code, shown = _on_a_terminal(bongsu, "--request", GOOD, *rotated)
    assert code == 0
    assert "\x1b[31mERROR  \x1b[0m" in shown
    assert "\x1b[" not in _on_a_terminal(bongsu, "--request", GOOD, *rotated, NO_COLOR="1")[1]
    assert "\x1b[" not in bongsu("logs", "--request", GOOD, *rotated).stdout


def test_a_long_search_shows_how_far_it_is_and_leaves_nothing_of_it(bongsu: Shell) -> None:
    code, shown = _on_a_terminal(bongsu, "--request", "nobody", "-")
    assert code == 1
    assert re.match(r"\r\x1b\[K\d+ MB, \d+ MB/s", shown)
    assert re.search(r"MB/s\r\x1b\[KNothing found, of request nobody", shown)


def test_where_the_total_is_known_progress_is_a_share() -> None:
    assert drawn(250_000_000, 1_000_000_000, 0.5) == "25 %, 500 MB/s"
    assert drawn(2_000, 1_000, 0.0).startswith("99 %")  # it grew while it was read


# -- what grows


@contextmanager
def _following(bongsu: Shell, *arguments: str) -> Iterator[Child]:
    command = [sys.executable, "-m", "bongsu", "logs", "--json", "--follow", "--request", GOOD, *arguments]
    with Child(command, bongsu.environ, bongsu.folder) as child:
        yield child


def _append(path: Path, text: str) -> None:
    with path.open("a") as file:
        file.write(text)


def test_follow_goes_on_through_rotation_and_truncation(bongsu: Shell) -> None:
    path = bongsu.folder / "app.log"
    path.write_text(_line(2, "second") + _line(1, "first"))
    with _following(bongsu, "app.log") as child:
        assert [json.loads(child.line())["message"] for _ in range(2)] == ["first", "second"]
        _append(path, _line(3, "third") + _line(4, "not mine", BAD) + _line(5, "in two pieces")[:30])
        assert json.loads(child.line())["message"] == "third"
        _append(path, _line(5, "in two pieces")[30:])
        assert json.loads(child.line())["message"] == "in two pieces"
        path.rename(bongsu.folder / "app.log.1")
        path.write_text(_line(6, "in the new file"))
        assert json.loads(child.line())["message"] == "in the new file"
        _append(bongsu.folder / "app.log.1", _line(7, "late, in the old file"))
        assert json.loads(child.line())["message"] == "late, in the old file"
        path.write_text("")
        _append(path, _line(8, "cut"))
        assert json.loads(child.line())["message"] == "cut"
        child.signal(signal.SIGINT)
        ended = child.end()
    assert (ended.code, ended.out, ended.err) == (130, "", "")


def test_follow_waits_for_a_file_that_is_not_there_yet(bongsu: Shell) -> None:
    (bongsu.folder / "old.log.gz").write_bytes(gzip.compress(_line(1, "packed").encode()))
    with _following(bongsu, "app.log", "old.log.gz") as child:
        assert json.loads(child.line())["message"] == "packed"
        (bongsu.folder / "app.log").write_text(_line(2, "hello"))
        assert json.loads(child.line())["message"] == "hello"
        child.signal(signal.SIGINT)
        assert child.end().err == "app.log: waits for it\n"


def test_follow_shows_what_comes_through_a_pipe_at_once(bongsu: Shell) -> None:
    with _following(bongsu) as child:
        for number in range(3):
            child.say(_line(number, f"line {number}").rstrip())
            assert json.loads(child.line())["message"] == f"line {number}"
        assert child.end().code == 0


def test_follow_learns_which_requests_have_the_group(bongsu: Shell) -> None:
    path = bongsu.folder / "app.log"
    path.write_text(_line(1, "before"))
    command = [sys.executable, "-m", "bongsu", "logs", "--json", "--follow", "--group", "1:ab", "app.log"]
    with Child(command, bongsu.environ, bongsu.folder) as child:
        _append(path, _line(2, "failed", group="1:ab"))
        assert json.loads(child.line())["message"] in ("before", "failed")
        _append(path, _line(3, "after"))
        while json.loads(child.line())["message"] != "after":
            continue
        child.signal(signal.SIGINT)
        assert child.end().code == 130
