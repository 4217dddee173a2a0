"""What varies between two occurrences is taken out of a text; what an author wrote stays."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bongsu.grouping.normalise import MAX_KEPT, MAX_READ, normalise, normalise_name

TEXTS = [
    ("order 17 not found", "order ⟨n⟩ not found"),
    ("balance -3.50 of 1,234,567.89", "balance ⟨n⟩ of ⟨n⟩"),
    ("rate 1.5e-07 at 95%", "rate ⟨n⟩ at ⟨n⟩%"),
    ("oauth2 over http2 in utf8 on step_a", "oauth2 over http2 in utf8 on step_a"),
    ("user1234 and order_17 and T-800", "user⟨n⟩ and order_⟨n⟩ and T-⟨n⟩"),
    ("주문 123번이 없습니다", "주문 ⟨n⟩번이 없습니다"),
    ("봉수대에 불이 올랐습니다", "봉수대에 불이 올랐습니다"),
    ("제3자 동의 없음", "제⟨n⟩자 동의 없음"),
    ("job 7f3a9c1d-1111-4222-8333-123456789abc failed", "job ⟨n⟩ failed"),
    ("commit 3f2a9c1 or 3f2a9c1d77e0b4a5c6d7e8f90123456789abcdef", "commit ⟨n⟩ or ⟨n⟩"),
    ("facade, deadbeef and decade", "facade, deadbeef and decade"),
    ("request 01ARZ3NDEKTSV4RRFFQ69G5FAV", "request ⟨n⟩"),
    ("<shop.Order object at 0x7f3a9c1d2e50>", "<shop.Order object at ⟨n⟩>"),
    ("value <5 or 3<10", "value <⟨n⟩ or ⟨n⟩<⟨n⟩"),
    ("KeyError: 'user-123'", "KeyError: ⟨str⟩"),
    ('no such table: "orders" (b\'\\xff\', "it\'s")', "no such table: ⟨str⟩ (⟨str⟩)"),
    (r"'it\'s' and 'don't'", "⟨str⟩ and ⟨str⟩"),
    ("can't open the users' file", "can't open the users' file"),
    ("`seat` and “자리” and 「좌석」", "⟨str⟩ and ⟨str⟩ and ⟨str⟩"),
    ("at 2024-09-03T10:11:12.345678+09:00", "at ⟨time⟩"),
    ("at 2024-09-03 10:11:12,345 UTC on 2024/09/03", "at ⟨time⟩ on ⟨time⟩"),
    ('[03/Sep/2024:10:11:12 +0900] "GET / HTTP/1.1"', "[⟨time⟩] ⟨str⟩"),
    ("Tue, 03 Sep 2024 10:11:12 GMT", "⟨time⟩"),
    ("Tue Sep  3 10:11:12 2024", "⟨time⟩"),
    ("at 14:26 or 2:26 PM or 1:02:03.5", "at ⟨time⟩ or ⟨time⟩ or ⟨time⟩"),
    ("2024년 9월 3일 14시 26분", "⟨n⟩년 ⟨n⟩월 ⟨n⟩일 ⟨n⟩시 ⟨n⟩분"),
    ("from 10.0.0.1:5432 and ::1 and fe80::1ff:fe23:4567:890a", "from ⟨ip⟩ and ⟨ip⟩ and ⟨ip⟩"),
    ("std::sort and a :: b", "std::sort and a :: b"),
    ("mail to kim.minji+test@example.co.kr.", "mail to ⟨email⟩."),
    ("GET https://api.example.com/users/17?token=abc&page=2 failed", "GET https://api.example.com/users/⟨n⟩ failed"),
    ("see http://localhost:8000/a#part-2", "see http://localhost:⟨n⟩/a"),
    ("open /tmp/tmpab12cd34/x.csv: gone", "open ⟨tmp⟩: gone"),
    ("open /var/folders/ab/c1/T/x.csv", "open ⟨tmp⟩"),
    (r"open C:\Users\kim\AppData\Local\Temp\x1.csv", "open ⟨tmp⟩"),
    ("open /srv/shop/orders/17/items.csv", "open /srv/shop/orders/⟨n⟩/items.csv"),
    ("tmpab12cd34.txt", "⟨tmp⟩.txt"),
    ("took 900ms, then 1.2s, then 1h2m3s", "took ⟨n⟩, then ⟨n⟩, then ⟨n⟩"),
    ("read 512kB of 3 GiB, the 3rd time", "read ⟨n⟩ of ⟨n⟩ GiB, the ⟨n⟩ time"),
    ("ids [1, 2, 3] of ('a', 'b')", "ids [⟨n⟩] of (⟨str⟩)"),
    ("2FA with 3DS failed", "2FA with 3DS failed"),
    ("token " + "Ab9-" * 30, "token ⟨data⟩"),
    ("  two\n\tlines  ", "two lines"),
    ("password=[scrubbed] of [email]", "password=[scrubbed] of [email]"),
    ("", ""),
]


@pytest.mark.parametrize(("text", "expected"), TEXTS, ids=[text[:40] for text, _ in TEXTS])
def test_text(text: str, expected: str) -> None:
    assert normalise(text) == expected


NAMES = [
    ("shop.views:checkin", "shop.views:checkin"),
    ("shop.migrations.0002_add_user:forwards", "shop.migrations.0002_add_user:forwards"),
    ("oauth2.views:step_2", "oauth2.views:step_2"),
    ("shop:handler_140234567890123", "shop:handler_⟨n⟩"),
    ("shop:handler_0x7f3a9c1d", "shop:handler_⟨n⟩"),
    ("versions.3f2a9c1d77e0_add_seat:upgrade", "versions.⟨n⟩_add_seat:upgrade"),
    ("/tmp/tmpab_cdefg/app.py:run", "/tmp/⟨n⟩/app.py:run"),
    ("/srv/releases/20240903101112/app.py:run", "/srv/releases/⟨n⟩/app.py:run"),
    ("job_7f3a9c1d_1111_4222_8333_123456789abc:run", "job_⟨n⟩:run"),
]


@pytest.mark.parametrize(("name", "expected"), NAMES)
def test_name(name: str, expected: str) -> None:
    assert normalise_name(name) == expected


# What the rules are made of, so that random texts meet them.
SIGNS = "'\"`\\<>⟨⟩_-+.,:/?#@%=() \n“”번é\ud800"
WORDS = "⟨n⟩ , 12 1234567 a z b ms 0xff deadbee1 2024-09-03 10:11:12 Sep Mon Z +09:00 :// ::1 10.0.0.1"
PATHS = "/tmp/ tmp C:\\ temp\\"
PARTS = st.sampled_from([*SIGNS, *WORDS.split(" "), *PATHS.split(" ")])
ANY = st.text(st.characters(exclude_categories=())) | st.lists(PARTS, max_size=20).map("".join)


@given(ANY)
def test_a_normalised_text_stays_as_it_is(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)


@given(st.lists(st.integers(min_value=0), min_size=1), st.lists(st.integers(min_value=0), min_size=1))
def test_numbers_never_matter(some: list[int], others: list[int]) -> None:
    assert normalise(f"ids {some} lost") == normalise(f"ids {others} lost")


def test_the_end_of_a_long_text_does_not_matter() -> None:
    words = " ".join(["word"] * MAX_READ)
    assert normalise(words) == normalise(words + " and more")
    assert MAX_KEPT - len("word ") < len(normalise(words)) <= MAX_KEPT


def test_the_length_of_a_number_does_not_move_the_end_of_a_long_text() -> None:
    tail = " word" * MAX_KEPT
    assert normalise("id 7" + tail) == normalise("id 123456" + tail)
