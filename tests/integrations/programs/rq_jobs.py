"""Jobs that fail in every way, for a real worker."""

import logging
import os
import signal

log = logging.getLogger("shop")


def raises(number: int) -> None:
    log.warning("job %d is on the way to raise", number)
    raise LookupError("raised in a work-horse")


def killed() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def exits() -> None:
    os._exit(7)


def says() -> str:
    log.error("said in a work-horse")
    return "done"


def bad_callback(*_: object) -> None:
    raise RuntimeError("the callback failed")
