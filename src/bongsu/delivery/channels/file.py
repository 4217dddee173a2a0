"""A file of JSON lines, each the payload that Slack would get."""

import json
import os

from bongsu.delivery.answer import Answer, Delivered, RetryAfter
from bongsu.delivery.channels.one_way import OneWay, Receipt
from bongsu.delivery.destination import Destination
from bongsu.messages import slack
from bongsu.messages.message import Message
from bongsu.messages.style import Style
from bongsu.routing import Ability

# O_NONBLOCK: a named pipe without a reader answers at once instead of holding the sender.
_FLAGS = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NONBLOCK


class JsonLines(OneWay):
    """Appends one whole line per message, or nothing. The file is made for its owner alone; its folder must exist."""

    ability = Ability.POSTS

    def __init__(self, destination: Destination, style: Style) -> None:
        self._path = os.path.abspath(destination.target)  # now: the program may change its directory later
        self._style = style

    def _post(self, message: Message, receipt: Receipt, *, plain: bool) -> Answer:
        payload = slack.payload(message, self._style, plain=plain, brief=receipt is not None)
        try:
            _append(self._path, f"{json.dumps(payload)}\n".encode("ascii"))
        except OSError as trouble:
            return RetryAfter(_word(trouble))
        return Delivered()


def _append(path: str, line: bytes) -> None:
    """Write the line in one call; what a full disk took of it is taken back.

    The lock keeps another process from writing behind a torn line before it is cut off; whoever does not get it at once
    tries again later.
    """
    import errno
    import fcntl
    import stat

    descriptor = os.open(path, _FLAGS, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        before = os.fstat(descriptor)
        if os.write(descriptor, line) < len(line):
            if stat.S_ISREG(before.st_mode):
                os.ftruncate(descriptor, before.st_size)
            raise OSError(errno.ENOSPC, "the line was written in part only")
    finally:
        os.close(descriptor)


def _word(trouble: OSError) -> str:
    import errno

    if trouble.errno in (errno.ENOSPC, errno.EDQUOT):
        return "disk_full"
    return errno.errorcode.get(trouble.errno or 0, "not_written").lower()
