"""What problems that begin at once have in common: an exception from outside, a release, a host. Pure.

A channel remembers which causes it has heard of within a storm window. The first problems of a cause get messages of
their own; those after them are told together, unless they are worse than what was told of it.
"""

import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import combinations, takewhile
from typing import Any

from bongsu.alerting import deploys
from bongsu.alerting.deploys import Deploy
from bongsu.event import CapturedException, Event, Level, Relation
from bongsu.grouping.normalise import normalise

CAUSES_MAX = 32  # that a channel remembers, × some 100 bytes; a storm of more has no cause worth a word
RELEASE_S = 5 * 60.0  # what is first seen so soon after a deploy is taken for its doing; a rolling deploy takes minutes
HOST_KEPT_S = 24 * 3_600.0  # so long a host may count as one of several after a problem of it
_MESSAGE_READ = 1_024  # characters; who could not be reached stands at the beginning
_DIGITS = 16  # 64 bits, for at most CAUSES_MAX


class CauseKind(StrEnum):
    """What is shared; the most telling first."""

    UPSTREAM = "upstream"
    RELEASE = "release"
    HOST = "host"


_ALONE = {CauseKind.UPSTREAM: 1, CauseKind.RELEASE: 2, CauseKind.HOST: 2}  # problems that are no pattern yet
_ORDER = {kind: -at for at, kind in enumerate(CauseKind)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """What problems share; and, in a digest, how many of its problems."""

    kind: CauseKind
    text: str  # the exception and whom it could not reach, the release, or the host
    at: float = 0.0  # RELEASE: when it was deployed
    problems: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What a channel has heard of one cause."""

    key: str
    at: float  # when a problem of it began last
    since: float = 0.0  # when one did first
    streak_at: float = 0.0  # when the first of `problems` was told
    problems: int = 0  # told in this streak: none more than a storm window after the one before; of a host, the first
    rank: int = -1  # of the worst level among them
    inside: int = 0  # problems in the digest that is open

    @property
    def kind(self) -> CauseKind:
        return CauseKind(self.key.partition(":")[0])


Memory = tuple[Heard, ...]


def of(event: Event, began_at: float, first_seen_at: float, known: Iterable[Deploy]) -> dict[str, Cause]:
    """The causes that such a problem may share with others, by key."""
    found: dict[str, Cause] = {}
    if upstream := _upstream(event):
        identity, text = upstream
        found[_key(CauseKind.UPSTREAM, identity)] = Cause(kind=CauseKind.UPSTREAM, text=text)
    deploy = deploys.before(known, began_at)
    if deploy and first_seen_at >= deploy.at and began_at - deploy.at <= RELEASE_S:
        key = _key(CauseKind.RELEASE, f"{deploy.release}@{deploy.at}")
        found[key] = Cause(kind=CauseKind.RELEASE, text=deploy.release, at=deploy.at)
    if event.host:
        found[_key(CauseKind.HOST, event.host)] = Cause(kind=CauseKind.HOST, text=event.host)
    return found


def recalled(memory: Memory, now: float, window_s: float) -> Memory:
    """What still counts by then. Hosts are known for longer; what stands in an open digest, until it is written."""
    return tuple(_recalled(each, now, window_s) for each in memory if _is_kept(each, now, window_s))


def _is_kept(heard: Heard, now: float, window_s: float) -> bool:
    return bool(heard.inside) or now - heard.at <= (HOST_KEPT_S if heard.kind is CauseKind.HOST else window_s)


def _recalled(heard: Heard, now: float, window_s: float) -> Heard:
    """A host that always has some trouble would for ever have no message of its own: its streak ends after a window."""
    newest_at = heard.streak_at if heard.kind is CauseKind.HOST else heard.at
    return heard if now - newest_at <= window_s else replace(heard, problems=0, rank=-1)


def goes_along(memory: Memory, keys: Iterable[str], level: Level) -> bool:
    """Whether enough was told of one of its causes, and nothing about it is worse."""
    alike = [each for each in memory if each.key in keys and each.problems >= _ALONE[each.kind]]
    counting = [each for each in alike if each.kind is not CauseKind.HOST or _are_several_hosts(memory)]
    return bool(counting) and level is not Level.FATAL and all(level.rank <= each.rank for each in counting)


def _are_several_hosts(memory: Memory) -> bool:
    """Whether two hosts had problems at the same time; a container that took another's place is no second host."""
    hosts = [each for each in memory if each.kind is CauseKind.HOST]
    return any(one.since <= other.at and other.since <= one.at for one, other in combinations(hosts, 2))


def remembered(memory: Memory, keys: Iterable[str], now: float, level: Level, *, told: bool, inside: bool) -> Memory:
    """With one more problem of these causes: told or held back, inside the open digest or alone."""
    by_key = {each.key: each for each in memory}
    for key in keys:
        before = by_key.pop(key, Heard(key=key, at=now, since=now))
        by_key[key] = replace(
            before,
            at=now,
            streak_at=before.streak_at if before.problems else now,
            problems=before.problems + told,
            rank=max(before.rank, level.rank) if told else before.rank,
            inside=before.inside + inside,
        )
    return tuple(sorted(by_key.values(), key=lambda each: (each.inside, each.at))[-CAUSES_MAX:])


def rebased(heard: Heard, now: float) -> Heard:
    """The same after the clock was set back."""
    return replace(heard, at=min(heard.at, now), since=min(heard.since, now), streak_at=min(heard.streak_at, now))


def closed(memory: Memory) -> Memory:
    """After the digest was written."""
    return tuple(replace(each, inside=0) for each in memory)


def shared(memory: Memory, problems: int) -> list[Heard]:
    """Of a digest of so many problems, what half of them or more share; what says most first."""
    several = _are_several_hosts(memory)
    found = [
        each
        for each in memory
        if each.inside * 2 >= problems
        and (each.inside > 1 or (each.problems > problems == each.inside))
        and (several or each.kind is not CauseKind.HOST)
    ]
    return sorted(found, key=lambda each: (each.inside, _ORDER[each.kind]), reverse=True)


def heard_from_json(data: Mapping[str, Any]) -> Heard:
    """What a store remembered. Raises KeyError, TypeError or ValueError for anything else."""
    CauseKind(data["key"].partition(":")[0])
    return Heard(**data)


def to_json(cause: Cause) -> dict[str, Any]:
    """The cause as JSON values; `from_json` is its inverse."""
    return {name: getattr(cause, name) for name in Cause.__slots__}


def from_json(data: Mapping[str, Any]) -> Cause:
    """The inverse of `to_json`. Raises KeyError, TypeError or ValueError for anything else."""
    return Cause(**{**data, "kind": CauseKind(data["kind"])})


def _key(kind: CauseKind, identity: str) -> str:
    from hashlib import sha256  # 3 ms, too much for `import bongsu`

    return f"{kind}:{sha256(identity.encode('utf-8', 'surrogatepass')).hexdigest()[:_DIGITS]}"


def _upstream(event: Event) -> tuple[str, str] | None:
    """The failure outside that the exception grew out of, as identity and in words."""
    found = {_outside(chain) for chain in _chains(event.exceptions)}
    return found.pop() if len(found) == 1 else None


def _chains(exceptions: Sequence[CapturedException]) -> list[list[CapturedException]]:
    """Each exception that counts, followed by its explicit causes; of a group with several members these alone."""
    members = [at for at, each in enumerate(exceptions) if each.relation is Relation.MEMBER]
    if len(members) > 1:
        return [[exceptions[at]] for at in members]
    start = members[0] if members else 0
    causes = takewhile(lambda each: each.relation is Relation.CAUSE, exceptions[start + 1 :])
    return [[*exceptions[start : start + 1], *causes]] if exceptions else []


def _outside(chain: Sequence[CapturedException]) -> tuple[str, str] | None:
    """The innermost exception, if it came from outside the application's own code, and somebody is named.

    "timed out" is what two services say that have nothing in common but the client that asked them.
    """
    inner = chain[-1]
    if inner.type in _CANCELLATIONS or not _is_from_outside(inner):
        return None
    address = next(filter(None, (_address(each.message) for each in reversed(chain))), "")
    if address:
        return f"{inner.module}.{inner.type} {address}", f"{inner.type} {address}"
    told = next((each for each in reversed(chain) if _is_from_outside(each) and not _may_be_of_anyone(each)), None)
    if told is None:
        return None
    # Quotation marks go: what stands between them says which table, user or key, and that is another cause.
    said = normalise(told.message[:_MESSAGE_READ].translate(_NO_QUOTES))
    first_line = told.message.strip().partition("\n")[0].strip()
    return f"{told.module}.{told.type} {said or _place(told)}", ": ".join(filter(None, [told.type, first_line]))


def _is_from_outside(exception: CapturedException) -> bool:
    return bool(_FAR.search(exception.type)) or (bool(exception.frames) and not exception.frames[-1].in_app)


def _may_be_of_anyone(exception: CapturedException) -> bool:
    return exception.module.partition(".")[0] in _ANYONES


def _place(exception: CapturedException) -> str:
    return f"{exception.frames[-1].module}:{exception.frames[-1].function}" if exception.frames else ""


def _address(message: str) -> str:
    """`host:port` of whom it could not reach, or the host of a URL."""
    match = _ADDRESS.search(message[:_MESSAGE_READ])
    if match is None:
        return ""
    host, port = (next(filter(None, match.groups()[at::2]), "") for at in (0, 1))
    return f"{host}:{port}" if port else host


_CANCELLATIONS = frozenset({"CancelledError", "Cancelled"})  # they tell where the time ran out

# Python and the clients of HTTP raise the same for whomever was asked. A driver is of one database.
_CLIENTS = frozenset({"aiohttp", "anyio", "grpc", "httpcore", "httpx", "requests", "urllib3", "websockets"})
_ANYONES = (sys.stdlib_module_names - {"sqlite3"}) | _CLIENTS | {""}  # "": no module is known
_NO_QUOTES = str.maketrans("", "", "'\"`")

# Raised by C code they have no frame but the application's: sqlite3.OperationalError, ConnectionRefusedError.
_FAR = re.compile(r"Connect|Timeout|TimedOut|Unavailable|OperationalError|InterfaceError|BrokenPipe|gaierror|SSLError")

_HOST, _PORT = r"([\w.-]{1,253})", r"([0-9]{1,5})"
_ADDRESS = re.compile(
    "|".join(
        (
            rf"\b[a-z][a-z0-9+.-]{{1,15}}://(?:[^/\s@]{{0,256}}@)?{_HOST}(?::{_PORT})?",  # a URL
            rf"\bhost=['\"]{_HOST}['\"], ?port={_PORT}",  # urllib3, requests
            rf"\bat ['\"]{_HOST}['\"](?: \([^()\s]{{1,64}}\))?, port {_PORT}",  # PostgreSQL
            rf"\(['\"]{_HOST}['\"], {_PORT}[,)]",  # asyncio: ('127.0.0.1', 5432)
            rf"\b(?:at|from|host|on|server|to|with) {_HOST}:{_PORT}\b",  # redis, aiohttp
        )
    )
)
