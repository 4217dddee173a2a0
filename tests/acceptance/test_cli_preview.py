"""`bongsu preview`: a page for this machine's own browser, and pictures; neither leaves anything behind."""

import contextlib
import json
import os
import signal
import socket
import struct
import sys
import tempfile
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from children import Child
from shell import Shell

from bongsu.cli import loopback
from bongsu.cli.preview import chromium
from bongsu.cli.preview.choice import Choice
from bongsu.cli.preview.site import site
from bongsu.clock import SYSTEM
from bongsu.messages import gallery

WRONG = {"text": "x", "blocks": [{"type": "divider"}, {"type": "section", "text": {"type": "mrkdwn", "text": ""}}]}


@contextmanager
def preview(folder: Path, *arguments: str) -> Iterator[tuple[str, Child]]:
    """The address it prints, without its scheme, and the process."""
    command = [sys.executable, "-m", "bongsu", "preview", "--no-open", *arguments]
    with Child(command, os.environ, folder) as child:
        yield child.line().removeprefix("http://"), child


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """That of a preview's pages, for the whole file."""
    with loopback.served(site(Choice(), None), 0) as address:
        yield int(address.rstrip("/").rpartition(":")[2])


def ask(port: int, path: str, method: str = "GET", body: bytes | None = None, **headers: str) -> tuple[int, str]:
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def drawn(port: int, text: str) -> dict[str, Any]:
    status, answer = ask(port, "/draw", "POST", text.encode())
    assert status == 200
    return dict(json.loads(answer))


# -- pages


@pytest.mark.parametrize("language", ["en", "ko"])
def test_every_card_has_a_page_in_each_language(port: int, language: str) -> None:
    for sample in gallery.cards():
        status, page = ask(port, f"/?card={sample.name}&language={language}&theme=dark")
        assert status == 200
        assert f'lang="{language}" data-theme="dark"' in page
        assert page.count("<article>") == len(sample.modes)
        assert 'class="wrong"' not in page, sample.name


def test_a_page_needs_nothing_from_outside_and_forbids_it(port: int) -> None:
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", "/edit")
    answer = connection.getresponse()
    policy, page = answer.headers["Content-Security-Policy"], answer.read().decode()
    connection.close()
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert " on" + "click" not in page
    assert "<script>" not in page
    assert page.count("src=") == page.count('src="/')


def test_what_the_page_asks_for_is_there(port: int) -> None:
    for path, word in (("/preview.css", "--page:"), ("/preview.js", "addEventListener")):
        status, content = ask(port, path)
        assert (status, word in content) == (200, True)


def test_a_pasted_payload_is_drawn_judged_and_located(port: int) -> None:
    answer = drawn(port, json.dumps(WRONG, indent=1))
    assert 'data-path="blocks[1]"' in answer["html"]
    [problem] = answer["problems"]
    assert (problem["path"], problem["line"]) == ("blocks[1].text.text", 11)
    assert answer["builder"].startswith("https://app.slack.com/block-kit-builder/#%7B%22blocks%22%3A%5B")


GARBAGE = {
    "nothing": "",
    "half of it": '{"text": "x"',
    "a list": "[]",
    "null": "null",
    "deep": "[" * 100_000,
    "a long number": "9" * 10_000,
    "not a number": '{"text": NaN}',
    "a lone surrogate": '{"text": "\\ud800"}',
    "not UTF-8": b'{"text": "\xff\xfe"}'.decode("latin-1"),
    "keys twice": '{"text": "a", "text": "b"}',
    "a wrong type all over": '{"text": 7, "blocks": {"a": 1}, "attachments": "x"}',
}


@pytest.mark.parametrize("text", GARBAGE.values(), ids=GARBAGE)
def test_garbage_gets_an_answer(port: int, text: str) -> None:
    answer = drawn(port, text)
    assert answer["html"] or answer["problems"]


# -- who may ask


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example:80", "evil.example:127.0.0.1", "[::1]", ""])
def test_a_page_of_another_site_gets_nothing_under_any_name(port: int, host: str) -> None:
    assert ask(port, "/", Host=host)[0] == 403
    assert ask(port, "/draw", "POST", b"{}", Host=host)[0] == 403


@pytest.mark.parametrize("host", ["localhost:9000", "127.0.0.1:1", "LOCALHOST"])
def test_a_tunnel_may_have_a_port_of_its_own(port: int, host: str) -> None:
    assert ask(port, "/", Host=host)[0] == 200


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1", "http://localhost"])
def test_a_page_of_another_site_can_send_nothing(port: int, origin: str) -> None:
    assert ask(port, "/draw", "POST", b"{}", Origin=origin)[0] == 403
    assert ask(port, "/draw", "POST", b"{}", Origin=f"http://127.0.0.1:{port}")[0] == 200


NO_REQUESTS = [
    b"\r\n\r\n",
    b"GET\r\n\r\n",
    b"\xff\xfe\x00\r\n\r\n",
    b"GET / HTTP/9.9\r\n\r\n",
    b"A" * 70_000 + b"\r\n\r\n",
    b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 200 + b"\r\n",
    b"DELETE / HTTP/1.1\r\n\r\n",
    b"",
]


@pytest.mark.parametrize("sent", NO_REQUESTS, ids=lambda sent: sent[:12].hex())
def test_what_is_no_request_harms_nobody(port: int, sent: bytes) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=30) as visitor:
        with contextlib.suppress(ConnectionError):  # it did not read all of it
            visitor.sendall(sent)
            visitor.shutdown(socket.SHUT_WR)
            assert b" 200 " not in visitor.recv(100)
    assert ask(port, "/")[0] == 200


@pytest.mark.parametrize(
    "path",
    ["/../../../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/preview.js/../../choice.py", "//etc/passwd", "/x"],
)
def test_no_path_leads_to_a_file(port: int, path: str) -> None:
    assert ask(port, path)[0] == 404


@pytest.mark.parametrize(
    "query", ["card=../x", "language=xx&theme=%00", "mode=second", "a=" + "&a=" * 3_000, "%ff%fe=%"]
)
def test_a_strange_address_is_answered(port: int, query: str) -> None:
    assert ask(port, f"/?{query}")[0] in (200, 400)


def test_a_large_body_is_refused_before_it_is_read(port: int) -> None:
    assert ask(port, "/draw", "POST", b"{}", **{"Content-Length": str(100 << 20)})[0] == 413
    assert ask(port, "/draw", "POST", b"", **{"Content-Length": "-1"})[0] == 400
    assert ask(port, "/draw", "POST", b"", **{"Content-Length": "9" * 5_000})[0] == 413
    large = json.dumps({"text": "x" * (loopback.BODY_BYTES_MAX - 20)}).encode()
    assert ask(port, "/draw", "POST", large)[0] == 200


def test_fifty_visitors_at_once_are_served_while_others_send_nothing(port: int) -> None:
    silent = [socket.create_connection(("127.0.0.1", port)) for _ in range(20)]
    statuses: list[int] = []
    visits = [threading.Thread(target=lambda: statuses.append(ask(port, "/")[0])) for _ in range(50)]
    for visit in visits:
        visit.start()
    for visit in visits:
        visit.join()
    for one in silent:
        one.close()
    assert statuses == [200] * 50


# -- the command


def test_a_file_is_shown_in_the_editor_and_judged(tmp_path: Path) -> None:
    (tmp_path / "card.json").write_text(json.dumps(WRONG, indent=1))
    with preview(tmp_path, "card.json", "--dark") as (address, child):
        assert address.endswith("/edit?theme=dark")
        number = int(address.split(":")[1].split("/")[0])
        assert "blocks[1].text.text" in ask(number, "/edit")[1]
        (tmp_path / "card.json").write_text('{"text": "mended"}')
        assert "Slack would take it" in ask(number, "/edit")[1]
        child.signal(signal.SIGINT)
        ended = child.end()
    assert (ended.code, ended.err) == (0, "card.json:11: blocks[1].text.text: empty\n")


def test_ctrl_c_ends_it_while_a_visitor_is_slow(tmp_path: Path) -> None:
    with preview(tmp_path) as (address, child):
        with socket.create_connection(("127.0.0.1", int(address.split(":")[1].strip("/")))) as slow:
            slow.sendall(b"POST /draw HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
            assert child.line() == "Ctrl-C ends it."
            child.signal(signal.SIGINT)
            ended = child.end()
    assert (ended.code, ended.err) == (0, "")


def test_a_port_that_is_taken_is_told(bongsu: Shell, port: int) -> None:
    done = bongsu("preview", "--no-open", "--port", str(port))
    assert done.returncode == 2
    assert done.stderr == f"Port {port}: Address already in use. Choose another with --port.\n"


WRONG_USES = [
    (("missing.json",), "missing.json: No such file or directory"),
    (("--card", "unheard-of"), "There is no card 'unheard-of'; known are acknowledged, after_deploy,"),
    (("--card", "exeption"), "There is no card 'exeption'; did you mean exception?\n"),
    (("x.json", "--card", "exception"), "Either a file or --card, not both."),
    (("--card", "exception", "--mode", "reply"), "The card 'exception' has these modes: first, plain."),
    (("--png", "x.png", "--mode", "reply"), "The card 'exception' has these modes: first, plain."),
    (("--png", "no/such/folder.png"), "no/such/folder.png: No such file or directory"),
]


@pytest.mark.parametrize(("arguments", "told"), WRONG_USES)
def test_wrong_use_is_told_with_what_there_is(bongsu: Shell, arguments: tuple[str, ...], told: str) -> None:
    done = bongsu("preview", "--no-open", *arguments)
    assert (done.returncode, done.stderr.startswith(told)) == (2, True), done.stderr


# -- pictures


def _size(png: bytes) -> tuple[int, int]:
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    return struct.unpack(">II", png[16:24])


def _corner(png: bytes) -> tuple[int, ...]:
    """The colour of the first point: no filter changes it."""
    at, data = 8, b""
    while at < len(png):
        (size,) = struct.unpack(">I", png[at : at + 4])
        data += png[at + 8 : at + 8 + size] if png[at + 4 : at + 8] == b"IDAT" else b""
        at += size + 12
    return tuple(zlib.decompress(data)[1:4])


@pytest.mark.parametrize("language", ["en", "ko"])
def test_a_card_becomes_a_picture_and_nothing_is_left_behind(bongsu: Shell, tmp_path: Path, language: str) -> None:
    before = set(os.listdir(tempfile.gettempdir()))
    colours = []
    for theme in ([], ["--dark"]):
        done = bongsu("preview", "--png", "card.png", "--card", "exception", "--language", language, *theme)
        assert (done.returncode, done.stderr) == (0, "")
        png = (tmp_path / "card.png").read_bytes()
        width, height = _size(png)
        assert width == 1_280
        assert 400 < height < 2_000
        colours.append(_corner(png))
    assert colours == [(255, 255, 255), (26, 29, 33)]
    left = set(os.listdir(tempfile.gettempdir())) - before
    assert not [name for name in left if name.startswith(("bongsu-preview", ".org.chromium", "org.chromium"))]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_picture_that_is_given_up_leaves_nothing_behind(tmp_path: Path, number: signal.Signals) -> None:
    own = tmp_path / "temporary"
    own.mkdir()
    command = [sys.executable, "-m", "bongsu", "preview", "--png", "card.png"]
    with Child(command, {**os.environ, "TMPDIR": str(own)}, tmp_path) as child:
        wait_for(lambda: list(own.glob("*/profile/*")))
        child.signal(number)
        assert child.end().code == 128 + number
    assert (list(own.iterdir()), (tmp_path / "card.png").exists()) == ([], False)


def wait_for(condition: Callable[[], object]) -> None:
    deadline = SYSTEM.monotonic() + 30.0
    while not condition():
        assert SYSTEM.monotonic() < deadline
        Event().wait(0.01)


def test_a_payload_of_ones_own_becomes_a_picture(bongsu: Shell, tmp_path: Path) -> None:
    (tmp_path / "card.json").write_text('{"text": "one line", "attachments": [{"text": "and one"}]}')
    assert bongsu("preview", "card.json", "--png", "card.png").returncode == 0
    assert _size((tmp_path / "card.png").read_bytes())[1] < 300  # the bar is as high as its text


def test_without_chromium_the_remedy_is_told(bongsu: Shell, tmp_path: Path) -> None:
    done = bongsu("preview", "--png", "card.png", PATH=str(tmp_path))
    assert (done.returncode, done.stderr.strip()) == (1, chromium.NONE_FOUND)
    assert not (tmp_path / "card.png").exists()


def test_a_chromium_that_does_not_start_says_why(bongsu: Shell, tmp_path: Path) -> None:
    broken = tmp_path / "chromium"
    broken.write_text("#!/bin/sh\necho 'no usable sandbox' >&2\nexit 1\n")
    broken.chmod(0o755)
    done = bongsu("preview", "--png", "card.png", PATH=f"{tmp_path}:/usr/bin:/bin")
    assert done.returncode == 1
    assert "no usable sandbox" in done.stderr
