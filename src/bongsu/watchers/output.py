"""The last lines of what a process writes, however much it writes and wherever it is cut."""

from collections import deque

from bongsu.messages.characters import clean

LINES_MAX = 50  # more than fits into a message; the rest is in the process's own log
LINE_LENGTH_MAX = 2_000  # characters; beyond that it is data
_LINE_BYTES_MAX = 4 * LINE_LENGTH_MAX  # UTF-8 needs at most four for a character
_RECENT_BYTES_MAX = 256 << 10  # a traceback of 1,000 calls, which is as many as the interpreter prints
_RECENT_PIECE_MIN = 4 << 10  # smaller pieces are joined, so that their number has a limit


class Tail:
    """Keeps the last LINES_MAX lines of a byte stream; its memory has a limit whatever comes.

    Of a large piece only the end is looked at, so feeding runs at the speed of a search for a newline. Nothing is
    decoded before `lines` is called, so a piece may end inside a character.
    """

    def __init__(self) -> None:
        self._lines: deque[bytes] = deque(maxlen=LINES_MAX)
        self._open = b""  # the line that has not ended, without states that a carriage return has overwritten
        self._returned = False  # a carriage return is the last that came
        self._recent: deque[bytes] = deque()
        self._recent_size = 0
        self._is_cut = False  # the first line in `_recent` has lost its beginning

    def feed(self, piece: bytes) -> None:
        """The next bytes of the stream."""
        if piece:
            self._keep(piece)
        start = _start_of_last_lines(piece)
        if start:
            self._open, self._returned = b"", False
        while (end := piece.find(b"\n", start)) >= 0:
            self._extend(piece, start, end)
            self._lines.append(self._open)
            self._open, self._returned = b"", False
            start = end + 1
        self._extend(piece, start, len(piece))

    def lines(self) -> tuple[str, ...]:
        """The last lines, an unfinished one included: without ANSI sequences, broken bytes replaced."""
        lines = (*self._lines, self._open)[-LINES_MAX:] if self._open else self._lines
        return tuple(shown(line.decode("utf-8", "replace")) for line in lines)

    def recent(self) -> tuple[str, ...]:
        """More than `lines`: all that is still there, for a stack may be longer than what is shown."""
        lines = b"".join(self._recent).removesuffix(b"\n").split(b"\n")[self._is_cut :]
        return tuple(shown(line.decode("utf-8", "replace")) for line in lines) if self._recent else ()

    def _keep(self, piece: bytes) -> None:
        recent = self._recent
        if len(piece) >= _RECENT_BYTES_MAX:
            recent.clear()
            self._is_cut, self._recent_size = True, 0
            piece = piece[-_RECENT_BYTES_MAX:]
        if recent and len(recent[-1]) < _RECENT_PIECE_MIN:
            recent[-1] += piece
        else:
            recent.append(piece)
        self._recent_size += len(piece)
        while self._recent_size - len(recent[0]) >= _RECENT_BYTES_MAX:
            self._recent_size -= len(recent.popleft())
            self._is_cut = True

    def _extend(self, piece: bytes, start: int, end: int) -> None:
        """Continue the open line with `piece[start:end]`, in which there is no newline."""
        if start == end:
            return
        last = start + len(piece[start:end].rstrip(b"\r")) if piece.endswith(b"\r", start, end) else end
        overwritten = piece.rfind(b"\r", start, last)
        if overwritten >= 0 or (self._returned and last > start):
            self._open = b""
        begin = max(start, overwritten + 1)
        room = _LINE_BYTES_MAX - len(self._open)
        self._open += piece[begin : min(last, begin + room)]
        self._returned = last < end or (self._returned and last == start)


def shown(line: str) -> str:
    """A line as a terminal shows it in the end: the last state of a progress bar, no colours, not too long."""
    return clean(line.rstrip("\r").rpartition("\r")[2])[:LINE_LENGTH_MAX]


def _start_of_last_lines(piece: bytes) -> int:
    """Where the last LINES_MAX lines of a piece begin; 0 where it has no more than that."""
    end = len(piece)
    for _ in range(LINES_MAX + 1):
        end = piece.rfind(b"\n", 0, end)
        if end < 0:
            return 0
    return end + 1
