"""Korean particles by the final sound of the word before them: 결제가, 로그인이, API가, 3이, checkin이(가)."""

import re
import unicodedata
from enum import Enum


class _Final(Enum):
    """How a word ends when it is read aloud."""

    VOWEL = "vowel"
    RIEUL = "rieul"  # ㄹ, which takes 로 like a vowel
    CONSONANT = "consonant"
    UNKNOWN = "unknown"  # a foreign word: nobody can say from its spelling


# By the form that templates name: after a consonant, after a vowel, after a word of unknown reading.
_FORMS = {
    "이": ("이", "가", "이(가)"),
    "을": ("을", "를", "을(를)"),
    "은": ("은", "는", "은(는)"),
    "과": ("과", "와", "과(와)"),
    "으로": ("으로", "로", "(으)로"),
}
_TAIL = 60  # characters that are looked at: a number or a bracket longer than that is not read aloud

_BRACKET = re.compile(r"(?<=[^\W_])\s*\([^()]*\)[\W_]*\Z")  # the particle follows the word before it
_SIGNS = re.compile(r"[^\w%]+\Z|_+\Z")
_NUMBER = re.compile(r"(?:([0-9]+(?:,[0-9]{3})+|[0-9]+)|[0-9.]*\.([0-9]+))\Z")
_LETTERS = re.compile(r"[A-Za-z]+\Z")

_DIGITS = {**dict.fromkeys("0", _Final.CONSONANT), **dict.fromkeys("36", _Final.CONSONANT)}  # 영 삼 육
_DIGITS |= {**dict.fromkeys("178", _Final.RIEUL), **dict.fromkeys("2459", _Final.VOWEL)}  # 일 칠 팔, 이 사 오 구
_TRILLION, _QUADRILLION = 12, 16  # zeros: 조, the only unit without a final consonant, up to 경
_LETTER_FINALS = {**dict.fromkeys("LR", _Final.RIEUL), **dict.fromkeys("MN", _Final.CONSONANT)}  # 엘 알, 엠 엔
_SPELLED_MOST = 4  # capitals are read one by one: API, SQL, HTTP; ERROR is a word

_SYLLABLE_FIRST, _SYLLABLE_LAST, _FINALS, _RIEUL = 0xAC00, 0xD7A3, 28, 8


class Noun(str):
    """A text that takes a particle where a template asks for one: `{name:이}` becomes 결제가."""

    __slots__ = ()

    def __format__(self, spec: str) -> str:
        return f"{self!s}{particle(self, spec)}" if spec in _FORMS else str.__format__(self, spec)


def particle(word: str, kind: str) -> str:
    """What follows the word; `kind` is 이, 을, 은, 과 or 으로."""
    after_consonant, after_vowel, either = _FORMS[kind]
    match _final(word):
        case _Final.VOWEL:
            return after_vowel
        case _Final.RIEUL:
            return after_vowel if kind == "으로" else after_consonant
        case _Final.CONSONANT:
            return after_consonant
    return either


def _final(word: str) -> _Final:
    """By the last thing that is read aloud: brackets, quotes and points are not."""
    tail = unicodedata.normalize("NFKC", word[-_TAIL:])
    tail = _SIGNS.sub("", _BRACKET.sub("", tail)) or _SIGNS.sub("", tail)
    if not tail:
        return _Final.UNKNOWN
    code = ord(tail[-1])
    if _SYLLABLE_FIRST <= code <= _SYLLABLE_LAST:
        final = (code - _SYLLABLE_FIRST) % _FINALS
        return _Final.RIEUL if final == _RIEUL else _Final.CONSONANT if final else _Final.VOWEL
    if tail.endswith("%"):  # 퍼센트
        return _Final.VOWEL
    if number := _NUMBER.search(tail):
        return _of_number((number[1] or "").replace(",", ""), number[2] or "")
    letters = _LETTERS.search(tail)
    return _of_letters(letters[0]) if letters else _Final.UNKNOWN


def _of_number(whole: str, decimals: str) -> _Final:
    """Digits behind a point are read one by one; a round number ends with its unit: 십, 백, 천, 만, 억."""
    if decimals or not whole.endswith("0"):
        return _DIGITS[(decimals or whole)[-1]]
    zeros = len(whole) - len(whole.rstrip("0"))
    return _Final.VOWEL if _TRILLION <= zeros < _QUADRILLION and zeros < len(whole) else _Final.CONSONANT


def _of_letters(letters: str) -> _Final:
    if len(letters) > 1 and not (letters.isupper() and len(letters) <= _SPELLED_MOST):
        return _Final.UNKNOWN
    return _LETTER_FINALS.get(letters[-1].upper(), _Final.VOWEL)
