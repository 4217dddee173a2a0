"""Workers that are given little time; the host's own hooks print."""

import os

import bongsu

bind = "127.0.0.1:0"
timeout = int(os.environ.get("TIMEOUT", "2"))
graceful_timeout = 1
workers = 2
preload_app = bool(os.environ.get("PRELOAD"))

if os.environ["INIT"] == "conf":
    bongsu.init()


def when_ready(server):
    print("port", server.LISTENERS[0].sock.getsockname()[1], flush=True)


def worker_abort(worker):
    print("aborted", worker.pid, flush=True)


def child_exit(server, worker):
    print("exited", worker.pid, flush=True)


if os.environ.get("EXPLICIT"):
    bongsu.init(integrations=False)
    from bongsu.integrations.gunicorn import attach

    attach()
