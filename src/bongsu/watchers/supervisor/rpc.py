"""Questions to supervisord over its XML-RPC. Every answer may be "unknown", and no step waits longer than 2 s."""

import http.client
import sys
import xmlrpc.client
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from xml.parsers.expat import ExpatError

from bongsu.clock import SYSTEM, Clock
from bongsu.watchers.unix_http import UnixConnection

TIMEOUT_S = 2.0  # supervisord answers within one round of its loop, which takes 1 s at most
QUIET_S = 10.0  # after no answer: a burst of ends must not wait for each other
LOG_TAIL_BYTES = 1 << 16  # of its log: about 700 lines
ANSWER_BYTES_MAX = 4 << 20  # 1 000 processes, 1 KB each, and XML around them

_SHUTTING_DOWN = 6  # the fault that answers every question then
_USUAL_FAULTS = frozenset({_SHUTTING_DOWN, 10, 20})  # no such process any more; it writes no log file
_FAILURES = (OSError, http.client.HTTPException, xmlrpc.client.Error, ExpatError, ValueError, TypeError)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessInfo:
    """What supervisord knows of one of its processes, as far as we use it."""

    name: str
    group: str
    state: str  # RUNNING, FATAL …
    pid: int
    started_at: float
    spawn_error: str
    exit_code: int | None  # None: a signal ended it, or it has not ended


class Supervisor:
    """The one that started us."""

    def __init__(self, environ: Mapping[str, str], clock: Clock = SYSTEM) -> None:
        """`environ`: where supervisord has written its address, and the user and password for it."""
        self._url = environ.get("SUPERVISOR_SERVER_URL", "")
        user, password = environ.get("SUPERVISOR_USERNAME", ""), environ.get("SUPERVISOR_PASSWORD", "")
        self._clock = clock
        self._ask_again_at = 0.0
        self._is_shutting_down = False
        self._pass = b64encode(f"{user}:{password}".encode()).decode() if user else ""

    def log_tail(self) -> str:
        """The end of supervisord's log; empty if it cannot be had."""
        answer = self._ask("supervisor.readLog", -LOG_TAIL_BYTES, 0)
        return answer if isinstance(answer, str) else ""

    def info(self, group: str, name: str) -> ProcessInfo | None:
        """What it knows of one process."""
        return _info(self._ask("supervisor.getProcessInfo", f"{group}:{name}"))

    def all_infos(self) -> list[ProcessInfo]:
        """What it knows of all of them."""
        answer = self._ask("supervisor.getAllProcessInfo")
        return [info for each in answer if (info := _info(each))] if isinstance(answer, list) else []

    def is_shutting_down(self) -> bool:
        """Whether it stops everything, itself included."""
        self._ask("supervisor.getState")
        return self._is_shutting_down

    def _ask(self, method: str, *arguments: Any) -> Any:
        if not self._url or self._clock.monotonic() < self._ask_again_at:
            return None
        try:
            body = xmlrpc.client.dumps(arguments, method).encode()
            (answer,), _ = xmlrpc.client.loads(self._post(body))
        except xmlrpc.client.Fault as fault:
            self._is_shutting_down = fault.faultCode == _SHUTTING_DOWN
            if fault.faultCode not in _USUAL_FAULTS:
                _warn(method, fault)
            return None
        except _FAILURES as error:
            self._ask_again_at = self._clock.monotonic() + QUIET_S
            _warn(method, error)
            return None
        return answer

    def _post(self, body: bytes) -> bytes:
        connection = _connection(self._url)
        headers = {"Content-Type": "text/xml", "Accept": "text/xml"}
        if self._pass:
            headers["Authorization"] = f"Basic {self._pass}"
        try:
            connection.request("POST", "/RPC2", body, headers)
            response = connection.getresponse()
            answer = response.read(ANSWER_BYTES_MAX)
        finally:
            connection.close()
        if response.status != http.client.OK:
            raise ValueError(f"HTTP status {response.status}")
        return answer


def _connection(url: str) -> http.client.HTTPConnection:
    if url.startswith("unix://"):
        return UnixConnection(url.removeprefix("unix://"), TIMEOUT_S)
    parts = urlsplit(url)
    if parts.scheme != "http" or not parts.hostname:
        raise ValueError(f"not an address of supervisord: {parts.scheme}://…")
    return http.client.HTTPConnection(parts.hostname, parts.port or 80, timeout=TIMEOUT_S)


def _info(answer: Any) -> ProcessInfo | None:
    if not isinstance(answer, Mapping):
        return None
    text = {key: value for key, value in answer.items() if isinstance(value, str)}
    number = {key: value for key, value in answer.items() if isinstance(value, int)}
    state, code = text.get("statename", ""), number.get("exitstatus", -1)
    return ProcessInfo(
        name=text.get("name", ""),
        group=text.get("group", ""),
        state=state,
        pid=number.get("pid", 0),
        started_at=float(number.get("start", 0)),
        spawn_error=text.get("spawnerr", ""),
        exit_code=code if state in ("EXITED", "STOPPED") and code >= 0 else None,
    )


def _warn(method: str, error: BaseException) -> None:
    line = (str(error) or type(error).__name__).partition("\n")[0][:200]
    print(f"bongsu: supervisord does not answer {method}: {line}", file=sys.stderr, flush=True)
