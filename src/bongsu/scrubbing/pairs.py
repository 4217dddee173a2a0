"""Secrets known by the key beside them: `password=x`, `"token": "x"`, `--password x`, `Cookie: a=b; c=d`."""

import re

from bongsu.scrubbing.marks import MARK
from bongsu.scrubbing.names import is_telling, names_secret
from bongsu.scrubbing.patterns import pattern

_QUOTES = "\"'"
_TAIL = "\\)]}>,.:!?`"  # after a bare value: of the sentence or the call, not of the secret

_PAIR = r"""(?x)
    \b (?<!\w-) (?<!nexpected\ )                                # "Unexpected token: }" is a parser speaking
    (?P<key> \w++ (?: -\w++ )*+ (?: \ (?:[Kk]ey|KEY|[Ii][Dd]|번호) (?!\w) )? )
    (?: \\*["'] | %22 )? (?: \] | %5[Dd] | \)(?==\() )? [ \t]*+  # "password": headers["password"] = (password)=(
    (?: :\ ?(?:str|bytes|SecretStr)(?:\ \|\ None)?\ =           # password: str = "x"
    |   [:!]?={1,3}>? | :(?!:|//) | %3[DdAa] )
    [ \t]*+
"""
_ARGUMENT = r"--(?P<key>\w++(?:-\w++)*+)(?:\\*[\"'],?)?[ \t]++(?=[^\s-])"  # --password x; ['--password', 'x']
_TWOSOME = r"\(b?\\*[\"'](?P<key>[\w-]++)\\*[\"'], ?(?=b?\\*[\"'])"  # ('password', 'x')
_ELEMENT = r"<(?:\w++:)?(?P<key>[\w-]++)[^<>]{0,200}>(?=[^<\s])"  # <password>x</password>
_PYDANTIC = r"(?<!\w)(?P<key>\w++)(?:\n|\\++n) {2}[^\n]{0,400}?\binput_value="  # a field's line, then its problem
# What every text with such a pair contains, and the pair up to where its value starts. Linear: possessive or bounded
_NOTATIONS = (("", _PAIR), ("--", _ARGUMENT), ("(", _TWOSOME), ("</", _ELEMENT), ("input_value=", _PYDANTIC))

# What of a value is no secret: its quote (three; escaped in JSON in JSON) and its scheme
_OPENING = r"""(?x)
    (?: [bBrRfFuU]{0,2}
        (?P<quote> (?P<escape>\\*) (?P<sign>["']) (?: (?P=escape) (?P=sign) (?P=escape) (?P=sign) )? ) )?
    (?P<scheme> (?:Bearer|Basic|Token|ApiKey|Negotiate|bearer|basic|token) [ ]++ )?
"""
_BARE = r"(?:<[\w.]++ object at 0x\w++>|[^\s&;\"'(\[{]|[\"'](?=\w))++"
_BRACKET_OR_QUOTE = r"[()\[\]{}\"']"


def without_values(text: str) -> str:
    """Without the values of keys that name a secret, in any common notation."""
    for needed, notation in _NOTATIONS:
        if needed in text:
            text = _without(pattern(notation), text)
    return text


def _without(notation: re.Pattern[str], text: str) -> str:
    kept: list[str] = []
    done = at = 0
    while found := notation.search(text, at):
        at = found.end()
        if not names_secret(found["key"]):
            continue
        start, end = _span(text, found)
        if start < end and not is_telling(text[start:end]):
            kept += text[done:start], MARK
            done = at = end
    return "".join(kept) + text[done:] if kept else text


def _span(text: str, found: re.Match[str]) -> tuple[int, int]:
    """Where the secret itself stands: inside its quotes, after its scheme. Empty when nothing is to be masked."""
    start = found.end()
    if text[start - 1] == ">" and text[found.start()] == "<":
        end = text.find("<", start)
        return start, end if end >= 0 else len(text)
    opening = pattern(_OPENING).match(text, start)
    assert opening is not None  # everything in it is optional
    start = opening.end()
    if text.startswith(MARK, start):
        return start, start
    if opening["quote"]:
        return start, _closing(text, opening["quote"], start)
    if _runs_to_the_end_of_the_line(found, opening):
        return start, _end_of_header(text, found)
    if _secret_follows(text, start):
        return start, start
    return start, _end_of_bare(text, start)


def _runs_to_the_end_of_the_line(found: re.Match[str], opening: re.Match[str]) -> bool:
    key = found["key"].lower()
    return ":" in found[0] and (key.endswith("cookie") or (key.endswith("authorization") and not opening["scheme"]))


def _end_of_header(text: str, found: re.Match[str]) -> int:
    before = text[found.start() - 1 : found.start()]
    if before and before in _QUOTES:  # curl -H 'Cookie: a=b'
        return _closing(text, before, found.end())
    end = text.find("\n", found.end())
    return end if end >= 0 else len(text)


def _secret_follows(text: str, start: int) -> bool:
    """`Invalid token: token: x`: the value is the key of the next pair."""
    following = pattern(_PAIR).match(text, start)
    return following is not None and names_secret(following["key"])


def _end_of_bare(text: str, start: int) -> int:
    run = pattern(_BARE).match(text, start)
    end = run.end() if run else start
    if text[end : end + 1] in ("(", "[", "{"):
        return _end_of_bracket(text, end)
    return start + len(text[start:end].rstrip(_TAIL))


def _closing(text: str, quote: str, start: int) -> int:
    """The quote that ends what starts here, else the end of the line (three quotes: of the text)."""
    end = text.find(quote, start)
    while end > 0 and text[end - 1] == "\\":
        end = text.find(quote, end + 1)
    if end < 0:
        end = len(text)
    line_end = text.find("\n", start, end) if quote.count(quote[-1]) == 1 else -1
    return line_end if line_end >= 0 else end


def _end_of_bracket(text: str, at: int) -> int:
    """Behind the bracket that closes the one here; the end of the text if none does, as in a repr that was cut off."""
    depth = 0
    while sign := pattern(_BRACKET_OR_QUOTE).search(text, at):
        at = sign.end()
        if sign[0] in _QUOTES:
            at = _closing(text, sign[0], at) + 1
            continue
        depth += 1 if sign[0] in "([{" else -1
        if depth == 0:
            return at
    return len(text)
