"""What a command writes goes on to where it would have gone without us, at once and byte for byte; its end is kept."""

import errno
import os
import select
import threading
from collections.abc import Callable

from bongsu.clock import Clock
from bongsu.watchers import probe
from bongsu.watchers.output import Tail
from bongsu.watchers.run.launch import Wire

PIECE_BYTES = 1 << 18  # of a pipe that holds 1 MiB; larger ones are not faster, and stay in our memory
BURST_S = 1e-3  # pieces that come faster are a burst: in it we let the pipe fill a little, ...
PAUSE_S = 200e-6  # ... since to be woken for each 8 KiB costs more than half of the speed; nobody sees a delay so short
DRAIN_BYTES_MAX = 2 * probe.PIPE_BYTES  # of one `drain`: who is left behind may go on writing for ever

_NOBODY_READS = (errno.EPIPE, errno.EIO, errno.EBADF, errno.ENXIO)


class Last:
    """The end of what was written. Small pieces are looked at together, or rather: most of them never."""

    def __init__(self) -> None:
        self._tail = Tail()
        self._pieces: list[bytes] = []
        self._size = 0

    def add(self, piece: bytes) -> None:
        self._pieces.append(piece)
        self._size += len(piece)
        if self._size >= PIECE_BYTES:
            self._feed()

    def lines(self) -> tuple[str, ...]:
        self._feed()
        return self._tail.lines()

    def recent(self) -> tuple[str, ...]:
        """More lines: a stack may be longer than what is shown."""
        self._feed()
        return self._tail.recent()

    def _feed(self) -> None:
        pieces, self._pieces, self._size = self._pieces, [], 0
        self._tail.feed(b"".join(pieces))


class Copy:
    """A thread for one output. It waits where the command would have waited, so the loop never has to."""

    def __init__(self, wire: Wire, clock: Clock, wake: Callable[[], None]) -> None:
        """`wake` is called on our thread when a `drain` is done."""
        self.wire = wire
        self.written_at = clock.monotonic()  # when the command last wrote
        self.drains = 0  # how many are done
        self._clock = clock
        self._wake = wake
        self._last = Last()
        self._asked = 0
        self._stopping = self._is_burst = False
        self._ours: int | None = wire.ours
        self._bell_ours, self._bell = os.pipe()
        self._buffer = memoryview(bytearray(PIECE_BYTES))
        self._thread = threading.Thread(target=self._run, name="bongsu-copy", daemon=True)

    def start(self) -> None:
        if not self.wire.is_terminal:
            probe.widen(self.wire.ours)
            probe.widen(self.wire.to)  # else each piece would wait for its reader four times
        self._thread.start()

    def take_last(self) -> Last:
        """The end of what was written since this was called before."""
        last, self._last = self._last, Last()
        return last

    def drain(self) -> int:
        """Ask for all to be copied that was written so far; it is when `drains` has reached the answer."""
        self._asked += 1
        os.write(self._bell, b"!")
        return self._asked

    def end(self, timeout_s: float) -> None:
        """Copy what is there, and end."""
        self._stopping = True
        self.drain()
        self._thread.join(timeout_s)
        if not self._thread.is_alive():
            os.close(self.wire.theirs)
            os.close(self._bell)

    # -- on its own thread

    def _run(self) -> None:
        poll = select.poll()
        poll.register(self._bell_ours, select.POLLIN)
        poll.register(self.wire.ours, select.POLLIN)
        while True:
            ready = poll.poll()
            if len(ready) > 1 or ready[0][0] == self._bell_ours:
                asked = self._asked
                os.read(self._bell_ours, 4096)
                self._drain()
                self.drains = asked
                self._wake()
                if self._stopping:
                    break
            else:
                self._copy()
                if self._is_burst:
                    select.select([self._bell_ours], [], [], PAUSE_S)
            if self._ours is None:
                poll = select.poll()
                poll.register(self._bell_ours, select.POLLIN)
        self._let_go()
        os.close(self._bell_ours)

    def _drain(self) -> None:
        """All that was written so far, even if its writers go on."""
        copied = 0
        while copied < DRAIN_BYTES_MAX and self._ours is not None and _is_ready(self._ours, select.POLLIN, 0):
            count = self._copy()
            if count == 0:
                return
            copied += count

    def _copy(self) -> int:
        """Copy one piece; how many bytes it had."""
        assert self._ours is not None
        try:
            count = os.readv(self._ours, [self._buffer])
        except OSError:  # the terminal between is gone
            count = 0
        if count == 0:
            self._let_go()
            return 0
        now = self._clock.monotonic()
        self._is_burst = count < PIECE_BYTES and now - self.written_at < BURST_S
        self.written_at = now
        piece = self._buffer[:count]
        self._last.add(bytes(piece))
        if self.wire.is_terminal:
            self._keep_size()
        self._write(piece)
        return count

    def _write(self, piece: memoryview) -> None:
        while piece:
            try:
                piece = piece[os.write(self.wire.to, piece) :]
            except BlockingIOError:  # somebody who shares it with us does not want to wait; the command would have to
                _is_ready(self.wire.to, select.POLLOUT, None)
            except OSError as error:
                if error.errno in _NOBODY_READS:
                    self._let_go()
                return  # a full disk, for instance: the command has written, and that is all it wants

    def _let_go(self) -> None:
        """From now on the command hears that nobody reads, as it would have without us."""
        if self._ours is not None:
            os.close(self._ours)
            self._ours = None

    def _keep_size(self) -> None:
        """The command's own terminal is as large as ours. It may be in the foreground alone, so we get no SIGWINCH."""
        import termios

        try:
            size = termios.tcgetwinsize(self.wire.to)
            if termios.tcgetwinsize(self.wire.theirs) != size:
                termios.tcsetwinsize(self.wire.theirs, size)
        except termios.error:
            return


def _is_ready(number: int, event: int, timeout_ms: int | None) -> bool:
    poll = select.poll()
    poll.register(number, event)
    return bool(poll.poll(timeout_ms))
