"""A request's id: whose it is, and what is not taken over."""

import pytest

import bongsu
from bongsu.integrations.work.request_ids import HEADER, LENGTH_MAX, chosen, outgoing, sound

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
SPAN = "00f067aa0ba902b7"

TAKEN_OVER = (
    "a",
    "7",
    "0d3cb1e4f0f54c2b8f8b5fb1f9a2f0c1",
    "b6c5f5a9-f66c-4b6a-9967-3d5f6b7bdc66",
    "01ARZ3NDEKTSV4RRFFQ69G5FAV",
    "Root=1-67891233-abcdef012345678912345678",
    "8a1b2c3d4e5f-ICN",
    "gateway.7/orders:1",
    "x" * LENGTH_MAX,
)
REPLACED = (
    "",
    " ",
    "-starts-with-a-sign",
    "x" * (LENGTH_MAX + 1),
    "x" * 10_000_000,
    "two words",
    "line\nbreak",
    "a\r\nSet-Cookie: session=1",
    "ends\n",
    "nul\0",
    "<script>",
    "`rm`",
    "$(id)",
    "한국",
    "\udcff",
    "\x1b[31m",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abcdefghijklmnop",
    "xoxb-123456789012-123456789012-abcdefabcdefabcdefabcdef",
    "token=abcdefgh",
    "4111111111111111",
)
TRACES = (
    f"00-{TRACE}-{SPAN}-01",
    f"00-{TRACE}-{SPAN}-00",
    f"01-{TRACE}-{SPAN}-01",
    f"01-{TRACE}-{SPAN}-01-what-a-later-version-adds",
)
NO_TRACES = (
    "",
    TRACE,
    f"ff-{TRACE}-{SPAN}-01",
    f"00-{'0' * 32}-{SPAN}-01",
    f"00-{TRACE}-{'0' * 16}-01",
    f"00-{TRACE.upper()}-{SPAN}-01",
    f"00-{TRACE[1:]}-{SPAN}-01",
    f"00-{TRACE}-{SPAN}-01-more",
    f"00-{TRACE}-{SPAN}-01\n",
    f"00-{TRACE}-{SPAN}",
    f"0-{TRACE}-{SPAN}-01",
    "\udcff" * 55,
    "0" * 10_000_000,
)


@pytest.mark.parametrize("given", TAKEN_OVER)
def test_a_sound_id_is_taken_over_as_it_is(given: str) -> None:
    assert sound(given) == given
    assert chosen(given, None) == given


@pytest.mark.parametrize("given", REPLACED, ids=lambda given: ascii(given[:20]))
def test_what_cannot_stand_in_a_header_a_log_line_and_an_event_is_replaced(given: str) -> None:
    made = chosen(given, None)
    assert made != given
    assert sound(made) == made


@pytest.mark.parametrize("header", TRACES)
def test_without_an_id_the_trace_gives_it(header: str) -> None:
    assert chosen(None, header) == TRACE
    assert chosen("not sound", header) == TRACE


@pytest.mark.parametrize("header", NO_TRACES, ids=lambda header: ascii(header[:40]))
def test_what_is_no_traceparent_gives_no_id(header: str) -> None:
    assert chosen(None, header) not in (TRACE, header)


def test_the_callers_own_id_comes_before_its_trace() -> None:
    assert chosen("gateway-7", TRACES[0]) == "gateway-7"


def test_ids_that_are_made_differ_and_sort_by_time() -> None:
    made = [chosen(None, None) for _ in range(1_000)]
    assert len(set(made)) == 1_000
    assert [each[:12] for each in made] == sorted(each[:12] for each in made)


@pytest.mark.parametrize("value", [None, 7, b"bytes", object(), ["a"]])
def test_what_is_no_text_is_no_id(value: object) -> None:
    assert sound(value) is None


def test_the_id_in_force_is_handed_on_and_only_where_there_is_one() -> None:
    assert outgoing() == {}
    with bongsu.context(request_id="r-1"):
        assert outgoing() == {HEADER: "r-1"}
        with bongsu.context(request_id="inner"):
            assert outgoing() == {HEADER: "inner"}
    assert outgoing() == {}


@pytest.mark.parametrize("given", ["two words", "a\r\nHost: evil", "x" * 10_000])
def test_an_id_of_the_programs_own_that_no_header_can_hold_is_not_handed_on(given: str) -> None:
    with bongsu.context(request_id=given):
        assert outgoing() == {}
