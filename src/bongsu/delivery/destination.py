"""Where a channel's messages go: one URL, parsed at the door and told apart by its form.

No text that this module makes (error, repr, mask, hash) holds a credential: a webhook URL is one, and so is a token.
"""

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from bongsu.delivery import mailbox as mailboxes
from bongsu.delivery.mailbox import Mailbox
from bongsu.routing import Ability

if TYPE_CHECKING:
    from urllib.parse import SplitResult

SLACK_API = "https://slack.com/api/"

_SLACK_ID = re.compile(r"[CDGU][A-Z0-9]{2,}")
_SLACK_NAME = re.compile(r"[\w-]{1,80}")  # Slack: lower case, no spaces, at most 80 characters; any script
_DSN_KEY = re.compile(r"[A-Za-z0-9_-]{1,64}")  # servers give 32 hex digits
_DSN_PATH = re.compile(r"((?:/[^/]+)*)/([0-9]{1,18})/?")  # [/prefix]/PROJECT
_HOST = re.compile(r"[\w:%-][\w.:%-]*")  # a name or an address; brackets are off
_PRINTABLE = re.compile(r"[!-~]+")
_TOKEN = re.compile(r"xox[a-z]-|xox[a-z]\.xox[a-z]-|xapp-")
_WEBHOOK_HOSTS = ("hooks.slack.com", "hooks.slack-gov.com")
_FORMS = (
    "an incoming webhook (https://hooks.slack.com/services/T…/B…/…), slack://#channel, "
    "a Sentry DSN (https://KEY@host/1), smtp://user:password@host/?from=…&to=…, webhook+https://host/path, "
    "apprise+SERVICE://…, console: or file:alerts.jsonl"
)
_KNOWN = ("http://", "https://", "slack:", "file:", "console:", "smtp://", "smtps://", "webhook+", "apprise+")
_ASCII_ONLY = ("http", "smtp", "webhook+")


class Scheme(StrEnum):
    """What kind of destination a URL names."""

    WEBHOOK = "webhook"  # Slack's incoming webhook, or one that takes the same payload
    SLACK = "slack"  # Slack's Web API with a bot token
    CONSOLE = "console"
    FILE = "file"
    SENTRY = "sentry"  # a server that takes Sentry envelopes: the hub, or another
    MAIL = "mail"  # an SMTP server
    JSON = "json"  # a receiver of the user's own: Bongsu's documented JSON
    APPRISE = "apprise"  # whatever the library of that name reaches

    @property
    def is_paced(self) -> bool:
        """Whether it wants one message a second at most: what people read does."""
        return self in (Scheme.WEBHOOK, Scheme.SLACK, Scheme.MAIL, Scheme.APPRISE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """A parsed destination. `hash` and `masked` may be stored and shown; `url` and `secret` may not."""

    scheme: Scheme
    ability: Ability
    hash: str  # names the destination without telling it: 12 hex digits over URL and token
    masked: str
    url: str = field(default="", repr=False)  # WEBHOOK, JSON: where to post; SLACK: the API's base; SENTRY: the
    # envelope endpoint; APPRISE: its own URL
    secret: str = field(default="", repr=False)  # SLACK: the bot token; SENTRY: the key; JSON: what signs
    target: str = ""  # SLACK: `#name` or an id; FILE: the path
    mailbox: Mailbox | None = field(default=None, repr=False)  # MAIL


def parse(url: str, *, token: str | None, slack_api: str | None, channel: str) -> Destination:
    """The destination that a URL names. Raises ValueError with one sentence that says what to write instead.

    `channel` is the name in the configuration, for that sentence.
    """
    problem = _wrong_form(url)
    if problem:
        raise _refusal(channel, problem)
    if url == "console:":
        return _known(Scheme.CONSOLE, url, masked=url)
    if url.startswith("file:"):
        return _file(url, channel)
    if url.startswith("slack:"):
        return _slack(url, token, slack_api, channel)
    if url.startswith("apprise+"):
        return _apprise(url, channel)
    if url.startswith("smtp"):
        return _mail(url, channel)
    if url.startswith("webhook+"):
        return _json(url, channel)
    parts = _split(url, channel)
    return _sentry(url, parts, channel) if parts.username is not None else _webhook(url, parts, channel)


def _known(
    scheme: Scheme, written: str, *, masked: str, token: str = "", mailbox: Mailbox | None = None, **parts: str
) -> Destination:
    from hashlib import sha256

    abilities = {Scheme.SLACK: Ability.EDITS, Scheme.SENTRY: Ability.FORWARDS}
    return Destination(
        scheme=scheme,
        ability=abilities.get(scheme, Ability.POSTS),
        hash=sha256(f"{written}\n{token}".encode()).hexdigest()[:12],
        masked=masked,
        mailbox=mailbox,
        **parts,
    )


def _refusal(channel: str, problem: str) -> ValueError:
    return ValueError(f"The destination of channel {channel!r} {problem}.")


def _wrong_form(url: str) -> str | None:
    """What is wrong with the text as a whole, before its scheme is looked at."""
    lower = url.lower()
    if not url.strip():
        return f"is empty: give {_FORMS}"
    if url != url.strip():
        return "has spaces or line breaks around it: remove them (a secret read from a file often ends in a line break)"
    if _TOKEN.match(url):
        return "is a token: write slack://#channel here and give the token as token= or BONGSU_SLACK_TOKEN"
    if "…" in url or "/..." in url:
        return "still has the dots of an example in it: copy the whole URL from Slack (Incoming Webhooks of your app)"
    if url.startswith("#"):
        return "is a bare channel name: write slack://#channel (it needs a bot token), or give a webhook URL"
    if lower in ("console", "stderr", "-") or (lower.startswith("console:") and url != "console:"):
        return "means the console, which is written console: and nothing after it"
    if not url.startswith(_KNOWN):
        return _wrong_scheme(lower)
    if url.startswith(_ASCII_ONLY) and not _PRINTABLE.fullmatch(url):
        return "has a space or a character outside ASCII in its URL: percent-encode it (a space is %20)"
    return None


def _wrong_scheme(lower: str) -> str:
    if lower.startswith(("http:", "https:")):
        return "begins with http: or https: but not with two slashes in lower case: write https://"
    if lower.startswith(_WEBHOOK_HOSTS):
        return "has no scheme: put https:// in front of it"
    if "://" not in lower and lower.endswith((".json", ".jsonl", ".log", ".txt")):
        return "is a file without its scheme: write file:alerts.jsonl"
    return f"has no scheme that is known here: give {_FORMS}"


def _file(url: str, channel: str) -> Destination:
    path = url.removeprefix("file:")
    if path.startswith("//") and not path.startswith("///"):
        raise _refusal(
            channel, "has a host where a file has none: write file:alerts.jsonl or file:///var/log/alerts.jsonl"
        )
    path = path.removeprefix("//")
    if not path or path.endswith("/") or "\0" in path:
        raise _refusal(channel, "names no file: write file:alerts.jsonl or file:///var/log/alerts.jsonl")
    return _known(Scheme.FILE, url, masked=url, target=path)


def _slack(url: str, token: str | None, slack_api: str | None, channel: str) -> Destination:
    target = url.removeprefix("slack:").removeprefix("//")
    problem = _wrong_slack_target(target) or _wrong_token(token) or _wrong_api(slack_api)
    if problem:
        raise _refusal(channel, problem)
    base = slack_api or SLACK_API
    return _known(
        Scheme.SLACK,
        url,
        masked=f"slack://{target}",
        token=token or "",
        secret=token or "",
        url=base if base.endswith("/") else f"{base}/",
        target=target,
    )


def _wrong_slack_target(target: str) -> str | None:
    if _TOKEN.match(target):
        return "has a token in its URL: write slack://#channel and give the token as token= or BONGSU_SLACK_TOKEN"
    if _SLACK_ID.fullmatch(target):
        return None
    name = target.removeprefix("#")
    if not _SLACK_NAME.fullmatch(name) or name != name.lower():
        return (
            "names no Slack channel: write slack://#name (lower case, no spaces) or the channel's id, slack://C0123ABCD"
        )
    if name == target:
        return f"names a channel without its #: write slack://#{name}"
    return None


def _wrong_token(token: str | None) -> str | None:
    if not token:
        return "posts as a bot, which needs a token: give token= or BONGSU_SLACK_TOKEN (xoxb-…, scope chat:write)"
    if not _PRINTABLE.fullmatch(token):
        return "has a token with a space or line break in it: copy BONGSU_SLACK_TOKEN again, without what is around it"
    if token.startswith("xapp-"):
        return "has an app-level token (xapp-…), which cannot post: give the bot token (xoxb-…) of the same app"
    return None


def _wrong_api(slack_api: str | None) -> str | None:
    if slack_api and not (slack_api.startswith(("http://", "https://")) and _PRINTABLE.fullmatch(slack_api)):
        return f"has an API base that is no URL: set BONGSU_SLACK_API to one like {SLACK_API}, or leave it away"
    return None


def _split(url: str, channel: str) -> "SplitResult":
    """The parts of a URL whose host and port are sound."""
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(url)
        sound = _HOST.fullmatch(parts.hostname or "") is not None and parts.port != 0
    except ValueError:  # brackets or a port out of range; the text of the error would show the URL
        sound = False
    if not sound:
        scheme = url.partition(":")[0]
        raise _refusal(channel, f"has a broken host or port: write {scheme}://host[:port]/path")
    return parts


def _webhook(url: str, parts: "SplitResult", channel: str) -> Destination:
    problem = _wrong_slack_url(parts)
    if problem:
        raise _refusal(channel, problem)
    return _known(Scheme.WEBHOOK, url, masked=_masked_webhook(parts), url=url)


def _wrong_slack_url(parts: "SplitResult") -> str | None:
    """The mistakes that can be seen in a URL of Slack's; other hosts are free in their paths."""
    host, path = parts.hostname or "", parts.path
    if host not in _WEBHOOK_HOSTS:
        if host in ("slack.com", "slack-gov.com") or host.endswith((".slack.com", ".slack-gov.com")):
            return "is a page for people: create an incoming webhook, or write slack://#channel with a bot token"
        return None
    if parts.scheme != "https":
        return "would send a secret in clear text: write https://"
    if path.startswith(("/workflows/", "/triggers/")):
        return "starts a workflow, which takes no cards: create an incoming webhook instead"
    if not re.fullmatch(r"/services/[^/]+/[^/]+/[^/]+/?", path):
        return "is cut off: a webhook is https://hooks.slack.com/services/T…/B…/… with all three parts"
    return None


def _masked_webhook(parts: "SplitResult") -> str:
    first, _, rest = parts.path.removeprefix("/services/").partition("/")
    if parts.path.startswith("/services/") and rest:
        return f"{parts.scheme}://{_host(parts)}/services/{first[:2]}…/…"  # the workspace's letter tells hooks apart
    return (
        f"{parts.scheme}://{_host(parts)}/…"
        if parts.path.strip("/") or parts.query
        else f"{parts.scheme}://{_host(parts)}"
    )


def _sentry(url: str, parts: "SplitResult", channel: str) -> Destination:
    form = "write it as https://KEY@host/1 (a URL with a user part is read as a Sentry DSN)"
    if not _DSN_KEY.fullmatch(parts.username or ""):
        raise _refusal(channel, f"has no usable key in its DSN: {form}")
    path = _DSN_PATH.fullmatch(parts.path)
    if path is None or parts.query or parts.fragment:
        raise _refusal(channel, f"has no project number at the end of its DSN: {form}")
    prefix, project = path.groups()
    return _known(
        Scheme.SENTRY,
        url,
        masked=f"{parts.scheme}://…@{_host(parts)}{prefix}/{project}",
        url=f"{parts.scheme}://{_host(parts)}{prefix}/api/{project}/envelope/",
        secret=parts.username or "",
    )


def _mail(url: str, channel: str) -> Destination:
    found = mailboxes.read(_split(url, channel))
    if isinstance(found, str):
        raise _refusal(channel, found)
    return _known(Scheme.MAIL, url, masked=found.masked, mailbox=found)


def _json(url: str, channel: str) -> Destination:
    """The secret that signs stands behind `#`, or in the query as `secret=`; it is not a part of what is asked for."""
    from urllib.parse import unquote

    if not url.startswith(("webhook+https://", "webhook+http://")):
        raise _refusal(channel, "is a webhook of your own, written webhook+https://host/path#secret")
    parts = _split(url.removeprefix("webhook+"), channel)
    if parts.username is not None:
        raise _refusal(channel, "has a user part, which a webhook of your own has not: sign with #secret instead")
    if parts.hostname in _WEBHOOK_HOSTS:
        raise _refusal(channel, "is a webhook of Slack's: write it without webhook+")
    pairs = parts.query.split("&")
    secrets = [pair.removeprefix("secret=") for pair in pairs if pair.startswith("secret=")]
    query = "&".join(pair for pair in pairs if not pair.startswith("secret="))
    secret = unquote(parts.fragment or next(iter(secrets), ""))
    if len(secrets) + bool(parts.fragment) > 1 or (not secret and (secrets or url.endswith("#"))):
        raise _refusal(channel, "has an empty secret or several: write it once, behind #")
    return _known(
        Scheme.JSON,
        url,
        masked=f"webhook+{_masked_webhook(parts)}",
        url=parts._replace(query=query, fragment="").geturl(),
        secret=secret,
    )


def _apprise(url: str, channel: str) -> Destination:
    theirs = url.removeprefix("apprise+")
    service = re.match(r"([A-Za-z][A-Za-z0-9]*)://.", theirs)
    if service is None or not theirs.isprintable():
        raise _refusal(channel, "is no URL of Apprise's: write apprise+SERVICE://… as its documentation says")
    return _known(Scheme.APPRISE, url, masked=f"apprise+{service[1]}://…", url=theirs)


def _host(parts: "SplitResult") -> str:
    return parts.netloc.rpartition("@")[2]
