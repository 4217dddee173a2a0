"""Starlette and FastAPI: every application is watched from outside all its middleware; nothing is to be added.

`Starlette.__call__` is what a server calls, and FastAPI's ends there. Ours is `async def` too: uvicorn looks at that.
"""

from collections.abc import Callable
from functools import partial, wraps

from starlette.applications import Starlette

from bongsu.integrations.asgi import Receive, Scope, Send, serve


def attach() -> Callable[[], None]:
    """Watch all applications; the function that stops it."""
    hosts = Starlette.__call__

    @wraps(hosts)
    async def call(self: Starlette, scope: Scope, receive: Receive, send: Send) -> None:
        await serve(partial(hosts, self), scope, receive, send)

    def undo() -> None:
        if Starlette.__call__ is call:
            Starlette.__call__ = hosts  # type: ignore[method-assign]

    Starlette.__call__ = call  # type: ignore[method-assign]
    return undo
