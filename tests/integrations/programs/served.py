"""A service and its server in one program; it dies on demand: `served.py uvicorn|granian-INTERFACE PORT`."""

import os
import signal
import sys
import threading

import bongsu

bongsu.init()


async def asgi(scope, receive, send):
    if scope["type"] == "lifespan":
        await receive()
        print("serving", os.getpid(), flush=True)
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})
        return
    match scope["path"]:
        case "/kill":
            os.kill(os.getpid(), signal.SIGKILL)
        case "/exit":
            os._exit(7)
        case "/stop":
            signal.raise_signal(signal.SIGSTOP)
        case "/hang":
            threading.Event().wait()
        case "/fail":
            raise LookupError("no such user jiwoo")
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body"})


async def rsgi(scope, protocol):
    raise LookupError("no such user jiwoo")


def wsgi(environ, start_response):
    raise LookupError("no such user jiwoo")


if __name__ == "__main__":
    port = int(sys.argv[2])
    if sys.argv[1] == "uvicorn":
        import uvicorn

        uvicorn.run("served:asgi", port=port, workers=2, access_log=False)
    else:
        from granian import Granian
        from granian.constants import Interfaces

        options = {"interface": Interfaces(sys.argv[1].removeprefix("granian-")), "respawn_failed_workers": True}
        Granian(f"served:{options['interface']}", port=port, **options).serve()
