"""A Django project, and servers that call it as real ones do."""

import asyncio
import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import django
from django.conf import settings
from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.wsgi import WSGIHandler
from django.core.management import call_command

settings.configure(
    SECRET_KEY="of a test",
    DEBUG=False,
    ALLOWED_HOSTS=["testserver"],
    ROOT_URLCONF="django_views",
    MIDDLEWARE=[],
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "rest_framework"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    SESSION_ENGINE="django.contrib.sessions.backends.signed_cookies",
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates"}],
    REST_FRAMEWORK={"DEFAULT_AUTHENTICATION_CLASSES": [], "UNAUTHENTICATED_USER": None},
    USE_TZ=True,
    DATA_UPLOAD_MAX_MEMORY_SIZE=None,
)
django.setup()
call_command("migrate", verbosity=0)


@dataclass(frozen=True)
class Answer:
    """What a client receives."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    error: BaseException | None = None  # what the server was left with

    @property
    def request_id(self):
        return self.headers.get("X-Request-ID")


class Server:
    """A handler of the project, called as a server calls it."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._handler: Any = WSGIHandler() if kind == "wsgi" else ASGIHandler()

    def get(self, address: str, body: Any = b"", **headers: str) -> Answer:
        """Header names in the form of keywords: `x_request_id`."""
        path_, _, query = address.partition("?")
        headers = {"host": "testserver", **headers}
        if self.kind == "wsgi":
            return self._wsgi(path_, query, body, headers)
        return asyncio.run(self.asgi(path_, query, body, headers))

    def _wsgi(self, path_: str, query: str, body: Any, headers: Mapping[str, str]) -> Answer:
        seen: list[Any] = []
        parts: list[bytes] = []
        error = None
        try:
            response = self._handler(_environ(path_, query, body, headers), lambda *head: seen.extend(head))
            try:
                parts.extend(response)
            finally:
                response.close()
        except Exception as raised:
            error = raised
        status, pairs = seen or ("500 of the server", [])
        return Answer(int(status[:3]), dict(pairs), b"".join(parts), error)

    async def asgi(self, path_: str, query: str, body: bytes, headers: Mapping[str, str], leaves: Any = None) -> Answer:
        """`leaves` is awaited before the client goes away."""
        sent: list[Any] = []
        asked = iter([{"type": "http.request", "body": body}])

        async def receive() -> Any:
            for message in asked:
                return message
            await (asyncio.Event() if leaves is None else leaves).wait()
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            sent.append(message)

        error = None
        try:
            await self._handler(_scope(path_, query, headers), receive, send)
        except Exception as raised:
            error = raised
        head = sent[0] if sent else {"status": 500, "headers": []}
        pairs = {name.decode(): value.decode() for name, value in head["headers"]}
        return Answer(head["status"], pairs, b"".join(message.get("body", b"") for message in sent), error)


def _environ(path_: str, query: str, body: Any, headers: Mapping[str, str]) -> dict[str, Any]:
    stream_ = io.BytesIO(body) if isinstance(body, bytes) else body
    return {
        "REQUEST_METHOD": "POST" if body else "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": path_.encode("utf-8", "surrogateescape").decode("latin-1"),
        "QUERY_STRING": query,
        "SERVER_NAME": "testserver",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "CONTENT_LENGTH": str(len(body)) if isinstance(body, bytes) else "100",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": stream_,
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        **{f"HTTP_{name.upper()}": value for name, value in headers.items()},
    }


def _scope(path_: str, query: str, headers: Mapping[str, str]) -> dict[str, Any]:
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path_.encode("utf-8", "surrogateescape").decode("utf-8", "replace"),
        "root_path": "",
        "query_string": query.encode("latin-1"),
        "headers": [(name.replace("_", "-").encode(), value.encode("latin-1")) for name, value in headers.items()],
        "server": ("testserver", 80),
        "client": ("127.0.0.1", 40_000),
    }
