"""Serves two requests at once, each step of one after a step of the other; the second one fails. Logs to a file."""

import logging
import sys
import threading

import bongsu
import bongsu.logs

log = logging.getLogger("checkin.orders")
turn = threading.Barrier(2)


def stock(article):
    return {"apple": 3}[article]


def serve(request_id, article):
    with bongsu.context(request_id=request_id):
        for step in ("asked for", "looking for"):
            turn.wait()
            log.info("%s %s", step, article, extra={"article": article})
        try:
            log.info("there are %s", stock(article))
        except KeyError:
            log.exception("cannot answer")


with open(sys.argv[1], "a", encoding="utf-8") as file:
    bongsu.logs.setup(stream=file, level="INFO")
    bongsu.init()
    threads = [threading.Thread(target=serve, args=each) for each in zip(sys.argv[2:4], ("apple", "pear"), strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    log.info("done, password=hunter2-hunter2")
bongsu.flush()
