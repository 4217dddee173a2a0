"""A WSGI service: each worker fails TIMES alike when it starts to serve, and /uncaught fails uncaught."""

import os

import bongsu

bongsu.init()


def check_in(login):
    raise LookupError(f"no such user {login}")


def storm(times):
    for number in range(times):
        try:
            check_in(number)
        except LookupError:
            bongsu.capture_exception()


def application(environ, start_response):
    if environ["PATH_INFO"] == "/uncaught":
        check_in("jiwoo")
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [str(os.getpid()).encode()]
