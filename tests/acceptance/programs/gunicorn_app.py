"""A WSGI service in which every log-in fails, and nobody catches it."""

import bongsu

bongsu.init()


def check_in(login):
    raise LookupError(f"no such user {login}")


def application(environ, start_response):
    check_in("jiwoo")
