"""Where mails go: `smtp://user:password@host:587/?from=a@b.example&to=c@d.example,e@f.example`. Pure."""

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from urllib.parse import SplitResult

RECIPIENTS_MAX = 20  # a list of more is a mailing list's work
PORTS = {"smtp": 587, "smtps": 465}  # RFC 6409 and RFC 8314

_ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*", re.ASCII)
_ADDRESS_MAX = 254  # RFC 5321
_NAMES = ("from", "to", "tls")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailbox:
    """A mail server, and whom to write to there."""

    host: str
    port: int
    tls: str  # "start": STARTTLS, nothing is sent without it; "at once": from the first byte; "no": in clear text
    sender: str
    to: tuple[str, ...]
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)

    @property
    def masked(self) -> str:
        """The address without user and password."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'smtps' if self.tls == 'at once' else 'smtp'}://{host}:{self.port}/?to={','.join(self.to)}"


def read(parts: "SplitResult") -> Mailbox | str:
    """The mailbox that a split URL names, or what is wrong with it, without anything that may be a secret."""
    from urllib.parse import unquote

    pairs = [pair.partition("=") for pair in parts.query.split("&") if pair]
    values = {name: unquote(value) for name, _, value in pairs}
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    sender = values.get("from", user)
    to = tuple(address.strip() for address in values.get("to", "").split(",") if address.strip())
    problem = _wrong_shape(parts, [name for name, *_ in pairs]) or _wrong_address(sender, to)
    if problem:
        return problem
    if values.get("tls", "yes") not in ("yes", "no"):
        return "has a tls= that is neither yes nor no"
    is_open = values.get("tls") == "no"
    if is_open and parts.scheme == "smtps":
        return "says smtps:// and tls=no: write one of them"
    return Mailbox(
        host=parts.hostname or "",
        port=parts.port or PORTS[parts.scheme],
        tls="at once" if parts.scheme == "smtps" else "no" if is_open else "start",
        sender=sender,
        to=to,
        user=user,
        password=password,
    )


def _wrong_shape(parts: "SplitResult", names: list[str]) -> str | None:
    from urllib.parse import unquote

    if parts.path.strip("/") or parts.fragment:
        return "has more than a host before its question mark: percent-encode / ? # in a user or password"
    if set(names) - set(_NAMES) or len(set(names)) < len(names):
        return f"takes {', '.join(f'{name}=' for name in _NAMES)} after its question mark, each once"
    if not unquote(f"{parts.username}{parts.password}").isascii():
        return "has a user or password with characters outside ASCII, which mail servers do not take"
    if bool(parts.username) != bool(parts.password):
        return "has a user without a password, or a password without a user: write user:password@ or neither"
    return None


def _wrong_address(sender: str, to: tuple[str, ...]) -> str | None:
    if not to:
        return "says nobody to write to: add to=name@example.com (several with commas)"
    if len(to) > RECIPIENTS_MAX:
        return f"writes to more than {RECIPIENTS_MAX} addresses: make a mailing list"
    if not _is_address(sender):
        return "needs from=, one mail address such as alerts@example.com"
    if not all(map(_is_address, to)):
        return "has something in to= that is no mail address such as name@example.com"
    return None


def _is_address(text: str) -> bool:
    return len(text) <= _ADDRESS_MAX and _ADDRESS.fullmatch(text) is not None
