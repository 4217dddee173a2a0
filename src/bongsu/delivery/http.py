"""One POST, bounded in time and size, over `http.client`. What the network does is a value, never an exception.

`http.client` bounds each read, not their sum: a server that drips one byte a second would hold a sender for hours. So
every socket operation here gets only what is left of one deadline.
"""

import io
import os
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from bongsu.clock import SYSTEM

if TYPE_CHECKING:
    import socket
    import ssl
    from http.client import HTTPConnection
    from urllib.parse import SplitResult

SEND_DEADLINE_S = 5.0  # Slack answers in well under 1 s; a claimed row is leased for longer than this
BODY_MAX_BYTES = 64 * 1024  # answers are one word or a few hundred bytes of JSON
_ANSWER_MAX_BYTES = 2 * BODY_MAX_BYTES  # with its headers, and whatever a broken server calls a chunk


@dataclass(frozen=True, slots=True)
class Response:
    """An answer, with its header names in lower case. A body over BODY_MAX_BYTES is cut."""

    status: int
    headers: Mapping[str, str]
    body: str


@dataclass(frozen=True, slots=True)
class NotSent:
    """The request cannot have been accepted: it never left."""

    word: str


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """The request, or a part of it, left; it may have been accepted."""

    word: str


Result = Response | NotSent | NoAnswer


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """The way out: how long one send may take, and the environment that names proxies and certificates."""

    deadline_s: float = SEND_DEADLINE_S
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ, repr=False)  # may hold secrets

    def until(self) -> float:
        """The deadline of a send that begins now, on the system's monotonic clock."""
        return SYSTEM.monotonic() + self.deadline_s


DEFAULT_LINE = Line()


class _NeverSent(Exception):
    def __init__(self, word: str) -> None:
        self.word = word
        super().__init__(word)


def post(url: str, body: bytes, headers: Mapping[str, str], *, until: float, environ: Mapping[str, str]) -> Result:
    """POST to an http(s) URL; redirects are not followed.

    `until` is on the system's monotonic clock. `environ` may name proxies (`https_proxy`, `http_proxy`, `no_proxy`, in
    small letters or capitals) and the certificates to trust (`SSL_CERT_FILE`).
    """
    from http.client import HTTPException
    from urllib.parse import urlsplit

    wire = None
    try:
        parts = urlsplit(url)
        proxy = _proxy(parts, environ)
        with closing(_connect(parts, proxy, until, environ)) as sock:
            wire = _Wire(sock, until)
            response = _exchange(wire, parts, proxy, body, headers)
    except _NeverSent as trouble:
        return NotSent(trouble.word)
    except (OSError, HTTPException) as trouble:
        word = _word(trouble)
        return NoAnswer(word) if wire and wire.began else NotSent(word)
    if proxy and response.status == 407:
        return NotSent("proxy_refused: 407")
    return response


def user_agent() -> str:
    """`bongsu/<version>`."""
    return f"bongsu/{version()}"


@cache
def load(*, secure: bool) -> None:
    """Import all that `post` needs, TLS (2 MiB) only for `secure`.

    A fork meanwhile would leave the child an import that never ends.
    """
    import base64
    import email.utils
    import errno
    import http.client
    import importlib.metadata
    import urllib.parse

    modules = (base64, email.utils, errno, http.client, importlib.metadata, urllib.parse)
    assert all(modules), "imported for their effect"
    if secure:
        import ssl

        assert ssl, "imported for its effect"
    "localhost".encode("idna")  # so does a name's first look-up


def version() -> str:
    """The installed version of Bongsu."""
    from importlib.metadata import PackageNotFoundError
    from importlib.metadata import version as installed

    try:
        return installed("bongsu")
    except PackageNotFoundError:  # run from a source tree
        return "0"


class _Wire:
    """What `http.client` takes for a socket: each operation gets what is left until the deadline."""

    def __init__(self, sock: "socket.socket", until: float) -> None:
        self.began = False  # whether a byte may have left
        self._sock = sock
        self._until = until

    def sendall(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            self._sock.settimeout(_left(self._until))
            self.began = True
            view = view[self._sock.send(view) :]

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(_Answer(self._sock, self._until))

    def close(self) -> None:
        """Nothing: `http.client` closes early, and the file above still reads."""


class _Answer(io.RawIOBase):
    """The bytes a server sends, ended after _ANSWER_MAX_BYTES or with TimeoutError at the deadline."""

    def __init__(self, sock: "socket.socket", until: float) -> None:
        self._sock = sock
        self._until = until
        self._room = _ANSWER_MAX_BYTES

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._sock.settimeout(_left(self._until))
        count = self._sock.recv_into(memoryview(buffer)[: self._room]) if self._room else 0
        self._room -= count
        return count


def _left(until: float) -> float:
    left = until - SYSTEM.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _exchange(
    wire: Any, parts: "SplitResult", proxy: "SplitResult | None", body: bytes, headers: Mapping[str, str]
) -> Response:
    from http.client import HTTPConnection

    path = f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"
    own = {"Host": _authority(parts), "User-Agent": user_agent(), "Accept-Encoding": "identity", "Connection": "close"}
    if proxy and parts.scheme == "http":
        path = f"http://{_authority(parts)}{path}"
        own |= _proxy_credentials(proxy)
    connection = HTTPConnection(parts.hostname or "", parts.port)
    connection.sock = wire  # connected already: http.client only speaks over it
    connection.request("POST", path, body, {**own, **headers})
    return _answer(connection)


def _answer(connection: "HTTPConnection") -> Response:
    from http.client import HTTPException

    try:
        with connection.getresponse() as response:
            text = response.read(BODY_MAX_BYTES)
    except ValueError as trouble:  # a negative chunk size ends in one
        raise HTTPException from trouble
    if response.length and len(text) < BODY_MAX_BYTES:
        raise ConnectionResetError("the body was cut off")
    headers = {name.lower(): value for name, value in response.getheaders()}
    return Response(response.status, headers, text.decode("utf-8", "replace"))


def _connect(
    parts: "SplitResult", proxy: "SplitResult | None", until: float, environ: Mapping[str, str]
) -> "socket.socket":
    """A socket that speaks to the server, through the proxy and TLS where these are asked for."""
    sock = _dial(proxy or parts, until)
    if parts.scheme == "http":
        return sock
    try:
        if proxy:
            _tunnel(sock, parts, proxy, until)
        return _secure(sock, parts.hostname, until, environ)
    except _NeverSent:
        sock.close()
        raise


def _secure(sock: "socket.socket", host: str | None, until: float, environ: Mapping[str, str]) -> "socket.socket":
    import ssl

    try:
        sock.settimeout(_left(until))
        return _tls(environ.get("SSL_CERT_FILE")).wrap_socket(sock, server_hostname=host)
    except ssl.SSLCertVerificationError as trouble:
        word = f"tls_untrusted: {trouble.verify_message}"
    except TimeoutError:
        word = "tls_timeout"
    except (OSError, ValueError):  # ValueError: a host name that no certificate can carry
        word = "tls_failure"
    raise _NeverSent(word)


def _dial(parts: "SplitResult", until: float) -> "socket.socket":
    """A connection to the first address that takes it; each gets its share of the time that is left."""
    import socket

    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    addresses = _resolve(host, port, until)
    word = "connect_timeout"
    for tried, (family, kind, protocol, _, address) in enumerate(addresses):
        sock = socket.socket(family, kind, protocol)
        try:
            sock.settimeout(_left(until) / (len(addresses) - tried))
            sock.connect(address)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except OSError as trouble:
            sock.close()
            word = "connect_timeout" if isinstance(trouble, TimeoutError) else _word(trouble)
        else:
            return sock
    raise _NeverSent(word)


def _resolve(host: str, port: int, until: float) -> list[Any]:
    """`getaddrinfo`, given up at the deadline: without a reachable name server it takes 10 s and more."""
    import socket
    import threading

    found: list[Any] = []
    done = threading.Event()

    def ask() -> None:
        try:
            found.extend(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError):  # UnicodeError: a label too long for a name
            pass
        finally:
            done.set()

    try:
        threading.Thread(target=ask, name="bongsu-resolve", daemon=True).start()
    except RuntimeError:  # no more threads, or the interpreter is ending: then without a bound
        ask()
    if not done.wait(_left(until)):
        raise _NeverSent("dns_timeout")
    if not found:
        raise _NeverSent("dns_failure")
    return found


@cache
def _tls(ca_file: str | None) -> "ssl.SSLContext":
    """Default verification. Kept, because reading the system's certificates takes tens of milliseconds."""
    import ssl

    return ssl.create_default_context(cafile=ca_file or None)


def _proxy(parts: "SplitResult", environ: Mapping[str, str]) -> "SplitResult | None":
    """The proxy that the environment names for this URL. Loopback never goes through one."""
    from urllib.parse import urlsplit

    names = [f"{parts.scheme}_proxy", f"{parts.scheme}_PROXY".upper()]
    if "REQUEST_METHOD" in environ and parts.scheme == "http":
        names.pop()  # in a CGI program a client's "Proxy:" header becomes HTTP_PROXY
    url = next((environ[name].strip() for name in names if environ.get(name, "").strip()), None)
    if url is None or _direct(parts, environ):
        return None
    try:
        proxy = urlsplit(url if "://" in url else f"http://{url}")
        sound = proxy.scheme == "http" and bool(proxy.hostname) and proxy.port != 0
    except ValueError:
        sound = False
    if not sound:
        raise _NeverSent("proxy_unsupported")
    return proxy


def _direct(parts: "SplitResult", environ: Mapping[str, str]) -> bool:
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    if host in ("localhost", "::1") or host.startswith("127."):
        return True
    rules = environ.get("no_proxy") or environ.get("NO_PROXY") or ""
    return any(_spared(host, port, rule) for rule in rules.lower().replace(",", " ").split())


def _spared(host: str, port: int, rule: str) -> bool:
    """Whether a rule of `no_proxy` names the host: `*`, `host`, `.domain`, each also with `:port`."""
    name, colon, digits = rule.rpartition(":")
    if colon and digits.isdecimal() and not name.endswith(":"):
        if int(digits) != port:
            return False
        rule = name
    domain = rule.removeprefix("*").removeprefix(".").strip("[]")
    return rule == "*" or (bool(domain) and (host == domain or host.endswith(f".{domain}")))


def _tunnel(sock: "socket.socket", parts: "SplitResult", proxy: "SplitResult", until: float) -> None:
    """Ask the proxy for a connection to the server (CONNECT)."""
    from http.client import HTTPException, HTTPResponse

    authority = f"{_authority(parts).rpartition('@')[2]}{'' if parts.port else ':443'}"
    lines = {"Host": authority, "User-Agent": user_agent(), **_proxy_credentials(proxy)}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    wire: Any = _Wire(sock, until)
    try:
        wire.sendall(f"CONNECT {authority} HTTP/1.1\r\n{head}\r\n".encode("ascii"))
        response = HTTPResponse(wire, method="CONNECT")
        response.begin()
    except (OSError, HTTPException) as trouble:
        raise _NeverSent(f"proxy_failure: {_word(trouble)}") from None
    if response.status != 200:
        raise _NeverSent(f"proxy_refused: {response.status}")


def _proxy_credentials(proxy: "SplitResult | None") -> dict[str, str]:
    from base64 import b64encode
    from urllib.parse import unquote

    if proxy is None or proxy.username is None:
        return {}
    pair = f"{unquote(proxy.username)}:{unquote(proxy.password or '')}"
    return {"Proxy-Authorization": f"Basic {b64encode(pair.encode()).decode('ascii')}"}


def _authority(parts: "SplitResult") -> str:
    return parts.netloc.rpartition("@")[2]


def _word(trouble: Exception) -> str:
    """A short word for what went wrong, without anything that a server wrote."""
    import errno
    from http.client import IncompleteRead
    from ssl import SSLError

    match trouble:
        case TimeoutError():
            return "timeout"
        case ConnectionRefusedError():
            return "refused"
        case ConnectionError() | IncompleteRead():  # http.client's RemoteDisconnected is a ConnectionError
            return "closed"
        case SSLError():  # its errno is not the system's
            return "tls_failure"
        case OSError(errno=int(code)):
            return errno.errorcode.get(code, "network_failure").lower()
        case OSError():
            return "network_failure"
    return "not_http"
