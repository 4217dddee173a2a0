"""The in-process library: the functions a program calls, and the default client, the only global of Bongsu."""

import contextlib
import os
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from bongsu.client.guard import guarded

if TYPE_CHECKING:
    from bongsu.client.client import Client

_client: "Client | None" = None
_watches_forks = False


def init(
    to: str | Mapping[str, str] | None = None,
    *,
    app: str | None = None,
    environment: str | None = None,
    release: str | None = None,
    token: str | None = None,
    language: str | None = None,
    timezone: str | None = None,
    state_dir: str | os.PathLike[str] | None = None,
    level: str | None = None,
    locals: bool | None = None,  # noqa: A002  # the field's own word
    config: str | os.PathLike[str] | None = None,
    strict: bool | None = None,
    slack_api: str | None = None,
    integrations: bool | None = None,
    http_5xx: bool | None = None,
    http_burst_window: str | None = None,
    http_burst_min: int | None = None,
    http_burst_share: float | None = None,
    http_burst_share_4xx: float | None = None,
    repo_url: str | None = None,
) -> None:
    """Begin to watch this program: its uncaught exceptions, and its log records from `level` (error) on.

    `to` is one destination URL, or a mapping from channel (alarm, devops, dev-test) to URL. What is not given comes
    from `BONGSU_*`, then from bongsu.toml. A second call replaces the first. Raises ConfigError, listing every problem.
    """
    from bongsu import config as configuration
    from bongsu.client.client import Client
    from bongsu.errors import ConfigError

    arguments = {
        "to": to,
        "app": app,
        "environment": environment,
        "release": release,
        "token": token,
        "language": language,
        "timezone": timezone,
        "state_dir": state_dir,
        "level": level,
        "locals": locals,
        "config": config,
        "strict": strict,
        "slack_api": slack_api,
        "integrations": integrations,
        "http_5xx": http_5xx,
        "http_burst_window": http_burst_window,
        "http_burst_min": http_burst_min,
        "http_burst_share": http_burst_share,
        "http_burst_share_4xx": http_burst_share_4xx,
        "repo_url": repo_url,
    }
    try:
        settings = configuration.load(arguments, os.environ)
    except ConfigError as error:
        raise error.with_traceback(None) from None  # the caller's line is the one to look at
    if settings.is_default_destination:
        _warn("bongsu.init() was given no destination: alerts go to the console. Set to= or BONGSU_TO.")
    _replace(Client(settings))


@guarded(None)
def capture_exception(exc: BaseException | None = None, *, level: str | None = None, **tags: object) -> str | None:
    """Tell of an exception, by default the one being handled; the id of its event, None if there is none.

    The same exception object is one event, however often it is captured.
    """
    return _client.capture_exception(exc, level, tags) if _client else None


@guarded(None)
def capture_message(text: str, *, level: str = "warning", channel: str | None = None, **tags: object) -> str | None:
    """Tell of something that is no exception; the id of its event. Texts that differ in numbers are one problem."""
    return _client.capture_message(text, level, channel, tags) if _client else None


@guarded(None)
def notify(text_or_card: object, *, channel: str = "devops", level: str = "info") -> str | None:
    """Write an operational record (deploy finished, job done): each call is a message, none is grouped away.

    Takes a text, a `bongsu.slack.Card` or anything else with `to_payload()`, or a Slack payload: a dict, a list of
    blocks, or the Path of a JSON file. A wrong payload is sent as plain text; with `init(strict=True)` it raises
    PayloadError.
    """
    return _client.notify(text_or_card, channel, level) if _client else None


@guarded(None)
def count(name: str, times: int = 1) -> None:
    """Something went well: count it. `bongsu.expect` tells when there is too little of it. Costs a microsecond."""
    if _client is not None:
        _client.outcomes.count(name, times)


def expect(
    name: str, *, at_least: int = 1, per: str = "10m", between: str | None = None, days: str | None = None
) -> None:
    """Tell when `bongsu.count(name)` was called fewer than `at_least` times in a span of that length.

    `between` are hours in local time, such as `09:00-18:00`, and `days` such as `mon-fri`: what lies outside does not
    count. Raises ConfigError.
    """
    from bongsu.client.callers import callers_line
    from bongsu.client.outcomes.expecting import declare_expectation
    from bongsu.errors import ConfigError

    try:
        declare_expectation(name, at_least, per, between, days, callers_line())
    except ConfigError as error:
        raise error.with_traceback(None) from None  # the caller's line is the one to look at


@guarded(False)
def flush(timeout_s: float = 2.0) -> bool:
    """Wait until everything captured so far is delivered. False when the time is over first; the rest stays kept."""
    return _client.flush(timeout_s) if _client else True


@guarded(None)
def close() -> None:
    """Deliver for two seconds at most, then stop watching. What is left is sent at the next start."""
    _replace(None)


def active() -> "Client | None":
    """The client that integrations speak to; None: Bongsu is off, and they do nothing."""
    return _client


@guarded(None)
def report(error: BaseException, *, fatal: bool = False, tags: Mapping[str, object] | None = None) -> str | None:
    """Capture, for an integration, an exception that nobody in the host's code handled; the id of its event."""
    return _client.report(error, fatal, tags) if _client else None


def _replace(client: "Client | None") -> None:
    global _client
    old, _client = _client, client
    if old is not None:
        old.unhook()
    if client is not None:
        _watch_forks()
        client.start()
    if old is not None:
        old.close()  # after the new one has begun: nothing falls between the two


@contextlib.contextmanager
def using(client: "Client") -> Iterator[None]:
    """Inside the block the functions of this module speak to this client; it is started and closed. For tests."""
    global _client
    before, _client = _client, client
    _watch_forks()
    client.start()
    try:
        yield
    finally:
        client.close()
        _client = before


def _warn(text: str) -> None:
    import warnings

    warnings.warn(text, stacklevel=3)


def _watch_forks() -> None:
    global _watches_forks
    if _watches_forks or not hasattr(os, "register_at_fork"):
        return
    _watches_forks = True
    os.register_at_fork(before=_before_fork, after_in_parent=_after_in_parent, after_in_child=_after_in_child)


def _before_fork() -> None:
    if _client is not None:
        _client.before_fork()


def _after_in_parent() -> None:
    if _client is not None:
        _client.after_fork_in_parent()


def _after_in_child() -> None:
    if _client is not None:
        _client.after_fork_in_child()
