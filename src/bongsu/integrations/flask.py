"""Flask: every application is watched from outside its own middleware; nothing is to be added.

An exception that a handler of the host's turned into a 5xx answer is told too.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import partial, wraps
from typing import Any

from flask.app import Flask
from flask.ctx import has_app_context
from flask.globals import g, request
from flask.signals import got_request_exception, request_started
from flask.wrappers import Request

from bongsu.client.guard import guarded
from bongsu.integrations.request_facts import user_id
from bongsu.integrations.wsgi import Environ, Known, StartResponse, WatchedRequest, request_of, serve

Undo = Callable[[], None]


def attach() -> Undo:
    """Watch all applications; the function that stops it."""
    undos = [_watch("__call__"), _watch("wsgi_app"), _watch_handlers()]  # some servers are given app.wsgi_app
    got_request_exception.connect(_unhandled)
    request_started.connect(_begun)

    def undo() -> None:
        request_started.disconnect(_begun)
        got_request_exception.disconnect(_unhandled)
        for each in undos:
            each()

    return undo


def _watch(method: str) -> Undo:
    hosts = getattr(Flask, method)

    @wraps(hosts)
    def call(self: Flask, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        return serve(partial(hosts, self), environ, start_response, _Known)

    return _replace(method, hosts, call)


def _watch_handlers() -> Undo:
    hosts = Flask.handle_user_exception

    @wraps(hosts)
    def handle_user_exception(self: Flask, e: Exception) -> Any:
        _handling(e)
        return hosts(self, e)

    return _replace("handle_user_exception", hosts, handle_user_exception)


def _replace(method: str, hosts: object, ours: object) -> Undo:
    def undo() -> None:
        if getattr(Flask, method) is ours:
            setattr(Flask, method, hosts)

    setattr(Flask, method, ours)
    return undo


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
