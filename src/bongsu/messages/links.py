"""Where a message leads: the source line, and what the team keeps beside it, such as a runbook or logs. Pure.

Addresses are templates: `https://logs.example/search?q={request_id}`. Every inserted value is percent-encoded, so data
can neither leave its place nor the host, and an address of which a value is unknown is left out.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from bongsu.event import Event, Frame, Problem
from bongsu.messages import limits
from bongsu.messages.locales import local
from bongsu.messages.message import Message
from bongsu.messages.style import Links
from bongsu.routing.patterns import meets

RUNBOOK = "runbook"  # the key of its word
LINKS_MAX = 5  # beside the runbook; a line on a phone holds three
BEFORE_S = 300.0  # a dashboard that begins before the problem shows the change

PLACES = ("app", "environment", "release", "version", "commit", "host", "request_id", "name", "exception")
TIMES = ("since", "since_ms")
SOURCE = ("path", "line")

_PLACE = re.compile(r"\{([^{}]*)\}")
_RESERVED = re.compile(r"[^A-Za-z0-9._~-]+")  # all but RFC 3986's unreserved characters
_ADDRESS = re.compile(r"https?://[!#-;=?-\[\]^_a-z{}~]+")  # printable ASCII but quotes and what Slack reads as markup
_COMMIT = re.compile(r"(?:\A|[^0-9A-Za-z])([0-9a-f]{7,40})\Z")
_ELSEWHERE = re.compile(r"/|\\|[A-Za-z]:|<|node:")  # how a path begins that is not below the application's root


@dataclass(frozen=True, slots=True)
class Link:
    """One address with its name: `runbook`, or as in the configuration."""

    name: str
    url: str


def places(template: str) -> tuple[str, ...]:
    """The names in braces."""
    return tuple(_PLACE.findall(template))


def of(message: Message, links: Links) -> tuple[Link, ...]:
    """What a reader may want to open next, the runbook first; none for a record and a digest."""
    event = message.event
    if event is None or message.is_record or not (links.others or links.runbooks):
        return ()
    found = {RUNBOOK: next((each.url for each in links.runbooks if meets(event, each.when)), ""), **links.others}
    urls = {name: _filled(each, lambda place: _value(place, event, message)) for name, each in found.items()}
    return tuple(Link(name, url) for name, url in urls.items() if url)


def source(event: Event, links: Links) -> str:
    """The address of the line that the card names, if it is the program's own; else empty."""
    where = _own_line(event) if links.repo_url else None
    if where is None:
        return ""
    path, line = where
    known = {"path": "/".join(map(_quoted, path.split("/"))), "line": line}
    return _filled(links.repo_url, lambda place: known[place] if place in known else _value(place, event, None))


def is_deploy(event: Event) -> bool:
    """Whether it tells of a release that went out."""
    return event.finding is not None and event.finding.problem is Problem.DEPLOYED


def of_deploy(event: Event) -> str:
    """Where to read more of a release; empty if nobody said, or said no address."""
    url = event.tags.get("url", "") if is_deploy(event) else ""
    return url if is_address(url) else ""


def is_address(url: str) -> bool:
    """Whether a card can lead there."""
    return len(url) <= limits.LINK and _ADDRESS.fullmatch(url) is not None


def _own_line(event: Event) -> tuple[str, str] | None:
    frame: Frame | None = event.culprit
    path, line = (frame.path, str(frame.line)) if frame else (event.source or "").rpartition(":")[::2]
    is_own = frame.in_app if frame else event.source_in_app
    path = path.replace("\\", "/").removeprefix("./")
    if not is_own or not path or not line.isdecimal() or _ELSEWHERE.match(path):
        return None
    return (path, line) if all(part.strip(".") for part in path.split("/")) else None


def _value(place: str, event: Event, message: Message | None) -> str:
    """What is inserted there; empty where it is not known."""
    if place in TIMES:
        return _time(place, message) if message else ""
    release = event.release or ""
    match place:
        case "version":
            return _quoted(release.rpartition("@")[2])
        case "commit":
            commit = _COMMIT.search(release)
            return commit[1] if commit else ""
        case "name":
            return _quoted(event.finding.name if event.finding else "")
        case "exception":
            return _quoted(event.exceptions[0].type if event.exceptions else "")
    return _quoted(getattr(event, place) or "")


def _time(place: str, message: Message) -> str:
    since = local(message.episode_began_at - BEFORE_S, 0)
    return f"{int(since.timestamp() * 1000)}" if place == "since_ms" else _quoted(f"{since:%Y-%m-%dT%H:%M:%SZ}")


def _filled(template: str, value: Callable[[str], str]) -> str:
    """Empty where a value is unknown, or the whole too long for a card."""
    found = {place: value(place) for place in places(template)}
    if not template or not all(found.values()):
        return ""
    url = _PLACE.sub(lambda place: found[place[1]], template)
    return url if len(url) <= limits.LINK else ""


def _quoted(text: str) -> str:
    """Percent-encoded; empty for a text of points alone, which an address would take for a way up."""
    if len(text) > limits.LINK or not text.strip("."):
        return ""
    return _RESERVED.sub(_encoded, text)


def _encoded(match: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in match[0].encode("utf-8", "replace"))
