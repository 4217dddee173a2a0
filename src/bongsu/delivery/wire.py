"""One connection, bounded in time and size: to an address, behind TLS, and what its failures are called.

A library that is given a socket bounds each read, not their sum: a server that drips one byte a second would hold a
sender for hours. So every socket operation here gets only what is left of one deadline.
"""

import io
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from bongsu.clock import SYSTEM

if TYPE_CHECKING:
    import socket
    import ssl

ANSWER_MAX_BYTES = 128 * 1024  # answers are a few hundred bytes; with headers, and whatever a broken server says


class NeverSent(Exception):
    """Nothing of what was to be sent has left; the word says why."""

    def __init__(self, word: str) -> None:
        self.word = word
        super().__init__(word)


class Wire:
    """What `http.client` and `smtplib` take for a socket: each operation gets what is left until the deadline."""

    def __init__(self, sock: "socket.socket", until: float) -> None:
        self.began = False  # whether a byte may have left
        self._sock = sock
        self._until = until

    def sendall(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            self._sock.settimeout(seconds_left(self._until))
            self.began = True
            view = view[self._sock.send(view) :]

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(_Answer(self._sock, self._until))

    def close(self) -> None:
        """Nothing: `http.client` closes early, and the file above still reads. Who dialled closes."""


class _Answer(io.RawIOBase):
    """The bytes a server sends, ended after ANSWER_MAX_BYTES or with TimeoutError at the deadline."""

    def __init__(self, sock: "socket.socket", until: float) -> None:
        self._sock = sock
        self._until = until
        self._room = ANSWER_MAX_BYTES

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._sock.settimeout(seconds_left(self._until))
        count = self._sock.recv_into(memoryview(buffer)[: self._room]) if self._room else 0
        self._room -= count
        return count


def seconds_left(until: float) -> float:
    """What is left of the time. Raises TimeoutError when nothing is."""
    left = until - SYSTEM.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def secure(sock: "socket.socket", host: str | None, until: float, environ: Mapping[str, str]) -> "socket.socket":
    """The connection behind TLS. `environ` may name the certificates to trust (`SSL_CERT_FILE`). Raises NeverSent."""
    import ssl

    try:
        sock.settimeout(seconds_left(until))
        return _tls(environ.get("SSL_CERT_FILE")).wrap_socket(sock, server_hostname=host)
    except ssl.SSLCertVerificationError as trouble:
        word = f"tls_untrusted: {trouble.verify_message}"
    except TimeoutError:
        word = "tls_timeout"
    except (OSError, ValueError):  # ValueError: a host name that no certificate can carry
        word = "tls_failure"
    raise NeverSent(word)


def dial(host: str, port: int, until: float) -> "socket.socket":
    """A connection to the first address that takes it; each gets its share of the time that is left.

    Raises NeverSent.
    """
    import socket

    addresses = _resolve(host, port, until)
    word = "connect_timeout"
    for tried, (family, kind, protocol, _, address) in enumerate(addresses):
        sock = socket.socket(family, kind, protocol)
        try:
            sock.settimeout(seconds_left(until) / (len(addresses) - tried))
            sock.connect(address)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except OSError as trouble:
            sock.close()
            word = "connect_timeout" if isinstance(trouble, TimeoutError) else word_of(trouble)
        else:
            return sock
    raise NeverSent(word)


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
    if not done.wait(seconds_left(until)):
        raise NeverSent("dns_timeout")
    if not found:
        raise NeverSent("dns_failure")
    return found


@cache
def _tls(ca_file: str | None) -> "ssl.SSLContext":
    """Default verification. Kept, because reading the system's certificates takes tens of milliseconds."""
    import ssl

    return ssl.create_default_context(cafile=ca_file or None)


def word_of(trouble: Exception) -> str:
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
