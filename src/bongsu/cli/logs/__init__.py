"""`bongsu logs`: every line of one request, from all files, in order of time."""

import os
import sys
import threading
from argparse import Namespace
from collections.abc import Iterable, Iterator, Sequence

from bongsu.cli import WRONG_USE
from bongsu.cli.logs.drawing import drawn, stamp
from bongsu.cli.logs.opening import distinct, opened, size
from bongsu.cli.logs.progress import Progress
from bongsu.event import Level
from bongsu.logs.blocks import STDIN, LogFile, Report, is_packed, is_regular
from bongsu.logs.following import Tail
from bongsu.logs.search import Found, Sieve, Stream, Wanted, begins_at, entries, in_order, requests_of

POLL_S = 0.2  # between two looks at files that grow


def run(arguments: Namespace) -> int:
    """Search and print, and go on if asked to; the exit status."""
    names = distinct(arguments.files or [STDIN])
    if wrong := _wrong_use(arguments, names):
        print(f"bongsu logs: {wrong}", file=sys.stderr)
        return WRONG_USE
    report, wanted = Report(), _wanted(arguments)
    passes = 2 if wanted.group is not None else 1
    total = 0 if STDIN in names else passes * sum(map(size, names))
    progress = Progress(report, total, shows=not arguments.follow)
    printer = _Printer(report, progress, raw=arguments.json, full=arguments.full)
    search = _follow if arguments.follow else _search
    try:
        search(names, wanted, report, printer)
    except BrokenPipeError:
        raise
    except OSError as error:  # of the output: what cannot be read is told, and ends nothing
        return _given_up(error)
    finally:
        progress.erase()
    return _ended(wanted, report, printer)


def _given_up(error: OSError) -> int:
    print(f"bongsu logs: {error.strerror or error}", file=sys.stderr)
    if sys.stdout is not None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the flush at exit has somewhere to go
    return WRONG_USE


def _wrong_use(arguments: Namespace, names: Sequence[str]) -> str:
    if not arguments.files and sys.stdin is not None and sys.stdin.isatty():
        return "name the files to read, or pipe lines in"
    if arguments.follow and STDIN in names and (len(names) > 1 or arguments.group):
        return "--follow takes files, or standard input alone and without --group"
    if arguments.follow and (other := [name for name in names if os.path.exists(name) and not is_regular(name)]):
        return f"--follow takes files that grow, and {other[0]} is none"
    return ""


def _wanted(arguments: Namespace) -> Wanted:
    return Wanted(
        request=arguments.request,
        group=arguments.group,
        level=Level(arguments.level) if arguments.level else None,
        since=arguments.since,
    )


class _Printer:
    """Writes what is found, and on stderr what could not be read."""

    def __init__(self, report: Report, progress: Progress, *, raw: bool, full: bool) -> None:
        self._report, self._progress = report, progress
        self._raw, self._full = raw, full
        self._told = 0
        self.count = 0

    def print(self, found: Iterable[Found]) -> None:
        """All of them, and every new trouble."""
        for each in found:
            self._progress.erase()
            self.count += 1
            self._write(each)
        self._progress.erase()
        sys.stdout.flush()
        for trouble in self._report.troubles[self._told :]:
            self.tell(trouble)
        self._told = len(self._report.troubles)

    def tell(self, text: str) -> None:
        print(text, file=sys.stderr)

    def _write(self, found: Found) -> None:
        if self._raw:
            sys.stdout.buffer.write(found.raw if found.raw.endswith(b"\n") else found.raw + b"\n")
        else:
            sys.stdout.write("".join(f"{line}\n" for line in drawn(found.entry, full=self._full)))


def _search(names: Sequence[str], wanted: Wanted, report: Report, printer: _Printer) -> None:
    """What is there."""
    files = list(opened(names, wanted, report))
    sieve = _sieve(wanted, files, report)
    printer.print(in_order((_stream(file, file.blocks(report), sieve, report) for file in files), report))


def _follow(names: Sequence[str], wanted: Wanted, report: Report, printer: _Printer) -> None:
    """What is there and what comes, until Ctrl-C; standard input until its end."""
    files = [LogFile(name=name) for name in names if name != STDIN]
    sieve = _sieve(wanted, files, report)
    if not files:
        for block in next(opened(names, Wanted(), report)).blocks(report):
            printer.print(entries([block], sieve, report))
        return
    packed = [file for file in files if is_packed(file.name)]
    tails = {file.name: Tail(file.name, report) for file in files if file not in packed}
    streams = [_stream(file, file.blocks(report), sieve, report) for file in packed]
    streams += [_stream(LogFile(name=name), tail.blocks(), sieve, report) for name, tail in tails.items()]
    printer.print(in_order(streams, report))
    for name, tail in tails.items():
        if tail.is_missing:
            printer.tell(f"{name}: waits for it")
    pause = threading.Event()
    while tails and not pause.wait(POLL_S):
        news = (Stream(begins_at=0.0, source=entries(tail.blocks(), sieve, report)) for tail in tails.values())
        printer.print(in_order(news, report))


def _sieve(wanted: Wanted, files: Iterable[LogFile], report: Report) -> Sieve:
    """Of a group, the requests that had it are looked for first: their other lines may stand before."""
    sieve = Sieve(wanted)
    if wanted.group is not None:
        for file in files:
            for entry in requests_of(wanted.group, file.blocks(report)):
                sieve.learn(entry)
    return sieve


def _stream(file: LogFile, blocks: Iterator[bytes], sieve: Sieve, report: Report) -> Stream:
    return Stream(begins_at=begins_at(file.head()), source=entries(blocks, sieve, report))


def _ended(wanted: Wanted, report: Report, printer: _Printer) -> int:
    for remark in _remarks(report):
        printer.tell(remark)
    if printer.count:
        return 0
    printer.tell(f"Nothing found{_described(wanted)}, in {_searched(report)}.")
    return 1


def _remarks(report: Report) -> Iterator[str]:
    counts = {
        "more could not be read": (report.troubles_left_out, "file"),
        "of more than 8 MiB left out": (report.long_lines, "line"),
        "of broken JSON, shown as found": (report.broken_lines, "line"),
        "too far out of order to be sorted": (report.late_lines, "line"),
    }
    for words, (count, noun) in counts.items():
        if count:
            yield f"{_counted(count, noun)} {words}"


def _described(wanted: Wanted) -> str:
    parts = [
        f"of request {wanted.request}" if wanted.request else "",
        f"of group {wanted.group}" if wanted.group else "",
        f"of level {wanted.level.value} or worse" if wanted.level else "",
        f"since {stamp(wanted.since)}" if wanted.since is not None else "",
    ]
    return "".join(f", {part}" for part in parts if part)


def _searched(report: Report) -> str:
    old = f" ({report.old_files} more are older)" if report.old_files else ""
    return f"{_counted(len(report.files), 'file')} of {report.bytes_read / 1e6:.1f} MB{old}"


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
