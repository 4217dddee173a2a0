"""A real Bugsink: a fresh database, one project, and a server process on loopback."""

import json
import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from bongsu.clock import SYSTEM

REPOSITORY = Path(__file__).parents[2]
DIGESTED_S = 20.0
_SETTINGS = """
from bugsink.settings.default import *

SECRET_KEY = "only for a test that lasts seconds, and long enough for the checks"
DATABASES["default"]["NAME"] = "{folder}/bugsink.sqlite3"
DATABASES["snappea"]["NAME"] = "{folder}/snappea.sqlite3"
SNAPPEA = {{"TASK_ALWAYS_EAGER": True}}
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
BUGSINK = {{
    "BASE_URL": "http://127.0.0.1",
    "SINGLE_USER": True,
    "SINGLE_TEAM": True,
    "PHONEHOME": False,
    "VALIDATE_ON_DIGEST": "strict",
    "INGEST_STORE_BASE_DIR": "{folder}/ingestion",
}}
"""
_MAKE_PROJECT = (
    "from projects.models import Project; print('key', Project.objects.create(name='checkin').sentry_key.hex)"
)


class Bugsink:
    """What a running Bugsink is asked."""

    def __init__(self, database: Path, dsn: str) -> None:
        self.dsn = dsn
        self._database = database

    def events(self, wanted: int) -> list[dict[str, Any]]:
        """The events it has stored, as it received them, once there are so many."""
        deadline = SYSTEM.monotonic() + DIGESTED_S
        while len(found := self._stored()) < wanted:
            assert SYSTEM.monotonic() < deadline, f"{len(found)} of {wanted} events are digested"
        return found

    def issues(self) -> list[tuple[str, str, int]]:
        """(type, value, events) of each issue."""
        return self._ask("select calculated_type, calculated_value, digested_event_count from issues_issue order by id")

    def _stored(self) -> list[dict[str, Any]]:
        return [json.loads(data) for (data,) in self._ask("select data from events_event order by digest_order, id")]

    def _ask(self, sql: str) -> list[Any]:
        with closing(sqlite3.connect(self._database, timeout=10)) as database:
            return database.execute(sql).fetchall()


@contextmanager
def running(folder: Path) -> Iterator[Bugsink]:
    """A server from nothing, until the end of the block."""
    home = Path(os.environ.get("BONGSU_TEST_BUGSINK", REPOSITORY / ".venv" / "bugsink"))
    assert (home / "bin" / "bugsink-manage").exists(), f"no Bugsink in {home}: run `make dev`"
    (folder / "bugsink_conf.py").write_text(_SETTINGS.format(folder=folder))
    environ = {"PATH": os.environ["PATH"], "HOME": str(folder), "PYTHONPATH": str(folder)}
    environ["DJANGO_SETTINGS_MODULE"] = "bugsink_conf"
    for database in ("default", "snappea"):
        _manage(home, folder, environ, "migrate", "--verbosity=0", f"--database={database}")
    key = re.findall(r"^key (\w+)$", _manage(home, folder, environ, "shell", "-c", _MAKE_PROJECT), re.MULTILINE)[0]
    with _serving(home, folder, environ) as port:
        yield Bugsink(folder / "bugsink.sqlite3", f"http://{key}@127.0.0.1:{port}/1")


def _manage(home: Path, folder: Path, environ: Mapping[str, str], *arguments: str) -> str:
    command = [home / "bin" / "bugsink-manage", *arguments]
    ended = subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, timeout=120, check=False)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


@contextmanager
def _serving(home: Path, folder: Path, environ: Mapping[str, str]) -> Iterator[int]:
    """gunicorn with one worker; it says itself which port it got."""
    options = ["--bind=127.0.0.1:0", "--workers=1", "--no-control-socket", "bugsink.wsgi"]
    command = [str(home / "bin" / "python"), "-m", "gunicorn", *options]
    with subprocess.Popen(command, cwd=folder, env=environ, stderr=subprocess.PIPE, text=True) as server:
        try:
            assert server.stderr is not None
            said = []
            for line in server.stderr:
                said.append(line)
                if found := re.search(r"Listening at: http://127\.0\.0\.1:(\d+)", line):
                    yield int(found[1])
                    return
            raise AssertionError("".join(said))
        finally:
            server.terminate()
            sys.stderr.write(server.stderr.read() if server.stderr else "")
