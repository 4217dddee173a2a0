"""Flask: every application is watched from outside its own middleware; nothing is to be added.

An exception that a handler of the host's turned into a 5xx answer is told too.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from flask.app import Flask
from flask.ctx import has_app_context
from flask.globals import g, request
from flask.signals import got_request_exception, request_started
from flask.wrappers import Request

from bongsu.client.guard import guarded
from bongsu.integrations.attaching import Undo, all_of, watch
from bongsu.integrations.work.request_facts import user_id
from bongsu.integrations.wsgi import Environ, Known, StartResponse, WatchedRequest, request_of, serve


def attach() -> Undo:
    """Watch all applications; the function that stops it."""
    got_request_exception.connect(_unhandled)
    request_started.connect(_begun)
    return all_of(
        [
            partial(got_request_exception.disconnect, _unhandled),
            partial(request_started.disconnect, _begun),
            watch(Flask, "handle_user_exception", _handled),
            watch(Flask, "wsgi_app", _called),
            watch(Flask, "__call__", _called),  # outside the middleware that is put around wsgi_app
        ]
    )


def _called(
    hosts: Callable[..., Iterable[bytes]], app: Flask, environ: Environ, start_response: StartResponse
) -> Iterable[bytes]:
    return serve(partial(hosts, app), environ, start_response, _Known)


def _handled(hosts: Callable[..., Any], app: Flask, e: Exception) -> Any:
    _handling(e)
    return hosts(app, e)


@guarded(None)
def _begun(_app: Flask, **_: object) -> None:
    """Take the request while Flask has it: what ends it from outside, like a time-out, leaves nothing."""
    if (seen := _seen()) is not None:
        seen.known.route()


@guarded(None)
def _handling(error: Exception) -> None:
    """A handler of the host's may make an answer of it; whether it is to be told, that answer's status says."""
    if (seen := _seen()) is not None:
        seen.handled = error


@guarded(None)
def _unhandled(_app: Flask, exception: Exception, **_: object) -> None:
    """No handler took it; Flask is going to log it and to answer 500, or to pass it on."""
    if (seen := _seen()) is not None:
        seen.handled = None
        seen.fail(exception)


def _seen() -> WatchedRequest | None:
    return request_of(request.environ) if request else None


class _Known(Known):
    """What Flask knows."""

    __slots__ = ("_request",)

    def __init__(self, environ: Environ) -> None:
        super().__init__(environ)
        self._request: Request | None = None

    def _flasks(self) -> Request | None:
        """Kept, since Flask takes it out of the environ before the body is made."""
        self._request = self._request or self.environ.get("werkzeug.request")
        return self._request

    def route(self) -> str | None:
        seen = self._flasks()
        return None if seen is None or seen.url_rule is None else seen.url_rule.rule

    def matched(self) -> Mapping[str, object] | None:
        seen = self._flasks()
        return None if seen is None else seen.view_args

    def facts(self) -> Mapping[str, object]:
        seen = self._flasks()
        return {"handler": seen and seen.endpoint, "user": _user()}


def _user() -> str | None:
    """Flask-Login's user, else `g.user`; only if the host has loaded it, for loading may take a query."""
    return user_id(g.get("_login_user")) or user_id(g.get("user")) if has_app_context() else None
