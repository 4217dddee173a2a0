"""Docker's HTTP interface over its unix socket, as far as we need it. Everything can fail, and says so by OSError."""

import http.client
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote, urlencode

from bongsu.watchers.output import LINES_MAX
from bongsu.watchers.unix_http import UnixConnection

TIMEOUT_S = 2.0  # of each step of a question; the daemon is on this host
LINE_BYTES_MAX = 1 << 20  # of one event: labels may be long; beyond that it is passed over
ANSWER_BYTES_MAX = 16 << 20  # of a list: 4 000 containers, 4 KB each
LOG_BYTES_MAX = 1 << 20  # of the last lines of a container

_FILTERS = json.dumps({"type": ["container"]})


class Daemon:
    """The one that listens at a path."""

    def __init__(self, path: str) -> None:
        self._path = path

    def events(self, since_ns: int) -> Iterator[bytes]:
        """The event stream from then on, a line at a time, for as long as the daemon lives; first an empty line.

        `since_ns`: nanoseconds since the epoch, as the events have them. Raises OSError.
        """
        with self._asked("/events", {"since": _exact(since_ns), "filters": _FILTERS}) as (connection, response):
            connection.sock.settimeout(None)  # nothing may happen for days
            yield b""
            yield from _lines(response)

    def containers(self) -> Any:
        """All of them. Raises OSError."""
        return self._json("/containers/json", {"all": "1"})

    def inspect(self, identity: str) -> Any:
        """Everything about one; it holds the environment, so nothing of it may be kept but what is needed."""
        return self._json(f"/containers/{quote(identity, safe='')}/json", {})

    def last_output(self, identity: str, stream: str, since: float, until: float) -> bytes:
        """Its last lines of stdout or stderr from that time, as frames. Raises OSError."""
        query = {stream: "1", "tail": str(LINES_MAX), "since": f"{since:.9f}", "until": f"{until:.9f}"}
        return self._body(f"/containers/{quote(identity, safe='')}/logs", query, LOG_BYTES_MAX)

    def _json(self, path: str, query: dict[str, str]) -> Any:
        try:
            return json.loads(self._body(path, query, ANSWER_BYTES_MAX))
        except (ValueError, RecursionError) as error:
            raise OSError(f"{path}: not JSON") from error

    def _body(self, path: str, query: dict[str, str], most: int) -> bytes:
        with self._asked(path, query) as (_, response):
            return response.read(most)

    @contextmanager
    def _asked(self, path: str, query: dict[str, str]) -> Iterator[tuple[UnixConnection, http.client.HTTPResponse]]:
        connection = UnixConnection(self._path, TIMEOUT_S)
        try:
            connection.request("GET", f"{path}?{urlencode(query)}" if query else path)
            response = connection.getresponse()
            if response.status != http.client.OK:
                raise OSError(f"{path}: HTTP status {response.status}")
            yield connection, response
        except http.client.HTTPException as error:
            raise OSError(str(error) or type(error).__name__) from error
        finally:
            connection.close()


def _exact(at_ns: int) -> str:
    """Seconds with nine digits; a float has not enough of them."""
    return f"{at_ns // 10**9}.{at_ns % 10**9:09}"


def _lines(response: http.client.HTTPResponse) -> Iterator[bytes]:
    is_too_long = False
    while line := response.readline(LINE_BYTES_MAX):
        is_whole = line.endswith(b"\n")
        if is_whole and not is_too_long:
            yield line
        is_too_long = not is_whole
