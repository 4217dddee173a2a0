"""The import hook: what the host imports after `init` is watched, and its modules are as they would be without us."""

import subprocess
import sys
from pathlib import Path

import pytest

IMPORTS = {  # what a host writes
    "aiohttp": "from aiohttp import web",
    "apscheduler": "from apscheduler.schedulers.background import BackgroundScheduler",
    "celery": "from celery import Celery, signals",
    "celery_worker": "import celery.bin.worker, celery.worker.worker, celery.worker.request",
    "click": "import click",
    "django": "from django.core.wsgi import get_wsgi_application",
    "django_commands": "from django.core.management import execute_from_command_line",
    "flask": "from flask import Flask",
    "granian": "from granian import Granian",
    "gunicorn": "from gunicorn.app.base import BaseApplication",
    "multiprocessing_pool": "from multiprocessing.pool import Pool",
    "rq": "from rq import Queue, Worker",
    "starlette": "from starlette.applications import Starlette",
    "typer": "import typer",
    "uvicorn_supervisor": "import uvicorn.main",
}

PROGRAM = """
import sys, bongsu
bongsu.init(app='shop')
{}
"""

LOOKED_AT = """
import importlib.util
spec = importlib.util.find_spec("starlette.applications")
assert "class Starlette" in spec.loader.get_source("starlette.applications")
import starlette.applications as module
assert module.__loader__ is module.__spec__.loader
assert type(module.__loader__).__name__ == "SourceFileLoader"
"""

CLOSED_MEANWHILE = """
class Finder:
    @staticmethod
    def find_spec(name, path, target=None):
        if name == "starlette.applications":
            bongsu.close()

sys.meta_path.insert(1, Finder)
from starlette.applications import Starlette
assert not hasattr(Starlette.__call__, "__wrapped__")
"""


def _run(program: str, tmp_path: Path) -> None:
    environ = {"BONGSU_TO": f"file:{tmp_path}/alerts", "BONGSU_STATE_DIR": str(tmp_path)}
    command = [sys.executable, "-W", "ignore", "-c", PROGRAM.format(program)]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("integration", IMPORTS)
def test_a_framework_that_is_imported_after_init_is_watched(integration: str, tmp_path: Path) -> None:
    _run(f"{IMPORTS[integration]}\nassert 'bongsu.integrations.{integration}' in sys.modules", tmp_path)


def test_who_looks_at_a_module_before_its_import_sees_its_own_loader(tmp_path: Path) -> None:
    _run(LOOKED_AT, tmp_path)


def test_what_is_being_imported_while_bongsu_is_closed_is_left_alone(tmp_path: Path) -> None:
    _run(CLOSED_MEANWHILE, tmp_path)
