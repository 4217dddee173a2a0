"""Real servers on loopback for the channel tests: one that says any bytes, one behind TLS, one that is a proxy."""

import socket
import ssl
import struct
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

Behaviour = Callable[[socket.socket], None]
"""What the server does with one connection; it is closed afterwards."""

_STOP_S = 30.0  # no behaviour outlives this, whatever a test forgot


@contextmanager
def served(behave: Behaviour, *, backlog: int = 16) -> Iterator[int]:
    """A server on a port of loopback that treats each connection in a thread of its own."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=backlog)

    def treat(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            connection.settimeout(_STOP_S)
            behave(connection)

    def listen() -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=treat, args=(listener.accept()[0],), daemon=True).start()

    threading.Thread(target=listen, daemon=True).start()
    try:
        yield listener.getsockname()[1]
    finally:
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)  # wakes accept
        listener.close()


@contextmanager
def full() -> Iterator[int]:
    """A port whose queue is full: the kernel answers no further connection."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener:
        waiting = [socket.socket() for _ in range(4)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(listener.getsockname())
        yield listener.getsockname()[1]
        for one in waiting:
            one.close()


def unused_port() -> int:
    """A port nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def request(connection: socket.socket) -> bytes:
    """One whole request, head and body."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += _some(connection)
    head, _, body = data.partition(b"\r\n\r\n")
    length = next((int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0)
    while len(body) < length:
        body += _some(connection)
    return head + b"\r\n\r\n" + body


def says(data: bytes) -> Behaviour:
    """Read the request, then say this."""

    def behave(connection: socket.socket) -> None:
        request(connection)
        connection.sendall(data)

    return behave


def answers(status: int, body: str = "", headers: Mapping[str, str] | None = None) -> Behaviour:
    """Read the request, then answer as a web server does."""
    content = body.encode()
    lines = "".join(f"{name}: {value}\r\n" for name, value in (headers or {}).items())
    return says(f"HTTP/1.1 {status} X\r\nContent-Length: {len(content)}\r\n{lines}\r\n".encode() + content)


def drips(data: bytes, gap_s: float) -> Behaviour:
    """Read the request, then say this byte by byte."""

    def behave(connection: socket.socket) -> None:
        request(connection)
        for byte in data:
            connection.sendall(bytes([byte]))
            threading.Event().wait(gap_s)

    return behave


def hangs(connection: socket.socket) -> None:
    """Take the request and never answer; ends when the client hangs up."""
    while connection.recv(65536):
        pass


def never_reads(connection: socket.socket) -> None:
    """Take the connection and nothing else."""
    threading.Event().wait(2.0)


def closes(connection: socket.socket) -> None:
    """Take the request and hang up politely."""
    request(connection)


def resets(connection: socket.socket) -> None:
    """Take the request and break the connection."""
    request(connection)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def endless(line: bytes) -> Behaviour:
    """Read the request, then say one line for ever."""

    def behave(connection: socket.socket) -> None:
        request(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        while True:
            connection.sendall(line * 100)

    return behave


def behind_tls(behave: Behaviour, certificate: Path) -> Behaviour:
    """The same behind TLS. `certificate` holds the key too."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)

    def treat(connection: socket.socket) -> None:
        with suppress(ssl.SSLError), context.wrap_socket(connection, server_side=True) as wrapped:
            behave(wrapped)

    return treat


def self_signed(folder: Path, *names: str) -> Path:
    """A certificate for these names and its key in one file, signed by nobody but itself."""
    path = folder / "certificate.pem"
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-days",
        "2",
    ]
    options = ["-subj", "/CN=test", "-addext", f"subjectAltName={','.join(names)}", "-keyout", "-", "-out", "-"]
    made = subprocess.run([*command, *options], capture_output=True, check=True, timeout=60)
    path.write_bytes(made.stdout)
    return path


class Proxy:
    """A small forward proxy: CONNECT and absolute URLs. It alone knows where `names` are."""

    def __init__(self, names: Mapping[str, int], *, credentials: str = "", refuses: int = 0) -> None:
        self.heads: list[str] = []
        self._names = names
        self._credentials = credentials
        self._refuses = refuses

    def __call__(self, connection: socket.socket) -> None:
        asked = request(connection)
        head = asked.partition(b"\r\n\r\n")[0].decode("latin-1")
        self.heads.append(head)
        method, target, _ = head.partition("\r\n")[0].split(" ")
        if self._refuses:
            connection.sendall(f"HTTP/1.1 {self._refuses} No\r\nContent-Length: 0\r\n\r\n".encode())
        elif self._credentials and f"Proxy-Authorization: Basic {self._credentials}" not in head:
            connection.sendall(b"HTTP/1.1 407 Who are you\r\nContent-Length: 0\r\n\r\n")
        elif method == "CONNECT":
            self._tunnel(connection, target.rpartition(":")[0])
        else:
            self._forward(connection, target.removeprefix("http://").partition("/")[0].partition(":")[0], asked)

    def _tunnel(self, connection: socket.socket, name: str) -> None:
        with socket.create_connection(("127.0.0.1", self._names[name])) as server:
            connection.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
            back = threading.Thread(target=_copy, args=(server, connection), daemon=True)
            back.start()
            _copy(connection, server)
            back.join(_STOP_S)

    def _forward(self, connection: socket.socket, name: str, asked: bytes) -> None:
        with socket.create_connection(("127.0.0.1", self._names[name])) as server:
            server.sendall(asked.replace(f"http://{name}".encode(), b"", 1))
            _copy(server, connection)


def _copy(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)


def _some(connection: socket.socket) -> bytes:
    data = connection.recv(65536)
    if not data:
        raise ConnectionResetError("the client hung up")
    return data
