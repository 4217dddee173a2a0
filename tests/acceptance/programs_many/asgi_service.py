"""An ASGI service for uvicorn: it fails TIMES alike when it starts, and again in every request, which uvicorn logs."""

import os

import bongsu

bongsu.init()


def check_in(login):
    raise LookupError(f"no such user {login}")


async def application(scope, receive, send):
    if scope["type"] == "lifespan":
        await receive()
        for number in range(int(os.environ["TIMES"])):
            try:
                check_in(number)
            except LookupError:
                bongsu.capture_exception()
        print("serving", os.getpid(), flush=True)
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})
        return
    check_in("jiwoo")
