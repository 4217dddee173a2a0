"""Certificates and proxies: what is trusted, which way is taken, and what was certainly not sent."""

import socket
from base64 import b64encode
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from samples import ALERT, DEADLINE_S, LINE, OVER_HTTP, YES, opened
from servers import Behaviour, Proxy, behind_tls, closes, hangs, says, self_signed, served, unused_port

from bongsu.delivery.answer import Delivered, RetryAfter
from bongsu.delivery.http import Line
from bongsu.messages.delivery import Verb


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return self_signed(tmp_path_factory.mktemp("tls"), "DNS:localhost", "DNS:slack.test")


@pytest.mark.parametrize("kind", OVER_HTTP)
def test_a_certificate_that_nobody_vouches_for_is_not_trusted(kind: str, certificate: Path) -> None:
    with served(behind_tls(YES[kind], certificate)) as port:
        answer = opened(kind, f"https://localhost:{port}").send(Verb.POST, ALERT)
    assert isinstance(answer, RetryAfter)
    assert answer.word.startswith("tls_untrusted: self")


@pytest.mark.parametrize("kind", OVER_HTTP)
def test_a_certificate_that_the_machine_trusts_is_enough(kind: str, certificate: Path) -> None:
    line = Line(deadline_s=10.0, environ={"SSL_CERT_FILE": str(certificate)})
    with served(behind_tls(YES[kind], certificate)) as port:
        assert isinstance(opened(kind, f"https://localhost:{port}", line=line).send(Verb.POST, ALERT), Delivered)
        other = opened(kind, f"https://127.0.0.1:{port}", line=line).send(Verb.POST, ALERT)
    assert isinstance(other, RetryAfter)
    assert "not valid for '127.0.0.1'" in other.word


def babbles(connection: socket.socket) -> None:
    """Speak HTTP where TLS is expected."""
    connection.recv(65536)
    connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")


def turns_away(connection: socket.socket) -> None:
    """Hang up at the first word."""
    connection.recv(65536)


@pytest.mark.parametrize(
    ("behave", "word"),
    [(babbles, "tls_failure"), (turns_away, "tls_failure"), (hangs, "tls_timeout")],
    ids=["speaks http", "closes", "never answers"],
)
@pytest.mark.parametrize("kind", OVER_HTTP)
def test_without_an_encrypted_connection_nothing_is_sent(kind: str, behave: Behaviour, word: str) -> None:
    with served(behave) as port:
        answer = opened(kind, f"https://127.0.0.1:{port}", line=LINE).send(Verb.POST, ALERT)
    assert answer == RetryAfter(word)


class Way:
    """A server behind a proxy that alone knows its name."""

    def __init__(self, stack: ExitStack, kind: str, certificate: Path | None = None, **proxy: object) -> None:
        behave = behind_tls(YES[kind], certificate) if certificate else YES[kind]
        self.server = stack.enter_context(served(behave))
        self.proxy = Proxy({"slack.test": self.server}, **proxy)  # type: ignore[arg-type]
        self.port = stack.enter_context(served(self.proxy))


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@pytest.mark.parametrize("kind", OVER_HTTP)
@pytest.mark.parametrize("name", ["http_proxy", "HTTP_PROXY"])
def test_a_proxy_of_the_environment_forwards_http(stack: ExitStack, kind: str, name: str) -> None:
    way = Way(stack, kind, credentials=b64encode(b"us er:p@ss").decode())
    line = Line(deadline_s=10.0, environ={name: f"http://us%20er:p%40ss@127.0.0.1:{way.port}"})
    assert isinstance(opened(kind, "http://slack.test", line=line).send(Verb.POST, ALERT), Delivered)
    assert way.proxy.heads[0].startswith("POST http://slack.test/")


@pytest.mark.parametrize("kind", OVER_HTTP)
@pytest.mark.parametrize("name", ["https_proxy", "HTTPS_PROXY"])
def test_a_proxy_of_the_environment_connects_https(stack: ExitStack, kind: str, name: str, certificate: Path) -> None:
    way = Way(stack, kind, certificate, credentials=b64encode(b"user:pass").decode())
    environ = {name: f"user:pass@127.0.0.1:{way.port}", "SSL_CERT_FILE": str(certificate)}
    line = Line(deadline_s=10.0, environ=environ)
    assert isinstance(opened(kind, "https://slack.test", line=line).send(Verb.POST, ALERT), Delivered)
    assert way.proxy.heads[0].startswith("CONNECT slack.test:443 HTTP/1.1\r\nHost: slack.test:443\r\n")
    assert "s3cr3t" not in way.proxy.heads[0]


@pytest.mark.parametrize(
    ("base", "status"), [("http://slack.test", 407), ("https://slack.test", 407), ("https://slack.test", 403)]
)
def test_what_a_proxy_refuses_was_not_sent(stack: ExitStack, base: str, status: int) -> None:
    way = Way(stack, "webhook", refuses=status)
    proxy = f"http://127.0.0.1:{way.port}"
    line = Line(deadline_s=10.0, environ={"http_proxy": proxy, "https_proxy": proxy})
    assert opened("webhook", base, line=line).send(Verb.POST, ALERT) == RetryAfter(f"proxy_refused: {status}")


@pytest.mark.parametrize(
    ("behave", "word"),
    [
        (closes, "proxy_failure: closed"),
        (hangs, "proxy_failure: timeout"),
        (says(b"no\r\n"), "proxy_failure: not_http"),
    ],
)
def test_what_a_broken_proxy_did_not_connect_was_not_sent(stack: ExitStack, behave: Behaviour, word: str) -> None:
    line = Line(
        deadline_s=DEADLINE_S, environ={"https_proxy": f"http://127.0.0.1:{stack.enter_context(served(behave))}"}
    )
    assert opened("webhook", "https://slack.test", line=line).send(Verb.POST, ALERT) == RetryAfter(word)


@pytest.mark.parametrize(
    "proxy", ["socks5://127.0.0.1:1", "https://127.0.0.1:1", "http://", "http://h:x", "http://[::1"]
)
def test_a_proxy_that_cannot_be_spoken_to_is_never_gone_round(proxy: str) -> None:
    line = Line(deadline_s=10.0, environ={"http_proxy": proxy})
    assert opened("webhook", "http://slack.test", line=line).send(Verb.POST, ALERT) == RetryAfter("proxy_unsupported")


DIRECT = [
    # environment, whether the proxy is passed by
    ({}, False),
    ({"no_proxy": "*"}, True),
    ({"no_proxy": "slack.test"}, True),
    ({"NO_PROXY": "example.com, .test"}, True),
    ({"NO_PROXY": "example.com *.slack.test test"}, True),
    ({"no_proxy": "SLACK.test:80"}, True),
    ({"no_proxy": "slack.test:443"}, False),
    ({"no_proxy": "lack.test"}, False),
    ({"no_proxy": ".slack.test.example.com,,."}, False),
    ({"no_proxy": "example.com", "NO_PROXY": "slack.test"}, False),
    ({"no_proxy": "::1"}, False),
]


@pytest.mark.parametrize(("environ", "direct"), DIRECT, ids=lambda value: str(value))
def test_no_proxy_names_the_hosts_to_reach_directly(environ: dict[str, str], direct: bool) -> None:
    """Nobody here can tell where slack.test is, so the way shows in what fails: the name or the proxy."""
    line = Line(deadline_s=DEADLINE_S, environ={"http_proxy": f"http://127.0.0.1:{unused_port()}", **environ})
    answer = opened("webhook", "http://slack.test", line=line).send(Verb.POST, ALERT)
    assert isinstance(answer, RetryAfter)
    assert answer.word.startswith("dns_") == direct
    assert (answer.word == "refused") != direct


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_loopback_needs_no_proxy(host: str) -> None:
    with served(YES["webhook"]) as port:
        line = Line(deadline_s=10.0, environ={"http_proxy": f"http://127.0.0.1:{unused_port()}"})
        assert opened("webhook", f"http://{host}:{port}", line=line).send(Verb.POST, ALERT) == Delivered()


def test_a_client_of_a_cgi_program_cannot_set_its_proxy() -> None:
    environ = {"REQUEST_METHOD": "GET", "HTTP_PROXY": f"http://127.0.0.1:{unused_port()}"}
    answer = opened("webhook", "http://slack.test", line=Line(deadline_s=DEADLINE_S, environ=environ)).send(
        Verb.POST, ALERT
    )
    assert isinstance(answer, RetryAfter)
    assert answer.word.startswith("dns_")
