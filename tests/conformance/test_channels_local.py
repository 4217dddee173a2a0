"""The console and files: the destinations that need no network."""

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from samples import ALERT, DIGEST, opened

from bongsu.clock import SYSTEM
from bongsu.delivery.answer import Delivered, RetryAfter
from bongsu.delivery.channels import open_channel
from bongsu.delivery.destination import parse
from bongsu.messages.delivery import Verb
from bongsu.messages.style import Style


def sent(
    url: str, *, before_sending: str = "", stderr: int = subprocess.PIPE, **environ: str
) -> subprocess.CompletedProcess[str]:
    """What a process of its own prints when it sends a message there."""
    code = f"""
from samples import ALERT, FakeClock, Style, Verb, open_channel, parse
channel = open_channel(parse({url!r}, token=None, slack_api=None, channel="alarm"), Style(), clock=FakeClock())
{before_sending}
print(channel.send(Verb.POST, ALERT))
"""
    inherited = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=Path(__file__).parent,
        env={**inherited, **environ},
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize("encoding", ["utf-8", "ascii:strict", "utf-8:strict"])
def test_the_console_shows_the_card_on_stderr_in_any_encoding(encoding: str) -> None:
    done = sent("console:", PYTHONIOENCODING=encoding)
    assert done.stdout == "Delivered(receipt={}, word='')\n"
    assert "IntegrityError" in done.stderr
    assert "app/login.py:48" in done.stderr
    assert "\x1b" not in done.stderr


@pytest.mark.parametrize("ending", ["sys.stderr.close()", "sys.stderr = None"])
def test_a_console_that_is_gone_is_tried_again(ending: str) -> None:
    done = sent("console:", before_sending=f"import sys; {ending}")
    assert done.stdout == "RetryAfter(word='no_stderr', after_s=None)\n"


@pytest.mark.parametrize(
    ("environ", "coloured"),
    [
        ({"TERM": "xterm"}, True),
        ({"TERM": "xterm", "NO_COLOR": "1"}, False),
        ({"TERM": "xterm", "NO_COLOR": ""}, True),
        ({"TERM": "dumb"}, False),
    ],
)
def test_only_a_terminal_without_no_color_gets_colour(environ: dict[str, str], coloured: bool) -> None:
    ours, theirs = os.openpty()
    with os.fdopen(ours, "rb", 0) as screen:
        done = sent("console:", stderr=theirs, **environ)
        os.close(theirs)
        assert done.stdout.startswith("Delivered(")
        assert (b"\x1b[" in screen.read(65536)) == coloured


def test_a_file_gets_one_line_of_json_per_message_for_its_owner_alone(tmp_path: Path) -> None:
    channel = opened("file", "http://127.0.0.1:9", folder=tmp_path)
    assert channel.send(Verb.POST, ALERT) == Delivered()
    assert channel.send(Verb.FORWARD, DIGEST) == Delivered()
    path = tmp_path / "alerts.jsonl"
    lines = path.read_text(encoding="ascii").splitlines()
    assert ["IntegrityError" in json.loads(line)["text"] for line in lines] == [True, False]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_relative_path_stays_where_the_program_began(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "later").mkdir()
    monkeypatch.chdir(tmp_path)
    destination = parse("file:alerts.jsonl", token=None, slack_api=None, channel="alarm")
    channel = open_channel(destination, Style(), clock=SYSTEM)
    monkeypatch.chdir(tmp_path / "later")
    assert channel.send(Verb.POST, ALERT) == Delivered()
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["alerts.jsonl"]


FULL_DISK = """
import resource, signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
def limit(size):
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
limit(100)
print(channel.send(Verb.POST, ALERT))
limit(resource.RLIM_INFINITY)
"""


def test_a_line_that_did_not_fit_is_taken_back_and_fits_later(tmp_path: Path) -> None:
    """The limit on a file's size cuts a write short just as a full disk does."""
    path = tmp_path / "alerts.jsonl"
    path.write_text("{}\n")
    done = sent(f"file:{path}", before_sending=FULL_DISK)
    assert done.stdout == "RetryAfter(word='disk_full', after_s=None)\nDelivered(receipt={}, word='')\n", done.stderr
    assert [type(json.loads(line)) for line in path.read_text().splitlines()] == [dict, dict]


def test_a_full_disk_is_tried_again() -> None:
    destination = parse("file:/dev/full", token=None, slack_api=None, channel="alarm")
    assert open_channel(destination, Style(), clock=SYSTEM).send(Verb.POST, ALERT) == RetryAfter("disk_full")


def test_a_folder_that_is_not_there_is_tried_again(tmp_path: Path) -> None:
    channel = opened("file", "http://127.0.0.1:9", folder=tmp_path / "none")
    assert channel.send(Verb.POST, ALERT) == RetryAfter("enoent")


def test_a_pipe_that_nobody_reads_holds_no_sender(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "alerts.jsonl")
    assert opened("file", "http://127.0.0.1:9", folder=tmp_path).send(Verb.POST, ALERT) == RetryAfter("enxio")
