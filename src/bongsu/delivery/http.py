"""One request, bounded in time and size, over `http.client`. What the network does is a value, never an exception."""

import os
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from bongsu.clock import SYSTEM
from bongsu.delivery.wire import NeverSent, Wire, dial, secure, word_of

if TYPE_CHECKING:
    import socket
    from http.client import HTTPConnection
    from urllib.parse import SplitResult

SEND_DEADLINE_S = 5.0  # Slack answers in well under 1 s; a claimed row is leased for longer than this
BODY_MAX_BYTES = 64 * 1024  # answers are one word or a few hundred bytes of JSON


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


def post(url: str, body: bytes, headers: Mapping[str, str], *, until: float, environ: Mapping[str, str]) -> Result:
    """POST to an http(s) URL; redirects are not followed.

    `until` is on the system's monotonic clock. `environ` may name proxies (`https_proxy`, `http_proxy`, `no_proxy`, in
    small letters or capitals) and the certificates to trust (`SSL_CERT_FILE`).
    """
    return _ask("POST", url, body, headers, until, environ)


def get(url: str, *, until: float, environ: Mapping[str, str]) -> Result:
    """GET an http(s) URL, as `post` does."""
    return _ask("GET", url, None, {}, until, environ)


def _ask(
    method: str, url: str, body: bytes | None, headers: Mapping[str, str], until: float, environ: Mapping[str, str]
) -> Result:
    from http.client import HTTPException
    from urllib.parse import urlsplit

    wire = None
    try:
        parts = urlsplit(url)
        proxy = _proxy(parts, environ)
        with closing(_connect(parts, proxy, until, environ)) as sock:
            wire = Wire(sock, until)
            response = _exchange(wire, method, parts, proxy, body, headers)
    except NeverSent as trouble:
        return NotSent(trouble.word)
    except (OSError, HTTPException) as trouble:
        word = word_of(trouble)
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


def _exchange(
    wire: Any,
    method: str,
    parts: "SplitResult",
    proxy: "SplitResult | None",
    body: bytes | None,
    headers: Mapping[str, str],
) -> Response:
    from http.client import HTTPConnection

    path = f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"
    own = {"Host": _authority(parts), "User-Agent": user_agent(), "Accept-Encoding": "identity", "Connection": "close"}
    if proxy and parts.scheme == "http":
        path = f"http://{_authority(parts)}{path}"
        own |= _proxy_credentials(proxy)
    connection = HTTPConnection(parts.hostname or "", parts.port)
    connection.sock = wire  # connected already: http.client only speaks over it
    connection.request(method, path, body, {**own, **headers})
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
    target = proxy or parts
    sock = dial(target.hostname or "", _port(target), until)
    if parts.scheme == "http":
        return sock
    try:
        if proxy:
            _tunnel(sock, parts, proxy, until)
        return secure(sock, parts.hostname, until, environ)
    except NeverSent:
        sock.close()
        raise


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
        raise NeverSent("proxy_unsupported")
    return proxy


def _direct(parts: "SplitResult", environ: Mapping[str, str]) -> bool:
    host, port = parts.hostname or "", _port(parts)
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
    wire: Any = Wire(sock, until)
    try:
        wire.sendall(f"CONNECT {authority} HTTP/1.1\r\n{head}\r\n".encode("ascii"))
        response = HTTPResponse(wire, method="CONNECT")
        response.begin()
    except (OSError, HTTPException) as trouble:
        raise NeverSent(f"proxy_failure: {word_of(trouble)}") from None
    if response.status != 200:
        raise NeverSent(f"proxy_refused: {response.status}")


def _proxy_credentials(proxy: "SplitResult | None") -> dict[str, str]:
    from base64 import b64encode
    from urllib.parse import unquote

    if proxy is None or proxy.username is None:
        return {}
    pair = f"{unquote(proxy.username)}:{unquote(proxy.password or '')}"
    return {"Proxy-Authorization": f"Basic {b64encode(pair.encode()).decode('ascii')}"}


def _port(parts: "SplitResult") -> int:
    return parts.port or (443 if parts.scheme == "https" else 80)


def _authority(parts: "SplitResult") -> str:
    return parts.netloc.rpartition("@")[2]
