"""What a request's event says of its address and its user; read only when there is an event."""

from collections.abc import Mapping
from contextlib import suppress
from inspect import getattr_static
from itertools import islice
from types import MemberDescriptorType
from urllib.parse import unquote_plus
from uuid import UUID

from bongsu.scrubbing import MARK, names_secret, scrub_value

PATH_READ_MAX = 512  # characters of a path that are looked at; a card's line has some 100
QUERY_READ_MAX = 2_048  # the same of a query; browsers and proxies begin to cut at about this length
PAIRS_MAX = 32  # of a query
MATCHED_MAX = 16  # parts of a path that a route names

OAUTH_SHORTER = 7  # characters; a status, a country or a voucher may be called code or state as well

_OAUTH = frozenset({"code", "state"})  # RFC 6749 §4.1.2 puts them into the address of the way back
_ID_NAMES = ("id", "pk", "user_id", "sub")


def address(path: str, query: str, matched: Mapping[str, object] | None = None) -> str:
    """Path and query as people read them, without secrets; `matched` is what the route's template took from the path.

    No host: whoever calls chooses it, and an alert should not carry a stranger's link.
    """
    shown = _path(path[:PATH_READ_MAX], matched or {})
    return f"{shown}?{_query(query)}" if query else shown


def _path(path: str, matched: Mapping[str, object]) -> str:
    for name, value in islice(matched.items(), MATCHED_MAX):
        if isinstance(value, str) and value and names_secret(name):
            path = path.replace(value, MARK)
    return path


def _query(query: str) -> str:
    pairs = query[:QUERY_READ_MAX].replace(";", "&").split("&", PAIRS_MAX)
    if len(query) > QUERY_READ_MAX or len(pairs) > PAIRS_MAX:
        pairs[-1] = "…"  # half a secret does not look like one
    return "&".join(_pair(pair) for pair in pairs)


def _pair(pair: str) -> str:
    name, equals, value = (unquote_plus(part, errors="replace") for part in pair.partition("="))
    if name.lower() in _OAUTH and len(value) > OAUTH_SHORTER:
        value = MARK
    return f"{name}{equals}{scrub_value(name, value)}" if equals else name


def user_id(user: object) -> str | None:
    """The id of whatever a framework calls the user, from what lies in the object: no property of the host runs."""
    if user is None:  # the most frequent one; looking into it takes longer than all the rest
        return None
    found = _plain(user)
    for name in _ID_NAMES:
        found = found or _plain(_held(user, name))
    return found


def _plain(value: object) -> str | None:
    kind = type(value)  # isinstance would ask a lazy object for its class, and that one the database
    return str(value) if issubclass(kind, str | int | UUID) and not issubclass(kind, bool) else None


def _held(user: object, name: str) -> object:
    """An attribute or item that takes no code of the host: an ORM's would query the database."""
    if type(user) is dict:
        return user.get(name)
    with suppress(AttributeError):  # no such dictionary, or an empty slot
        if name in (attributes := object.__getattribute__(user, "__dict__")):
            return attributes[name]
    slot = getattr_static(type(user), name, None)
    with suppress(AttributeError):
        return slot.__get__(user) if type(slot) is MemberDescriptorType else None
    return None
