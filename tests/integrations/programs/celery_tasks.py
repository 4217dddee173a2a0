"""Tasks that fail in every way, for a real worker."""

import ctypes
import logging
import os
import resource
import signal
import sys
import time
from pathlib import Path

from celery import Celery
from celery.utils.log import get_task_logger

import bongsu

bongsu.init()
app = Celery("celery_tasks", broker=os.environ["REDIS"], backend=os.environ["RESULTS"])
app.conf.broker_connection_retry_on_startup = True
log = get_task_logger(__name__)


@app.task(name="raises")
def raises():
    log.warning("on the way to raise")
    raise LookupError("raised in a child")


@app.task(name="says")
def says():
    logging.getLogger("shop").error("said in a child")
    return os.getpid()


@app.task(name="killed")
def killed():
    os.kill(os.getpid(), signal.SIGKILL)


@app.task(name="segfaults")
def segfaults():
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    ctypes.string_at(0)


@app.task(name="exits")
def exits():
    sys.exit(3)


@app.task(name="killed_once", acks_late=True, reject_on_worker_lost=True)
def killed_once(mark):
    if not Path(mark).exists():
        Path(mark).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return "done"


@app.task(name="takes_too_long", time_limit=1)
def takes_too_long():
    time.sleep(3_600)  # noqa: TID251  # a task that never ends by itself


@app.task(name="is_told_to_hurry", soft_time_limit=1)
def is_told_to_hurry():
    time.sleep(3_600)  # noqa: TID251  # until it is told to hurry


@app.task(name="endless")
def endless(mark):
    Path(mark).touch()
    time.sleep(3_600)  # noqa: TID251


@app.task(name="waits_for", bind=True, max_retries=None)
def waits_for(self, mark):
    if not Path(mark).exists():
        raise self.retry(countdown=0.1)
