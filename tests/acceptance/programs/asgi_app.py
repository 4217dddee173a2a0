"""An ASGI service that fails in every request."""

import os

import bongsu

bongsu.init()


async def application(scope, receive, send):
    if scope["type"] == "lifespan":
        await receive()
        print("serving", os.getpid(), flush=True)
        await send({"type": "lifespan.startup.complete"})
        await receive()
        return await send({"type": "lifespan.shutdown.complete"})
    with bongsu.context(request_id="request-7"):
        raise LookupError("no such user")
