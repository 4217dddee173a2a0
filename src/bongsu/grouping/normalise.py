"""Varying parts out of texts and names. Part of grouping v1: a changed rule changes fingerprints."""

import re
from functools import cache

# Limits of v1's own choosing: what tells two messages apart stands at their beginning; what follows is data.
MAX_READ = 4_096  # characters looked at, which bounds the time
MAX_KEPT = 512  # characters of the result
_MAX_QUOTED = 256  # a longer quotation is taken for two stray quotation marks
_MAX_URL = 256

_WORD_STARTS = r"(?<![0-9A-Za-z⟩])"  # ASCII on purpose: a number inside a Korean word (제123호) is still a number
_WORD_ENDS = r"(?![0-9A-Za-z⟨])"
_UUID = r"[0-9a-fA-F]{8}[-_][0-9a-fA-F]{4}[-_][0-9a-fA-F]{4}[-_][0-9a-fA-F]{4}[-_][0-9a-fA-F]{12}"
_HAS_DIGIT_AND_LETTER = r"(?=[0-9]*[a-fA-F])(?=[a-fA-F]*[0-9])"
_CLOCK = r"[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]+)?)?(?: ?[AaPp][Mm]\b)?"
_ZONE = r"(?: ?(?:Z|UTC|GMT|[+-][0-9]{2}:?[0-9]{2})(?![0-9A-Za-z⟨]))?"
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_WEEKDAY = r"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? )?"
_NUMBER = r"[0-9]+(?:[.,_][0-9]+)*(?:[eE][+-]?[0-9]+)?"
_UNIT = r"(?:[nuµμm]?s|secs?|m|mins?|h|hrs?|d|[kKMGT]?i?[bB]|st|nd|rd|th)"


def _quoted(mark: str) -> str:
    """A quotation, Python's prefixes and escapes included; the apostrophe of "can't" neither opens nor closes one."""
    inside = rf"(?:[^{mark}\\]|\\.|{mark}(?=\w)){{0,{_MAX_QUOTED}}}+"
    return rf"(?<![\w⟩])[bBrRuU]?{mark}{inside}{mark}(?![\w⟨])"


# In this order: what may hold other rules' matches comes first. A placeholder is never matched again, which makes the
# whole idempotent. Numbers, hexadecimal numbers and UUIDs share one: a hexadecimal id may happen to have no letter.
_RULES = (
    (rf"[“«「『][^“«「『”»」』⟨]{{0,{_MAX_QUOTED}}}+[”»」』]", "⟨str⟩"),
    (_quoted("'"), "⟨str⟩"),
    (_quoted('"'), "⟨str⟩"),
    (_quoted("`"), "⟨str⟩"),
    (r"[\w+=-]{64,}+", "⟨data⟩"),  # base64, keys, digests: no word is that long
    (rf"(?<![\w+.⟩-])([A-Za-z][\w+.-]{{1,15}}+://[^\s?#<>()\"']{{0,{_MAX_URL}}}+)[?#][^\s<>()\"']*+", r"\1"),
    (r"(?<![\w.+⟩-])[\w.+-]++@[\w-]++(?:\.[\w-]++)++", "⟨email⟩"),
    (r"(?:/private)?/(?:tmp|var/tmp|dev/shm|var/folders)/[^\s:,;()<>⟨\"'\\]++", "⟨tmp⟩"),
    (rf"(?i:[a-z]:\\[^\s:,;()<>\"']{{0,{_MAX_URL}}}?\\temp(?:\\[^\s:,;()<>⟨\"'\\]++)++)", "⟨tmp⟩"),
    (rf"{_WORD_STARTS}tmp[a-z0-9_]{{8}}{_WORD_ENDS}", "⟨tmp⟩"),  # the names that tempfile makes
    (_WORD_STARTS + _UUID + _WORD_ENDS, "⟨n⟩"),
    (rf"{_WORD_STARTS}[0-9]{{4}}([-/.])[0-9]{{1,2}}\1[0-9]{{1,2}}(?:[T ]{_CLOCK}{_ZONE})?{_WORD_ENDS}", "⟨time⟩"),
    (rf"{_WORD_STARTS}[0-9]{{1,2}}/{_MONTH}/[0-9]{{4}}:{_CLOCK}{_ZONE}{_WORD_ENDS}", "⟨time⟩"),  # common log format
    (rf"\b{_WEEKDAY}[0-9]{{1,2}} {_MONTH} [0-9]{{4}} {_CLOCK}{_ZONE}{_WORD_ENDS}", "⟨time⟩"),  # e-mail and HTTP
    (rf"\b{_WEEKDAY}{_MONTH} [0-9]{{1,2}} {_CLOCK}(?: [0-9]{{4}})?{_WORD_ENDS}", "⟨time⟩"),  # ctime and syslog
    (rf"(?<![0-9A-Za-z:⟩]){_CLOCK}{_ZONE}(?![0-9A-Za-z:⟨])", "⟨time⟩"),
    (rf"{_WORD_STARTS}[0-9]{{1,3}}(?:\.[0-9]{{1,3}}){{3}}(?::[0-9]+)?{_WORD_ENDS}", "⟨ip⟩"),
    (r"(?<![\w:⟩])(?=[a-fA-F:]*[0-9])(?:[0-9a-fA-F]{0,4}:){2,7}[0-9a-fA-F]{0,4}(?![\w:⟨])", "⟨ip⟩"),
    (rf"{_WORD_STARTS}0[xX][0-9a-fA-F]++{_WORD_ENDS}", "⟨n⟩"),
    (rf"{_WORD_STARTS}{_HAS_DIGIT_AND_LETTER}[0-9a-fA-F]{{7,}}+{_WORD_ENDS}", "⟨n⟩"),  # 7: a git abbreviation
    (rf"{_WORD_STARTS}(?=(?:[A-Za-z]*[0-9]){{3}})[0-9A-Za-z]{{16,}}+{_WORD_ENDS}", "⟨n⟩"),  # ULIDs, provider ids
    (rf"(?:(?<![^\s=(\[,:])-)?{_WORD_STARTS}(?:{_NUMBER}{_UNIT})*{_NUMBER}{_UNIT}?{_WORD_ENDS}", "⟨n⟩"),  # 1h2m3s
    (r"[0-9]{3,}+", "⟨n⟩"),  # glued to letters: user1234; but not oauth2 or utf8
    (r"(⟨[a-z]+⟩)(?:, ?\1)++", r"\1"),  # a list of ids is one, whatever its length
)

# Parts of names that a program made up: addresses, UUIDs, digests, temporary names, long numbers. Six digits at least,
# since people do write step_2 and 0002_add_user.
_MADE_UP = "|".join(
    (
        rf"{_WORD_STARTS}0[xX][0-9a-fA-F]++",
        _WORD_STARTS + _UUID,
        rf"{_WORD_STARTS}tmp[a-z0-9_]{{8}}{_WORD_ENDS}",
        rf"{_WORD_STARTS}{_HAS_DIGIT_AND_LETTER}[0-9a-fA-F]{{8,}}+{_WORD_ENDS}",
        r"[0-9]{6,}+",
    )
)


def normalise(text: str) -> str:
    """The text with everything that varies between two occurrences of one problem replaced. Idempotent."""
    text = " ".join(text[:MAX_READ].split())
    for pattern, placeholder in _compiled_rules():
        text = pattern.sub(placeholder, text)
    return _head(text)


def normalise_name(name: str) -> str:
    """A module, function, type or path without the parts that a program made up."""
    made_up, digit = _compiled_names()
    if "tmp" not in name and not digit.search(name):  # nearly every name: 0.4 µs instead of 3
        return name
    return made_up.sub("⟨n⟩", name)


def _head(text: str) -> str:
    """At most `MAX_KEPT` characters, cut between words: half a word could match a rule that the whole did not."""
    if len(text) <= MAX_KEPT:
        return text
    return text[:MAX_KEPT].rpartition(" ")[0] or text[:MAX_KEPT]


# Compiled on first use: 24 patterns take 6 ms, and `import bongsu` has 25 in all.
@cache
def _compiled_rules() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(pattern), placeholder) for pattern, placeholder in _RULES)


@cache
def _compiled_names() -> tuple[re.Pattern[str], re.Pattern[str]]:
    return re.compile(_MADE_UP), re.compile("[0-9]")
