"""A service that hangs or dies on demand; `INIT` says who calls `bongsu.init`."""

import os
import signal
import threading

import bongsu

if os.environ["INIT"] == "app":
    bongsu.init()
if os.environ.get("BROKEN"):
    raise LookupError("no such shop")


def wait_for_tea():
    threading.Event().wait()


def wsgi(environ, start_response):
    match environ["PATH_INFO"]:
        case "/hang":
            wait_for_tea()
        case "/stuck":
            signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGABRT])
            wait_for_tea()
        case "/kill":
            os.kill(os.getpid(), signal.SIGKILL)
    start_response("200 OK", [("Content-Length", "0")])
    return []


async def asgi(scope, receive, send):
    if scope["type"] == "lifespan":
        return
    if scope["path"] == "/hang":
        wait_for_tea()
