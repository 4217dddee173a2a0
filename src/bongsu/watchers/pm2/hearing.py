"""From pm2's messages to what they say. Only the fields named here come in: the rest holds the apps' environment."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from bongsu.watchers.pm2.wire import Message

NAME_LENGTH_MAX = 200  # characters of names and paths
TEXT_LENGTH_MAX = 1 << 20  # characters of one piece of output: pipes carry 64 KiB at a time
APPS_MAX = 2_000  # more than one daemon runs
NO_SIGNAL = "SIGINT"  # what pm2 says where there was none


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """One process of an app, as pm2 describes it."""

    name: str
    id: str  # pm2's number; `_old_3` while a reload replaces number 3
    status: str = ""
    pid: int = 0  # only in lists
    started_at: float = 0.0
    exit_code: int | None = None
    command: str = ""
    cwd: str = ""
    is_restarted: bool = True  # pm2 starts it again when it ends
    is_module: bool = False  # of pm2 itself, as pm2-logrotate

    @property
    def is_up(self) -> bool:
        return self.status in ("online", "launching", "stopping")


@dataclass(frozen=True, slots=True, kw_only=True)
class Staged:
    """An app went through a stage: online, exit, start, stop, restart, reload, restart overlimit."""

    stage: str
    app: App
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrote:
    """A piece of output, as it came: not a line."""

    app: App
    text: str
    is_error: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Threw:
    """An exception that pm2's wrapper saw in a node program. The program also writes its stack to stderr."""

    app: App
    type: str
    message: str
    stack: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Exited:
    """The daemon's own words on an end: the only place where the signal stands."""

    id: str
    code: int
    signal: str  # SIGINT also where there was none


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopping:
    """The daemon was asked to stop an app, by whomever."""

    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OverMemory:
    """The daemon is about to restart an app because of its memory."""

    id: str
    used_bytes: int
    limit_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Killed:
    """The daemon is being stopped."""


Heard: TypeAlias = Staged | Wrote | Threw | Exited | Stopping | OverMemory | Killed

# From the right: an app's name may hold anything.
_EXITED = re.compile(r"App \[.*:([^:\]]*)\] exited with code \[(-?\d{1,10})\] via signal \[(\w{1,20})\]", re.DOTALL)
_STOPPING = re.compile(r"Stopping app:.* id:(\S+)", re.DOTALL)
_OVER_MEMORY = re.compile(
    r".*Process (\S+) restarted because it exceeds --max-memory-restart value "
    r"\(current_memory=(\d{1,18}) max_memory_limit=(\d{1,18}) \[octets\]\)",
    re.DOTALL,
)


def heard(message: Message) -> Heard | None:
    """What a message of the bus says; None: nothing that matters here, or nothing that can be read."""
    match message:
        case ("process:event", {"event": str(stage), "process": dict(process)} as data):
            app = _app(process)
            return Staged(stage=stage[:NAME_LENGTH_MAX], app=app, at=_seconds(data.get("at"))) if app else None
        case (("log:err" | "log:out") as stream, {"process": dict(process), "data": str(text)}):
            app = _app(process)
            return Wrote(app=app, text=text[-TEXT_LENGTH_MAX:], is_error=stream == "log:err") if app else None
        case ("process:exception", {"process": dict(process), "data": dict(data)}):
            app = _app(process)
            texts = {key: _text(data.get(name)) for key, name in (("type", "name"), ("message", "message"))}
            return Threw(app=app, stack=_text(data.get("stack"), TEXT_LENGTH_MAX), **texts) if app else None
        case ("log:PM2", {"data": str(text)}):
            return _said(text.strip())
        case ("pm2:kill", _):
            return Killed()
    return None


def listed(message: Message) -> tuple[App, ...] | None:
    """The apps in an answer to getMonitorData; None: it is none."""
    match message:
        case ({"args": [list(entries), *_]}, str()):
            apps = (_entry(entry) for entry in entries[:APPS_MAX] if isinstance(entry, dict))
            return tuple(app for app in apps if app is not None)
    return None


def _said(text: str) -> Heard | None:
    if found := _EXITED.fullmatch(text):
        return Exited(id=found[1], code=int(found[2]), signal=found[3])
    if found := _STOPPING.fullmatch(text):
        return Stopping(id=found[1])
    if found := _OVER_MEMORY.fullmatch(text):
        return OverMemory(id=found[1], used_bytes=int(found[2]), limit_bytes=int(found[3]))
    return None


def _entry(entry: Mapping[str, Any]) -> App | None:
    environment = entry.get("pm2_env")
    fields = environment if isinstance(environment, dict) else {}
    wanted = {name: fields.get(name) for name in _FIELDS}
    return _app(wanted | {name: entry.get(name) for name in ("name", "pm_id", "pid")})


_FIELDS = (
    *("status", "pm_uptime", "exit_code", "exec_interpreter", "pm_exec_path", "pm_cwd"),
    *("autorestart", "cron_restart", "stop_exit_codes", "pmx_module"),
)


def _app(fields: Mapping[str, Any]) -> App | None:
    name, number, code = fields.get("name"), fields.get("pm_id"), fields.get("exit_code")
    if not isinstance(name, str) or isinstance(number, bool) or not isinstance(number, (int, str)):
        return None
    return App(
        name=name[:NAME_LENGTH_MAX],
        id=str(number)[:NAME_LENGTH_MAX],
        status=_text(fields.get("status")),
        pid=_number(fields.get("pid")),
        started_at=_seconds(fields.get("pm_uptime")),
        exit_code=code if type(code) is int else None,
        command=_command(_text(fields.get("exec_interpreter")), _text(fields.get("pm_exec_path"))),
        cwd=_text(fields.get("pm_cwd")),
        is_restarted=_is_restarted(fields),
        is_module=bool(fields.get("pmx_module")),
    )


def _is_restarted(fields: Mapping[str, Any]) -> bool:
    """Its last exit code may be one of those after which it is to stay as it is."""
    given = fields.get("stop_exit_codes")
    codes = given if isinstance(given, list) else [given]
    is_to_stay = str(fields.get("exit_code")) in [str(code) for code in codes if isinstance(code, (int, str))]
    return not is_to_stay and fields.get("autorestart") is not False and not fields.get("cron_restart")


def _command(interpreter: str, path: str) -> str:
    return path if interpreter in ("", "none") else f"{interpreter} {path}".rstrip()


def _text(value: Any, limit: int = NAME_LENGTH_MAX) -> str:
    return value[:limit] if isinstance(value, str) else ""


def _number(value: Any) -> int:
    return value if type(value) is int and 0 <= value < 1 << 53 else 0


def _seconds(value: Any) -> float:
    """From milliseconds; 0: not told."""
    return value / 1000 if type(value) in (int, float) and 0 < value < 1 << 53 else 0.0
