"""What a program is called and where its state lies, if nobody said so."""

import os
import re
import stat
from collections.abc import Mapping

from bongsu.routing import is_production

_RUNNERS = frozenset({"-c", "-m", "__main__", "app", "main", "manage", "run", "server", "asgi", "wsgi"}) | frozenset(
    {"bongsu", "celery", "flask", "gunicorn", "hypercorn", "pytest", "python", "uvicorn"}
)


def working_directory() -> str:
    try:
        return os.getcwd()
    except OSError:  # removed under us
        return ""


def default_app(script: str, cwd: str) -> str:
    """A name for a program that gave none: its script's, or its folder's where the script is only a runner."""
    stem = os.path.splitext(os.path.basename(script))[0]
    return stem if stem and stem not in _RUNNERS else os.path.basename(cwd) or "app"


def default_state_dir(environ: Mapping[str, str]) -> str:
    home = os.path.expanduser("~")
    if home.startswith("~"):  # no HOME, and no entry for this user
        return _if_ours(os.path.join("/var/tmp", f"bongsu-{os.getuid()}"))
    base = environ.get("XDG_STATE_HOME") or os.path.join(home, ".local", "state")
    return os.path.join(base, "bongsu")


def _if_ours(path: str) -> str:
    """The path, unless another user was there first; then one that cannot exist, so that nothing is written."""
    try:
        status = os.lstat(path)
    except OSError:
        return path
    return path if stat.S_ISDIR(status.st_mode) and status.st_uid == os.getuid() else os.devnull + "/bongsu"


def folder_of(app: str, environment: str) -> str:
    """One folder for an app, and one more for each environment that is not production: their alerts never mix."""
    return _folder(app) if is_production(environment) else f"{_folder(app)}@{_folder(environment)}"


def _folder(app: str) -> str:
    """The app's name as a folder's: readable, and different for different names."""
    plain = re.sub(r"[^A-Za-z0-9._-]", "_", app).lstrip(".")
    if plain == app:
        return plain
    from hashlib import sha256

    return f"{plain}-{sha256(app.encode('utf-8', 'replace')).hexdigest()[:8]}"
