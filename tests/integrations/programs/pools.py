"""Asynchronous calls of a multiprocessing pool: `pools.py START-METHOD`; who asks for an error is not told of it."""

import multiprocessing
import sys

import bongsu

bongsu.init()


def fail(what):
    raise LookupError(f"unread: {what}")


def handled(what):
    raise LookupError(f"read: {what}")


if __name__ == "__main__":
    with multiprocessing.get_context(sys.argv[1]).Pool(1) as pool:
        pool.apply_async(fail, ("apply",)).wait()
        pool.map_async(fail, ["map"]).wait()
        pool.apply_async(handled, ("by callback",), error_callback=print).wait()
        try:
            pool.apply(handled, ("by the caller",))
        except LookupError as error:
            print(error)
