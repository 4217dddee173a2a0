"""What an event says of a request's address and user: readable, bounded, and without secrets."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest

from bongsu.integrations.work.request_facts import PATH_READ_MAX, QUERY_READ_MAX, address, user_id

ADDRESSES = (
    ("/orders/3", "", {}, "/orders/3"),
    ("/orders/3", "page=2&sort=", {}, "/orders/3?page=2&sort="),
    ("/a", "flag", {}, "/a?flag"),
    ("/a", "token=s3cret&x=1", {}, "/a?token=[scrubbed]&x=1"),
    ("/a", "x=1;password=hunter2", {}, "/a?x=1&password=[scrubbed]"),
    ("/a", "p%61ssword=a%26b", {}, "/a?password=[scrubbed]"),
    ("/back", "code=SplxlOBeZQQYbYS6WxSbIA&state=af0ifjsldkj", {}, "/back?code=[scrubbed]&state=[scrubbed]"),
    ("/a", "code=404&state=open", {}, "/a?code=404&state=open"),
    ("/a", "email=a%40b.org", {}, "/a?email=[email]"),
    ("/a", "q=%ff%fe", {}, "/a?q=��"),
    ("/reset/abc123/done", "", {"token": "abc123"}, "/reset/[scrubbed]/done"),
    ("/orders/3", "", {"order_id": 3}, "/orders/3"),
    ("", "", {}, ""),
)


@pytest.mark.parametrize(("path", "query", "matched", "shown"), ADDRESSES)
def test_an_address_is_shown_as_people_read_it(path: str, query: str, matched: dict[str, object], shown: str) -> None:
    assert address(path, query, matched) == shown


def test_an_address_is_bounded_and_half_a_pair_is_left_out() -> None:
    shown = address("/" + "x" * 10_000_000, "a=1&secret_free=" + "y" * 10_000_000)
    assert len(shown) < PATH_READ_MAX + QUERY_READ_MAX
    assert shown.endswith("?a=1&…")
    assert address("/", "&".join(["a=1"] * 1_000)).endswith("a=1&…")


@dataclass
class Row:
    id: Any


@dataclass(slots=True)
class Slotted:
    id: Any


class Queries:
    """A user whose attributes would go to the database."""

    @property
    def id(self) -> int:
        raise AssertionError("the host's code ran")

    @property
    def __class__(self) -> type:  # type: ignore[override]
        raise AssertionError("the host's code ran")

    def __getattr__(self, name: str) -> int:
        raise AssertionError("the host's code ran")


USERS = (
    (None, None),
    (7, "7"),
    ("jiwoo", "jiwoo"),
    (True, None),
    (Row(7), "7"),
    (Row(UUID(int=7)), "00000000-0000-0000-0000-000000000007"),
    (Row(None), None),
    (Slotted("u-7"), "u-7"),
    ({"id": 7, "email": "a@b.org"}, "7"),
    ({"sub": "auth0|7"}, "auth0|7"),
    ({"email": "a@b.org"}, None),
    (Queries(), None),
    (object(), None),
    (Slotted.__new__(Slotted), None),
)


@pytest.mark.parametrize(("user", "told"), USERS, ids=lambda value: type(value).__name__)
def test_a_user_is_told_by_an_id_that_lies_in_it(user: object, told: str | None) -> None:
    assert user_id(user) == told
