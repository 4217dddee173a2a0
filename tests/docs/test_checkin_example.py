"""The check-in example breaks as the story tells, and only there."""

import json
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.cookiejar import CookieJar
from pathlib import Path
from threading import Thread
from urllib.error import HTTPError
from urllib.request import HTTPCookieProcessor, build_opener

import pytest
from flask import Flask
from werkzeug.serving import make_server

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))  # examples are not installed

from examples.checkin import app, intranet, users  # noqa: E402


@contextmanager
def _served(application: Flask) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, application, threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def service(tmp_path: Path) -> Iterator[str]:
    with (
        _served(intranet.create_app()) as intranet_url,
        _served(app.create_app(str(tmp_path / "checkin.db"), intranet_url)) as url,
    ):
        yield url


def _visit(url: str) -> tuple[int, object]:
    """What a visitor's browser shows in the end."""
    browser = build_opener(HTTPCookieProcessor(CookieJar()))
    try:
        with closing(browser.open(url, timeout=10)) as answer:
            return answer.status, json.load(answer)
    except HTTPError as error:
        with error:
            return error.code, json.load(error)


def test_a_new_visitor_sees_raw_json_instead_of_the_front_end(service: str) -> None:
    assert _visit(f"{service}/login") == (500, {"statusCode": 500, "message": "Internal server error"})


def test_somebody_who_was_here_before_gets_in_so_the_team_notices_nothing(service: str, tmp_path: Path) -> None:
    first = intranet.PEOPLE[0]
    known = users.User(login=first, email=f"{first}@student.example", state="checked out")
    users.Users(str(tmp_path / "checkin.db")).add(known)
    assert _visit(f"{service}/login") == (200, {"login": first, "state": "checked out"})


def test_the_defect_is_a_required_column_that_the_model_leaves_empty(tmp_path: Path) -> None:
    table = users.Users(str(tmp_path / "checkin.db"))
    with pytest.raises(Exception, match=r"^NOT NULL constraint failed: user\.state$"):
        table.add(users.User(login="jiwoo", email="jiwoo@student.example"))


def test_a_way_back_without_a_way_out_is_refused_and_is_no_defect(service: str) -> None:
    browser = build_opener()
    with pytest.raises(HTTPError, match="400"):
        browser.open(f"{service}/login/callback?code=1&state=2", timeout=10)
