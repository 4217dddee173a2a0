"""Mail: what a real server gets, and what its answers mean."""

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword
from samples import ALERT, DIGEST, EVENT, LATE_S, LINE, NOW
from servers import (
    Behaviour,
    full,
    hangs,
    self_signed,
    served,
    unused_port,
)

from bongsu.alerting.decision import Reason
from bongsu.clock import SYSTEM
from bongsu.delivery.answer import Answer, Delivered, Rejected, RetryAfter, Unknown
from bongsu.delivery.channel import Channel
from bongsu.delivery.channels import open_channel
from bongsu.delivery.destination import parse
from bongsu.delivery.http import Line
from bongsu.messages.delivery import Verb
from bongsu.messages.message import State
from bongsu.messages.style import Style
from bongsu.testing import FakeClock

USER, PASSWORD = "kim@example.com", "p@ss/w:rd s3cr3t"
CREDENTIALS = "kim%40example.com:p%40ss%2Fw%3Ard%20s3cr3t@"
ADDRESSES = "from=alerts@example.com&to=ops@example.com,kim%2Bnight@example.com"


@dataclass
class Office:
    """A mail server's mind: what came, and what it says instead of yes."""

    mails: list[EmailMessage] = field(default_factory=list)
    envelopes: list[tuple[str, list[str]]] = field(default_factory=list)
    logins: list[LoginPassword] = field(default_factory=list)
    says: dict[str, str] = field(default_factory=dict)  # by command, or by recipient

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        envelope.mail_from = address
        return self.says.get("MAIL", "250 OK")

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        said = self.says.get(address, self.says.get("RCPT", "250 OK"))
        if said.startswith("250"):
            envelope.rcpt_tos.append(address)
        return said

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        mail = message_from_bytes(envelope.content, policy=default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        self.envelopes.append((envelope.mail_from, envelope.rcpt_tos))
        return self.says.get("DATA", "250 OK")

    def login(self, server: Any, session: Any, envelope: Any, mechanism: str, given: Any) -> AuthResult:
        assert isinstance(given, LoginPassword)
        self.logins.append(given)
        is_right = (given.login.decode(), given.password.decode()) == (USER, PASSWORD)
        return AuthResult(success=is_right, handled=is_right)


class Implicit(Controller):
    """TLS from the first byte."""

    def factory(self) -> SMTP:
        return SMTP(self.handler, authenticator=self.handler.login, auth_require_tls=False)


@contextmanager
def running(office: Office, certificate: Path | None = None, *, implicit: bool = False) -> Iterator[int]:
    context = None
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
    port = unused_port()
    kind, facts = (Implicit, {"ssl_context": context}) if implicit else (Controller, {"tls_context": context})
    if not implicit:
        facts |= {"authenticator": office.login, "auth_require_tls": certificate is not None}
    controller = kind(office, hostname="127.0.0.1", port=port, **facts)
    controller.start()
    try:
        yield port
    finally:
        controller.stop()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return self_signed(tmp_path_factory.mktemp("tls"), "DNS:localhost")


@pytest.fixture
def office() -> Office:
    return Office()


@pytest.fixture
def trusting(certificate: Path) -> Line:
    return Line(deadline_s=10.0, environ={"SSL_CERT_FILE": str(certificate)})


def opened(
    port: int, *, scheme: str = "smtp", tls: str = "&tls=no", who: str = "", line: Line | None = None
) -> Channel:
    url = f"{scheme}://{who}localhost:{port}/?{ADDRESSES}{tls}"
    destination = parse(url, token=None, slack_api=None, channel="alarm")
    return open_channel(destination, Style(), clock=FakeClock(NOW), line=line or Line(deadline_s=10.0, environ={}))


# -- what arrives


def test_a_message_is_a_mail_with_its_line_as_subject_and_its_text_as_body(office: Office) -> None:
    with running(office) as port:
        assert isinstance(opened(port).send(Verb.POST, ALERT), Delivered)
    [mail] = office.mails
    assert office.envelopes == [("alerts@example.com", ["ops@example.com", "kim+night@example.com"])]
    assert (mail["From"], mail["To"]) == ("alerts@example.com", "ops@example.com, kim+night@example.com")
    assert "IntegrityError" in mail["Subject"]
    assert "로그인" in mail["Subject"]
    assert mail["Date"] == "Tue, 07 Sep 2021 07:33:20 +0000"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail.get_content_type() == "text/plain"
    assert "app/login.py:48" in mail.get_content()


def test_the_mails_of_an_episode_are_one_thread_and_those_of_another_are_not(office: Office) -> None:
    growing = replace(ALERT, reason=Reason.GROWING, count=100)
    quiet = replace(ALERT, reason=Reason.QUIET, state=State.QUIET, count=140)
    with running(office) as port:
        channel = opened(port)
        first = channel.send(Verb.POST, ALERT)
        assert isinstance(first, Delivered)
        second = channel.send(Verb.POST, growing, first.receipt)
        assert isinstance(second, Delivered)
        channel.send(Verb.POST, quiet, second.receipt)
        channel.send(Verb.POST, replace(ALERT, event=replace(EVENT, id="f" * 32)))
    root = office.mails[0]["Message-ID"]
    assert [mail["In-Reply-To"] for mail in office.mails] == [None, root, root, None]
    assert [mail["References"] for mail in office.mails] == [None, root, root, None]
    assert len({mail["Message-ID"] for mail in office.mails}) == 4


def test_a_mail_that_is_sent_again_has_the_same_id(office: Office) -> None:
    with running(office) as port:
        for repeat in (False, True):
            opened(port).send(Verb.POST, replace(ALERT, repeat=repeat))
    assert office.mails[0]["Message-ID"] == office.mails[1]["Message-ID"]


NASTY = {
    "line breaks and headers": "a\r\nBcc: thief@example.com\r\n\r\n.\r\nb",
    "dots": "\n.\n..\n.hidden",
    "a long line": "x" * 5_000,
    "other scripts": "로그인 실패 🔥 \u202e \x00 \x1b[31m",
    "half a letter": "\ud800",
    "nothing": "",
}


@pytest.mark.parametrize("text", NASTY.values(), ids=NASTY.keys())
def test_no_text_breaks_out_of_its_mail(office: Office, text: str) -> None:
    with running(office) as port:
        answer = opened(port).send(Verb.POST, replace(ALERT, event=replace(EVENT, message=text, exceptions=())))
    assert isinstance(answer, Delivered)
    [mail] = office.mails
    assert mail["Bcc"] is None
    assert len(office.envelopes[0][1]) == 2
    assert len(mail["Subject"]) <= 200
    assert max(map(len, mail.as_bytes().split(b"\n"))) < 998


def test_a_digest_is_a_mail_too(office: Office) -> None:
    with running(office) as port:
        assert isinstance(opened(port).send(Verb.POST, DIGEST), Delivered)
    assert "KeyError" in office.mails[0].get_content()


# -- encryption and log-in


def test_the_password_is_given_behind_starttls(office: Office, certificate: Path, trusting: Line) -> None:
    with running(office, certificate) as port:
        assert isinstance(opened(port, tls="", who=CREDENTIALS, line=trusting).send(Verb.POST, ALERT), Delivered)
    assert [(given.login.decode(), given.password.decode()) for given in office.logins] == [(USER, PASSWORD)]


def test_smtps_is_encrypted_from_the_first_byte(office: Office, certificate: Path, trusting: Line) -> None:
    with running(office, certificate, implicit=True) as port:
        channel = opened(port, scheme="smtps", tls="", who=CREDENTIALS, line=trusting)
        assert isinstance(channel.send(Verb.POST, ALERT), Delivered)
    assert len(office.logins) == len(office.mails) == 1


def test_without_encryption_nothing_is_said(office: Office) -> None:
    with running(office) as port:
        answer = opened(port, tls="", who=CREDENTIALS).send(Verb.POST, ALERT)
    assert answer == Rejected("tls_not_offered", dead=True)
    assert (office.logins, office.mails) == ([], [])


@pytest.mark.parametrize("implicit", [False, True])
def test_a_certificate_that_nobody_vouches_for_is_not_trusted(
    office: Office, certificate: Path, implicit: bool
) -> None:
    scheme = "smtps" if implicit else "smtp"
    with running(office, certificate, implicit=implicit) as port:
        answer = opened(port, scheme=scheme, tls="", who=CREDENTIALS).send(Verb.POST, ALERT)
    assert isinstance(answer, RetryAfter)
    assert answer.word.startswith("tls_untrusted: self")
    assert (office.logins, office.mails) == ([], [])


def test_what_a_stranger_said_before_encryption_is_forgotten(certificate: Path, trusting: Line) -> None:
    """Bytes that somebody on the way put behind the answer to STARTTLS would else be taken for the server's."""
    came: list[bytes] = []

    def behave(connection: Any) -> None:
        connection.sendall(b"220 hi\r\n")
        connection.recv(1000)
        connection.sendall(b"250-hi\r\n250 STARTTLS\r\n")
        connection.recv(1000)
        connection.sendall(b"220 go\r\n250-evil\r\n250 AUTH PLAIN\r\n")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        with context.wrap_socket(connection, server_side=True) as wrapped:
            came.append(wrapped.recv(1000))
            wrapped.sendall(b"250 hi\r\n")
            came.append(wrapped.recv(1000))

    with served(behave) as port:
        answer = opened(port, tls="", who=CREDENTIALS, line=trusting).send(Verb.POST, ALERT)
    assert not isinstance(answer, Delivered)
    assert not any(b"AUTH" in said for said in came)


def test_a_wrong_password_is_a_dead_destination(office: Office, certificate: Path, trusting: Line) -> None:
    with running(office, certificate) as port:
        answer = opened(port, tls="", who="kim:wr0ng@", line=trusting).send(Verb.POST, ALERT)
    assert answer == Rejected("mail_login_refused: 535 5.7.8", dead=True)


def test_a_server_without_a_log_in_is_a_dead_destination() -> None:
    with served(talks(b"250 hi")) as port:
        answer = opened(port, who=CREDENTIALS).send(Verb.POST, ALERT)
    assert answer == Rejected("mail_login_unsupported", dead=True)


# -- what a server says


def talks(*replies: bytes) -> Behaviour:
    """Greet, and give each command its reply."""

    def behave(connection: Any) -> None:
        connection.sendall(b"220 hi\r\n")
        for reply in replies:
            connection.recv(65536)
            connection.sendall(reply + b"\r\n")
        while connection.recv(65536):
            pass

    return behave


def greets(data: bytes) -> Behaviour:
    """Say this and hang up."""
    return lambda connection: connection.sendall(data)


def greets_slowly(connection: Any) -> None:
    """A line that takes for ever."""
    for _ in range(200):
        connection.sendall(b"2")
        threading.Event().wait(0.02)


SAID: list[tuple[dict[str, str], Answer]] = [
    ({"MAIL": "451 4.3.2 later"}, RetryAfter("mail_deferred: 451 4.3.2")),
    ({"MAIL": "550 5.7.1 not you"}, Rejected("mail_refused: 550 5.7.1", dead=True)),
    ({"RCPT": "450 4.2.0 greylisted"}, RetryAfter("mail_deferred: 450 4.2.0")),
    ({"RCPT": "550 no such user s3cr3t"}, Rejected("mail_refused: 550", dead=True)),
    ({"RCPT": "550 no", "ops@example.com": "451 later"}, RetryAfter("mail_deferred: 451")),
    ({"ops@example.com": "550 5.1.1 no such user"}, Delivered(word="recipient_refused: 550 5.1.1")),
    ({"DATA": "451 4.7.1 later"}, RetryAfter("mail_deferred: 451 4.7.1")),
    ({"DATA": "552 5.3.4 too big"}, Rejected("mail_refused: 552 5.3.4")),
    ({"DATA": "554 5.7.1 spam"}, Rejected("mail_refused: 554 5.7.1")),
]


@pytest.mark.parametrize(("said", "answer"), SAID, ids=lambda value: str(value)[:40])
def test_a_mail_servers_answer_is_its_number(office: Office, said: dict[str, str], answer: Answer) -> None:
    office.says = said
    with running(office) as port:
        got = opened(port).send(Verb.POST, ALERT)
    assert (replace(got, receipt={}) if isinstance(got, Delivered) else got) == answer


UNTIL_DATA = (b"250 hi", b"250 ok", b"250 ok", b"250 ok")

FAULTS: dict[str, tuple[Behaviour, Answer]] = {
    "greets with a no": (greets(b"554 go away\r\n"), Rejected("mail_refused: 554", dead=True)),
    "is too busy": (greets(b"421 4.3.2 busy\r\n"), RetryAfter("mail_deferred: 421 4.3.2")),
    "hangs up at once": (greets(b""), RetryAfter("closed")),
    "hangs up after its greeting": (greets(b"220 hi\r\n"), RetryAfter("closed")),
    "is a web server": (greets(b"HTTP/1.1 400 Bad\r\n\r\n"), RetryAfter("not_smtp")),
    "never ends its line": (greets(b"220 " + b"x" * 500_000), Rejected("mail_refused: 500", dead=True)),
    "never ends its greeting": (greets(b"220-x\r\n" * 100_000), RetryAfter("closed")),
    "does not answer DATA": (talks(*UNTIL_DATA), Unknown("timeout")),
    "wants no data": (talks(*UNTIL_DATA, b"451 later"), RetryAfter("mail_deferred: 451")),
    "does not answer the mail": (talks(*UNTIL_DATA, b"354 go"), Unknown("timeout")),
    "answers the mail with nonsense": (talks(*UNTIL_DATA, b"354 go", b"hello"), Unknown("not_smtp")),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_whatever_a_server_does_has_its_answer_in_time(fault: str) -> None:
    behave, answer = FAULTS[fault]
    began_at = SYSTEM.monotonic()
    with served(behave) as port:
        assert opened(port, line=LINE).send(Verb.POST, ALERT) == answer
    assert SYSTEM.monotonic() - began_at < LATE_S


@pytest.mark.parametrize("behave", [hangs, greets_slowly], ids=["never greets", "drips"])
def test_a_slow_server_holds_a_sender_no_longer_than_the_deadline(behave: Behaviour) -> None:
    began_at = SYSTEM.monotonic()
    with served(behave) as port:
        assert opened(port, line=LINE).send(Verb.POST, ALERT) == RetryAfter("timeout")
    assert SYSTEM.monotonic() - began_at < LATE_S


def test_a_server_that_is_not_there_was_not_sent_anything() -> None:
    assert opened(unused_port(), line=LINE).send(Verb.POST, ALERT) == RetryAfter("refused")


def test_a_server_that_takes_no_connection_was_not_sent_anything() -> None:
    with full() as port:
        answer = opened(port, line=LINE).send(Verb.POST, ALERT)
    assert answer == RetryAfter("connect_timeout")


@pytest.mark.parametrize("verb", [Verb.EDIT, Verb.REPLY])
def test_a_mail_cannot_be_edited_or_replied_to(verb: Verb) -> None:
    assert opened(9, line=LINE).send(verb, ALERT) == Rejected("no_receipt", gone=True)


def test_a_channel_shows_no_secret_and_can_be_closed_twice() -> None:
    channel = opened(9, who=CREDENTIALS)
    channel.close()
    channel.close()
    assert "s3cr3t" not in repr(channel)
