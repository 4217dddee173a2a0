"""An exception leaves the block that knows its request, and is seen by: `lost_request.py WHO`."""

import asyncio
import gc
import logging
import sys
import threading

import bongsu


def request():
    with bongsu.context(request_id="request-7", route="/login"):
        raise LookupError("no such user")


def in_a_thread():
    thread = threading.Thread(target=request)
    thread.start()
    thread.join()


async def in_a_task():
    async def task():
        request()

    started = asyncio.get_running_loop().create_task(task())
    await asyncio.wait([started])
    del started
    gc.collect()


def in_a_log_record():
    try:
        request()
    except LookupError:
        logging.exception("the request failed")


WAYS = {
    "main": request,
    "a thread": in_a_thread,
    "a task": lambda: asyncio.run(in_a_task()),
    "a log record": in_a_log_record,
}
bongsu.init()
WAYS[sys.argv[1]]()
