"""Korean particles follow what is heard, not what is written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bongsu.messages.locales.particles import Noun, particle

KINDS = ("이", "을", "은", "과", "으로")
READ = [
    ("결제", "가 를 는 와 로"),
    ("로그인", "이 을 은 과 으로"),
    ("메일", "이 을 은 과 로"),
    ("결제(payment)", "가 를 는 와 로"),
    ("‘로그인’.", "이 을 은 과 으로"),
    ("(로그인)", "이 을 은 과 으로"),
    ("종료 코드 1", "이 을 은 과 로"),
    ("종료 코드 1(코어 덤프)", "이 을 은 과 로"),
    ("2", "가 를 는 와 로"),
    ("3", "이 을 은 과 으로"),
    ("checkin@1.4.2", "가 를 는 와 로"),
    ("checkin@1.4.0", "이 을 은 과 으로"),
    ("0", "이 을 은 과 으로"),
    ("10", "이 을 은 과 으로"),
    ("1,240", "이 을 은 과 으로"),
    ("137", "이 을 은 과 로"),
    ("200,000,000", "이 을 은 과 으로"),
    ("3,000,000,000,000", "가 를 는 와 로"),
    ("0.5", "가 를 는 와 로"),
    ("95%", "가 를 는 와 로"),
    ("API", "가 를 는 와 로"),
    ("SQL", "이 을 은 과 로"),
    ("512 MB", "가 를 는 와 로"),
    ("web-1", "이 을 은 과 로"),
    ("IAM", "이 을 은 과 으로"),
    ("\u1100\u1167\u11af\u110c\u1166", "가 를 는 와 로"),  # 결제 as some file systems write it
]


@pytest.mark.parametrize(("word", "particles"), READ)
def test_the_particle_follows_the_last_sound(word: str, particles: str) -> None:
    assert " ".join(particle(word, kind) for kind in KINDS) == particles


UNREADABLE = ["checkin", "nightly-backup", "ERROR", "MiB", "", "()", "🔥", "目", "\ud800"]


@pytest.mark.parametrize("word", UNREADABLE)
def test_a_word_that_may_be_read_either_way_gets_both_forms(word: str) -> None:
    assert [particle(word, kind) for kind in KINDS] == ["이(가)", "을(를)", "은(는)", "과(와)", "(으)로"]


def test_a_template_names_the_particle() -> None:
    name, ending = Noun("결제"), Noun("종료 코드 1")
    assert f"{name:이} {ending:으로} 끝났습니다" == "결제가 종료 코드 1로 끝났습니다"
    assert f"{Noun('a'):>3}{Noun('b')}" == "  ab"


@given(st.text(st.characters(), max_size=200) | st.text("01239.,()% _A", max_size=200))
def test_every_text_gets_a_particle_after_it(word: str) -> None:
    assert f"{Noun(word):이}".removeprefix(word) in ("이", "가", "이(가)")
