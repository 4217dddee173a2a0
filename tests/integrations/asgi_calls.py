"""Calls an ASGI application as a server does, and keeps what came of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

Message = Mapping[str, Any]


@dataclass(slots=True, kw_only=True)
class Called:
    """What the application sent, and what left it."""

    messages: list[Message] = field(default_factory=list)
    raised: BaseException | None = None
    scope: dict[str, Any]

    @property
    def status(self) -> int | None:
        return next((message["status"] for message in self.messages if "status" in message), None)

    @property
    def ids(self) -> list[str]:
        """The values of X-Request-ID, in all that has headers."""
        heads = [message for message in self.messages if "headers" in message]
        return [value.decode() for head in heads for name, value in head["headers"] if name == b"x-request-id"]

    @property
    def body(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self.messages)


async def call(
    app: Any,
    path: str = "/",
    *,
    headers: Mapping[str, str | bytes] | Iterable[tuple[bytes, bytes]] = (),
    incoming: Iterable[Message] = (),
    send_raises: type[BaseException] | None = None,
    **scope: Any,
) -> Called:
    """One request, or one WebSocket with `type="websocket"`; more of the scope by name."""
    given = headers.items() if isinstance(headers, Mapping) else headers
    made = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode("utf-8", "surrogateescape"),
        "query_string": b"",
        "root_path": "",
        "headers": [(_wire(name).lower(), _wire(value)) for name, value in given],
        "client": ("127.0.0.1", 50_000),
        "server": ("127.0.0.1", 80),
        **scope,
    }
    if made["type"] == "websocket":
        del made["method"]
    called = Called(scope=made)
    waiting = list(incoming) or [{"type": "http.request", "body": b"", "more_body": False}]

    async def receive() -> Message:
        return waiting.pop(0) if waiting else {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        if send_raises is not None:
            raise send_raises
        called.messages.append(message)

    try:
        await app(made, receive, send)
    except BaseException as error:
        called.raised = error
    return called


def _wire(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode("latin-1")
