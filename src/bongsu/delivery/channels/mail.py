"""An SMTP server: one mail for each message, those of one episode in one thread."""

import re
import smtplib
import socket
import ssl
from collections.abc import Mapping
from contextlib import closing, suppress
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Any

from bongsu.clock import Clock
from bongsu.delivery import http
from bongsu.delivery.answer import Answer, Delivered, Rejected, RetryAfter, Unknown
from bongsu.delivery.channels.one_way import OneWay, Receipt
from bongsu.delivery.destination import Destination
from bongsu.delivery.identity import identity
from bongsu.delivery.mailbox import Mailbox
from bongsu.delivery.wire import NeverSent, Wire, dial, secure, word_of
from bongsu.messages import text
from bongsu.messages.characters import clean, clip, one_line
from bongsu.messages.locales import local
from bongsu.messages.message import Message
from bongsu.messages.style import Style
from bongsu.routing import Ability

assert ssl, "imported for its effect: a fork during a later import would leave the child one that never ends"

SUBJECT_MAX = 200  # characters; clients show some 80
_FIRST = "message_id"  # of the mail that began the thread, in the receipt
_OURSELVES = "[127.0.0.1]"  # what we are called in EHLO: asking DNS for our name could take longer than a send may
_POLICY = SMTP.clone(cte_type="7bit")  # not every server takes 8 bits
_ENHANCED = re.compile(rb"[245]\.\d{1,3}\.\d{1,3}")  # RFC 3463; the words after it may quote what nobody should see


class Mail(OneWay):
    """A mail server, reached anew for each mail. Follow-ups answer the first mail of their episode."""

    ability = Ability.POSTS

    def __init__(self, destination: Destination, style: Style, clock: Clock, line: http.Line) -> None:
        assert destination.mailbox is not None, "parsed at the door"
        self._box = destination.mailbox
        self._style = style
        self._clock = clock
        self._line = line

    def _post(self, message: Message, receipt: Receipt, *, plain: bool) -> Answer:
        first = (receipt or {}).get(_FIRST, "")
        mail = written(message, self._style, self._box, self._clock.now(), answers=first)
        answer = _deliver(self._box, mail.as_bytes(), self._line)
        if isinstance(answer, Delivered):
            return Delivered({_FIRST: first or str(mail["Message-ID"])}, answer.word)
        return answer


def written(message: Message, style: Style, box: Mailbox, now: float, *, answers: str = "") -> EmailMessage:
    """The mail. Sent again it has the same id, so that who gets it may drop the second."""
    mail = EmailMessage(policy=_POLICY)
    mail["From"] = box.sender
    mail["To"] = ", ".join(box.to)
    mail["Subject"] = clip(one_line(text.line(message, style)), SUBJECT_MAX)
    mail["Date"] = format_datetime(local(now, 0))
    mail["Message-ID"] = f"<{identity(message)}@{box.sender.rpartition('@')[2]}>"
    if answers:
        mail["In-Reply-To"] = mail["References"] = answers
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no vacation notes in return
    mail.set_content(clean(text.plain(message, style)))
    return mail


def _deliver(box: Mailbox, mail: bytes, line: http.Line) -> Answer:
    """What the server says to one mail. Until it is handed over, nothing can have been accepted."""
    until = line.until()
    try:
        with closing(_Session(dial(box.host, box.port, until), box, until, line.environ)) as session:
            session.begin()
            left_out = session.address()
            return session.hand_over(mail, left_out)
    except (NeverSent, OSError, ValueError) as trouble:  # ValueError: a way to log in that this Python forbids
        return _not_taken(trouble)


class _Session:
    """One conversation with a server. What it refuses before it has the mail is raised."""

    def __init__(self, sock: socket.socket, box: Mailbox, until: float, environ: Mapping[str, str]) -> None:
        self._sock = sock
        self._box = box
        self._until = until
        self._environ = environ
        self._smtp = smtplib.SMTP(local_hostname=_OURSELVES)

    def begin(self) -> None:
        """As far as being known to the server, behind TLS where that is wanted."""
        if self._box.tls == "at once":
            self._secure()
        self._talk_over(self._sock)
        self._expect(220, self._smtp.getreply())
        self._smtp.ehlo_or_helo_if_needed()
        if self._box.tls == "start":
            self._start_tls()
        if self._box.user:
            self._smtp.login(self._box.user, self._box.password)

    def address(self) -> str:
        """Name sender and recipients; a word when some of them are left out."""
        self._expect(250, self._smtp.mail(self._box.sender))
        replies = [self._smtp.rcpt(address) for address in self._box.to]
        refused = [reply for reply in replies if reply[0] not in (250, 251)]
        if len(refused) == len(replies):
            self._expect(250, min(refused))  # one that may be taken later counts more than one that never is
        return _word("recipient_refused", *refused[0]) if refused else ""

    def hand_over(self, mail: bytes, left_out: str) -> Answer:
        """From here on a silence may mean that the mail is on its way."""
        try:
            code, said = self._smtp.data(mail)
        except smtplib.SMTPDataError as trouble:  # it did not want to begin
            return _refusal(trouble.smtp_code, trouble.smtp_error, dead=False)
        except OSError as trouble:
            return Unknown(_network_word(trouble))
        if code == 250:
            return Delivered(word=left_out)
        return _refusal(code, said, dead=False) if code >= 400 else Unknown("not_smtp")

    def close(self) -> None:
        with suppress(OSError):
            self._smtp.putcmd("QUIT")  # the answer would tell nothing
        self._sock.close()

    def _secure(self) -> None:
        self._sock = secure(self._sock, self._box.host, self._until, self._environ)

    def _start_tls(self) -> None:
        if not self._smtp.has_extn("starttls"):
            raise _TlsNotOffered
        self._expect(220, self._smtp.docmd("STARTTLS"))
        self._secure()
        self._talk_over(self._sock)
        self._smtp.ehlo_or_helo_if_needed()

    def _talk_over(self, sock: socket.socket) -> None:
        """What was said before is forgotten: without TLS anybody could have said it (RFC 3207)."""
        talk: Any = self._smtp
        talk.sock, talk.file = Wire(sock, self._until), None
        talk.helo_resp = talk.ehlo_resp = None
        talk.esmtp_features = {}
        talk.does_esmtp = False

    def _expect(self, code: int, reply: tuple[int, bytes]) -> None:
        if reply[0] != code:
            raise smtplib.SMTPResponseException(*reply)


class _TlsNotOffered(smtplib.SMTPException):
    """Somebody on the way may have cut the offer out: nothing is said in clear text."""


def _not_taken(trouble: Exception) -> Answer:
    """What an end before the mail was handed over means."""
    match trouble:
        case NeverSent(word=word):
            return RetryAfter(word)
        case smtplib.SMTPAuthenticationError(smtp_code=code, smtp_error=said) if code >= 500:
            return Rejected(_word("mail_login_refused", code, said), dead=True)
        case smtplib.SMTPResponseException(smtp_code=code, smtp_error=said):
            return _refusal(code, said, dead=True)
        case smtplib.SMTPServerDisconnected():
            return RetryAfter(_network_word(trouble))
        case _TlsNotOffered():
            return Rejected("tls_not_offered", dead=True)
        case smtplib.SMTPException() | ValueError():
            return Rejected("mail_login_unsupported", dead=True)
    return RetryAfter(word_of(trouble))


def _refusal(code: int, said: bytes | str, *, dead: bool) -> Answer:
    if 400 <= code < 500:
        return RetryAfter(_word("mail_deferred", code, said))
    if 500 <= code < 600:
        return Rejected(_word("mail_refused", code, said), dead=dead)
    return RetryAfter("not_smtp")


def _word(word: str, code: int, said: bytes | str) -> str:
    """A word with the server's numbers, and none of its text."""
    found = _ENHANCED.match(said if isinstance(said, bytes) else said.encode("ascii", "replace"))
    return f"{word}: {code}" + (f" {found[0].decode('ascii')}" if found else "")


def _network_word(trouble: OSError) -> str:
    """`smtplib` calls every failure of the network a disconnect; what it was stands behind it."""
    if isinstance(trouble, smtplib.SMTPServerDisconnected):
        return word_of(trouble.__context__) if isinstance(trouble.__context__, OSError) else "closed"
    return word_of(trouble)
