"""A WSGI service for gunicorn, and its configuration: the master fails, if asked to, then every worker as it begins."""

import os

import bongsu

bind = "127.0.0.1:0"
accesslog = None
MASTER_FAILS = int(os.environ.get("MASTER_FAILS", "0"))


def check_in(login):
    raise LookupError(f"no such user {login}")


def storm(times):
    for number in range(times):
        try:
            check_in(number)
        except LookupError:
            bongsu.capture_exception()


def on_starting(server):
    if MASTER_FAILS:  # with --preload, say: Bongsu is begun before the workers are forked
        bongsu.init()
        storm(MASTER_FAILS)


def post_worker_init(worker):
    if not MASTER_FAILS:
        bongsu.init()
    storm(int(os.environ["TIMES"]))
    print("served", worker.pid, flush=True)


def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"here"]
