"""Searching the block finds what reading every line finds; files come out in order of time."""

import gzip
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bongsu.event import Level
from bongsu.logs import blocks, search
from bongsu.logs.blocks import LogFile, Report
from bongsu.logs.entry import LEVEL_WORDS, LEVELS, TEXT_LEVELS, Shape, begins, read
from bongsu.logs.search import Found, Sieve, Stream, Wanted, entries, in_order, requests_of

REQUESTS = ("r-1", "r-2", 'a"b', "봉수")
GROUPS = ("1:aaaaaaaaaaaaaaaa", "1:bbbbbbbbbbbbbbbb")


@st.composite
def _lines(draw: st.DrawFn) -> bytes:
    """One line of any kind."""
    level = draw(st.sampled_from([*LEVEL_WORDS, *map(str.upper, LEVEL_WORDS), *map(str.title, LEVEL_WORDS)]))
    words = st.sampled_from(["hello", "error", "ERROR", "[error]", "r-1", "r-10", "level", *REQUESTS, *GROUPS])
    message = " ".join(draw(st.lists(words, max_size=3)))
    second = f"2021-09-07T07:33:{draw(st.integers(28, 32)):02}"
    data = {
        "time": draw(st.sampled_from([f"{second}.000000Z", f"{second}+00:00", None])),
        draw(st.sampled_from(["level", "severity", "levelname", "log_level", "lvl"])): draw(
            st.sampled_from([level, 30, 40, 50, 60])
        ),
        "message": message,
        "request_id": draw(st.sampled_from([*REQUESTS, None])),
        "group": draw(st.sampled_from([*GROUPS, None])),
    }
    written = json.dumps(data, ensure_ascii=draw(st.booleans()), separators=draw(st.sampled_from([None, (",", ":")])))
    text = f"{second}Z {draw(st.sampled_from(TEXT_LEVELS))} shop: {message}"
    wrapped = json.dumps({"log": written + "\n", "stream": "stderr"})
    rest = st.sampled_from(["Traceback (most recent call last):", "  File x", "KeyError: 'r-1'", ""])
    return draw(st.one_of(st.sampled_from([written, text, wrapped, written[:-9]]), rest)).encode()


_files = st.lists(_lines(), max_size=12).map(lambda lines: b"".join(line + b"\n" for line in lines))
_wanted = st.builds(
    Wanted,
    request=st.none() | st.sampled_from(REQUESTS),
    group=st.none(),
    level=st.sampled_from([None, *Level]),
    since=st.sampled_from([None, read(b'{"time":"2021-09-07T07:33:30Z"}').at]),
)


def _pieces(content: bytes, size: int) -> Iterator[bytes]:
    """Whole lines in blocks, of reads of that size."""
    return blocks.whole_lines(iter([content[at : at + size] for at in range(0, len(content), size)]), Report())


def _one_by_one(content: bytes, sieve: Sieve) -> list[bytes]:
    """What is found by reading every line."""
    found: list[bytes] = []
    goes_on = False
    for line in content.splitlines(keepends=True):
        if goes_on and not begins(line):
            found[-1] += line
            continue
        entry = read(line)
        goes_on = sieve.takes(entry) and entry.shape is Shape.TEXT
        if sieve.takes(entry):
            found.append(line)
    return found


@given(content=_files, wanted=_wanted, size=st.sampled_from([1, 7, 100, 10_000]))
def test_searching_blocks_finds_what_reading_every_line_finds(content: bytes, wanted: Wanted, size: int) -> None:
    sieve = Sieve(wanted)
    assert [found.raw for found in entries(_pieces(content, size), sieve, Report())] == _one_by_one(content, sieve)


def test_a_traceback_in_plain_text_belongs_to_its_line_and_comes_once() -> None:
    failed = b"2021-09-07 07:33:20 ERROR r-1 failed\nTraceback (most recent call last):\n  File x\nKeyError: 'r-1'\n"
    other = b"2021-09-07 07:33:21 INFO r-2 done\n"
    for size in (1, 50, 1_000):
        found = list(entries(_pieces(failed + other, size), Sieve(Wanted(request="r-1")), Report()))
        assert [each.raw for each in found] == [failed]
        assert found[0].entry.text == failed.decode().rstrip()


@pytest.mark.parametrize("form", ['{"time":"2021-09-07T07:33:%sZ"}', '{"ts": "2021-09-07T07:33:%s+00:00"}'])
def test_since_takes_lines_from_that_very_moment_on(form: str) -> None:
    content = "".join(form % second + "\n" for second in ("29.999999", "30.000000", "30.000001")).encode()
    wanted = Wanted(since=read(b'{"time":"2021-09-07T07:33:30Z"}').at)
    assert b"".join(found.raw for found in entries([content], Sieve(wanted), Report())) == content[len(content) // 3 :]


def _of_every_level() -> Iterator[bytes]:
    """Every way to write a level that is understood."""
    values = [*LEVEL_WORDS, *map(str.upper, LEVEL_WORDS), *map(str.title, LEVEL_WORDS), 10, 20, 30, 40, 50, 60, 35]
    for value in values:
        for key in LEVELS:
            plain = json.dumps({key: value})
            yield from (form.encode() for form in (plain, plain.replace(" ", ""), plain.replace(" ", "  ")))
            yield json.dumps({"log": plain, "stream": "stdout"}).encode()
    yield from (f"2021-09-07T07:33:20Z {word} x".encode() for word in TEXT_LEVELS)


@pytest.mark.parametrize("level", Level)
def test_no_way_to_write_a_level_is_overlooked(level: Level) -> None:
    sieve = Sieve(Wanted(level=level))
    for line in _of_every_level():
        told = read(line).level
        assert told is not None
        found = list(entries([b"hello\n" + line + b"\nhello\n"], sieve, Report()))
        assert bool(found) is (told.rank >= level.rank), line


@given(content=_files, group=st.sampled_from(GROUPS))
def test_a_group_gives_its_lines_and_all_lines_of_its_requests(content: bytes, group: str) -> None:
    sieve = Sieve(Wanted(group=group))
    for entry in requests_of(group, [content]):
        sieve.learn(entry)
    all_of_them = [read(line) for line in content.splitlines()]
    requests = {request for entry in all_of_them if entry.group == group for request in entry.requests}
    assert sieve.requests.keys() == requests
    assert [found.raw for found in entries([content], sieve, Report())] == _one_by_one(content, sieve)


def test_a_line_of_a_group_is_one_that_names_its_request_in_whatever_form() -> None:
    failed = b'{"group":"1:a","request_id":"r-1"}\n'
    others = [
        b'{"reqId":"r-1"}\n',
        b"07:33 INFO got r-1\n",
        b'{"a":{"id":"r-1"}}\n',
        b"07:33 r-12\n",
        b'{"reqId":"2 r-1"}\n',
    ]
    sieve = Sieve(Wanted(group="1:a"))
    for entry in requests_of("1:a", [failed]):
        sieve.learn(entry)
    assert [found.raw for found in entries([failed, *others], sieve, Report())] == [failed, *others[:3]]


def test_a_group_of_more_requests_than_are_kept_keeps_the_newest() -> None:
    lines = [b'{"group":"1:a","request_id":"r-%d"}' % number for number in range(search.REQUESTS_MAX + 5)]
    sieve = Sieve(Wanted(group="1:a"))
    for entry in requests_of("1:a", [b"\n".join(lines)]):
        sieve.learn(entry)
    assert len(sieve.requests) == search.REQUESTS_MAX
    assert list(sieve.requests)[-1] == f"r-{search.REQUESTS_MAX + 4}"


# -- blocks


@given(content=st.binary(max_size=60).map(lambda each: each.replace(b"\x00", b"\n")), size=st.integers(1, 9))
def test_blocks_are_whole_lines_and_leave_nothing_out(content: bytes, size: int) -> None:
    pieces = list(_pieces(content, size))
    assert b"".join(pieces) == content
    assert all(piece.endswith(b"\n") for piece in pieces[:-1])


@pytest.mark.parametrize("place", ["first", "middle", "last"])
def test_a_line_that_is_too_long_is_left_out_counted_and_not_held(place: str) -> None:
    long = [b"x" * (1 << 20)] * 50
    parts = {"first": [*long, b"\nb\n"], "middle": [b"a\n", *long, b"\nb\n"], "last": [b"a\nb\n", *long]}[place]
    report = Report()
    kept = b"".join(blocks.whole_lines(iter(parts), report))
    assert kept == {"first": b"b\n", "middle": b"a\nb\n", "last": b"a\nb\n"}[place]
    assert report.long_lines == 1


LINES = b"".join(b'{"time":"2021-09-07T07:33:20Z","msg":"line %d"}\n' % number for number in range(20_000))


def _read(content: bytes) -> tuple[bytes, Report]:
    report = Report()
    return b"".join(LogFile(name="app.log", opened=io.BytesIO(content)).blocks(report)), report


@pytest.mark.parametrize(
    "content",
    [
        LINES,
        gzip.compress(LINES),
        gzip.compress(LINES[:500]) + gzip.compress(LINES[500:]),
        gzip.compress(LINES) + b"\0\0",
    ],
    ids=["plain", "gzip", "two in one", "padded"],
)
def test_a_file_is_read_whole_packed_or_not(content: bytes) -> None:
    kept, report = _read(content)
    assert kept == LINES
    assert report.troubles == []


def test_of_a_file_cut_off_what_is_there_is_read() -> None:
    packed = gzip.compress(LINES)
    kept, report = _read(packed[: len(packed) // 2])
    assert len(kept) > 100
    assert LINES.startswith(kept)
    assert report.troubles == ["app.log: is gzip cut off before its end, searched as far as it goes"]


def test_of_a_broken_file_what_stands_before_the_break_is_read() -> None:
    packed = bytearray(gzip.compress(LINES))
    packed[len(packed) // 2 : len(packed) // 2 + 64] = b"\xff" * 64
    kept, report = _read(bytes(packed))
    assert LINES.startswith(kept[:100])
    assert len(kept) > 100
    assert "app.log: is broken gzip" in report.troubles[0]


@pytest.mark.parametrize(
    ("magic", "name"),
    [
        (b"\x28\xb5\x2f\xfd", "packed with zstd"),
        (b"\xfd7zXZ\x00", "packed with xz"),
        (b"BZh91", "packed with bzip2"),
        ("\ufeff{".encode("utf-16-le"), "written in UTF-16"),
        ("\ufeff{".encode("utf-16-be"), "written in UTF-16"),
    ],
)
def test_a_file_that_is_to_be_turned_into_another_first_is_told(magic: bytes, name: str) -> None:
    kept, report = _read(magic + b"\x00" * 100)
    assert kept == b""
    assert f"app.log: is {name}" in report.troubles[0]


def test_many_troubles_are_counted() -> None:
    report = Report()
    for number in range(100):
        report.trouble(f"{number}")
    assert (len(report.troubles), report.troubles_left_out) == (blocks.TROUBLES_MAX, 100 - blocks.TROUBLES_MAX)


# -- order


def _stream(report: Report, *seconds: float) -> Stream:
    content = b"".join(b'{"ts":%d,"msg":"%d"}\n' % (1_631_000_000 + second, second) for second in seconds)
    return Stream(begins_at=search.begins_at(content), source=entries([content], Sieve(Wanted()), report))


def _order(*files: list[float]) -> list[int]:
    report = Report()
    return [int(found.entry.message) for found in in_order([_stream(report, *each) for each in files], report)]


@given(st.lists(st.lists(st.integers(0, 50), max_size=8), max_size=5))
def test_lines_of_all_files_come_in_order_of_time(files: list[list[float]]) -> None:
    assert _order(*files) == sorted(second for file in files for second in file)


def test_lines_of_one_moment_stay_as_the_files_were_given() -> None:
    report = Report()
    streams = [
        Stream(begins_at=0.0, source=entries([b'{"ts":1631000000,"msg":"%s"}\n' % name], Sieve(Wanted()), report))
        for name in (b"b", b"a", b"c")
    ]
    assert [found.entry.message for found in in_order(streams, report)] == ["b", "a", "c"]


def test_a_line_without_a_time_stays_behind_the_line_before_it() -> None:
    content = b'{"ts":1631000000,"msg":"1"}\n{"msg":"2"}\n{"ts":1631000005,"msg":"3"}\n'
    other = b'{"ts":1631000003,"msg":"between"}\n'
    report = Report()
    streams = [Stream(begins_at=0.0, source=entries([each], Sieve(Wanted()), report)) for each in (content, other)]
    assert [found.entry.message for found in in_order(streams, report)] == ["1", "2", "between", "3"]


def test_more_lines_than_are_sorted_at_once_are_all_there_and_what_is_late_is_counted() -> None:
    report, count = Report(), search.WINDOW_ENTRIES
    streams = [_stream(report, *range(1, count + 10), 0, count + 10)]
    told = [int(found.entry.message) for found in in_order(streams, report)]
    assert sorted(told) == list(range(count + 11))
    assert report.late_lines == 1


def test_a_file_is_opened_when_its_first_line_is_due(tmp_path: Path) -> None:
    opened: list[str] = []
    report = Report()

    def source(name: str, second: int) -> Iterator[Found]:
        opened.append(name)
        yield from entries([b'{"ts":%d}\n' % (1_631_000_000 + second)], Sieve(Wanted()), report)

    times = {"newest": 300, "oldest": 100, "older": 200}
    streams = [
        Stream(begins_at=1_631_000_000.0 + second, source=source(name, second)) for name, second in times.items()
    ]
    assert len(list(in_order(streams, report))) == 3
    assert opened == ["oldest", "older", "newest"]
