"""`bongsu demo`: what a newcomer sees first."""

import os
import pty
import signal
from pathlib import Path
from urllib.request import urlopen

import pytest
from shell import Shell

from bongsu.testing import ScriptedSlack

SOURCE = Path(__file__).resolve().parents[2] / "src"


def test_one_message_comes_at_once_and_grows(bongsu: Shell) -> None:
    done = bongsu("demo", "--once", "--visitors", "3", TMPDIR=str(bongsu.folder))
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    for told in (
        'the first visitor fails: 500 {"message":"Internal server error","statusCode":500}',
        "#000-alarm posted: 🔴 [production] checkin: IntegrityError: NOT NULL constraint failed: user.state",
        "│ checkin/users.py:",
        "SOURCE checkin/users.py:",
        "ROUTE GET /login/callback",
        "STATUS 500",
        "REQUEST ID",
        "#000-alarm thread: traceback.txt",
        "#000-alarm edited:",
        "· ×3",
    ):
        assert told in done.stdout, told
    assert done.stdout.count("posted:") == 1
    assert list(bongsu.folder.iterdir()) == [], "nothing is left behind"


def test_it_speaks_korean(bongsu: Shell) -> None:
    done = bongsu("demo", "--once", "--visitors", "1", "--language", "ko")
    assert done.returncode == 0
    assert "요청 ID" in done.stdout


def test_it_ends_where_nobody_can_press_enter(bongsu: Shell) -> None:
    assert bongsu("demo", "--visitors", "1").returncode == 0


def test_the_page_is_there_until_enter(bongsu: Shell) -> None:
    ours, theirs = pty.openpty()
    running = bongsu.start("demo", "--visitors", "1", stdin=theirs)
    assert running.stdout is not None
    address = running.stdout.readline().split()[-1]
    while "Enter ends the demo" not in running.stdout.readline():
        assert running.poll() is None
    with urlopen(address, timeout=10) as answer:
        page = answer.read().decode()
    os.write(ours, b"\n")
    _, told = running.communicate(timeout=20)
    os.close(ours)
    os.close(theirs)
    assert (running.returncode, told) == (0, "")
    assert "NOT NULL constraint failed: user.state" in page
    assert 'http-equiv="refresh"' in page


def test_a_port_that_is_taken_is_said(bongsu: Shell, slack: ScriptedSlack) -> None:
    port = slack.api_url.split(":")[2].split("/")[0]
    done = bongsu("demo", "--once", "--port", port)
    assert done.returncode == 2
    assert f"Port {port}: Address already in use. Choose another with --port." in done.stderr


def test_it_posts_to_a_real_destination(bongsu: Shell, slack: ScriptedSlack) -> None:
    done = bongsu("demo", "--once", "--visitors", "2", BONGSU_TO=slack.webhook_url("secret"))
    assert done.returncode == 0, done.stderr
    assert "delivered to http://127.0.0.1" in done.stdout
    assert "secret" not in done.stdout
    assert "checkin/users.py:" in str(slack.posts[0].payload)


@pytest.mark.parametrize("word", ["no_active_hooks", "no_text"])
def test_it_fails_if_the_alert_did_not_arrive(bongsu: Shell, slack: ScriptedSlack, word: str) -> None:
    slack.script(word=word, times=None)
    done = bongsu("demo", "--once", "--visitors", "1", BONGSU_TO=slack.webhook_url("alarm"))
    assert done.returncode == 1
    assert word in done.stderr


def test_ctrl_c_ends_it_without_a_traceback(bongsu: Shell) -> None:
    running = bongsu.start("demo", TMPDIR=str(bongsu.folder))
    assert running.stdout is not None
    while "the first visitor fails" not in running.stdout.readline():
        assert running.poll() is None
    running.send_signal(signal.SIGINT)
    _, told = running.communicate(timeout=20)
    assert (running.returncode, told) == (130, "")
    assert list(bongsu.folder.iterdir()) == []


def test_without_flask_one_sentence_says_what_to_install(bongsu: Shell) -> None:
    code = "import sys\nsys.path.append(sys.argv[1])\nfrom bongsu.cli import main\nsys.exit(main(['demo']))"
    done = bongsu.python("-I", "-S", "-c", code, str(SOURCE))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "The demo's service is written with Flask: pip install 'bongsu[demo]'\n"
