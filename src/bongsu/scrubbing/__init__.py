"""Secrets and personal data out, sizes capped. Pure; every text passes here before it is stored or sent.

Most texts hold no secret, so one cheap search (`hints`) decides whether the rules are looked at at all. The rules
(`forms`, `pairs`) are repeated until they change nothing: scrubbing twice is scrubbing once.
"""

from collections.abc import Callable, Mapping

from bongsu.scrubbing.cutting import CUT_ROOM, cut_mark, earlier_cut, shortened
from bongsu.scrubbing.forms import without_anything_at, without_known_forms, without_whole_blocks
from bongsu.scrubbing.hints import suspicious
from bongsu.scrubbing.marks import EMAIL, MARK
from bongsu.scrubbing.names import is_telling, names_secret
from bongsu.scrubbing.pairs import without_values

__all__ = [
    "EMAIL",
    "ITEMS_LIMIT",
    "KEY_LIMIT",
    "MARK",
    "MESSAGE_LIMIT",
    "VALUE_LIMIT",
    "names_secret",
    "scrub",
    "scrub_mapping",
    "scrub_user",
    "scrub_value",
]

MESSAGE_LIMIT = 8_192  # characters: Sentry's limit for a message, and more than a card can show
VALUE_LIMIT = 1_024  # of a tag or a local: what Sentry's SDKs cut values to
KEY_LIMIT = 128  # of a tag's name
ITEMS_LIMIT = 64  # of a mapping; a card shows about ten

_READ_AHEAD = 4  # limits of text that are looked at, whatever its length: masks shorten, what follows may fill the gap
_STRADDLE = 512  # longer than a secret that is only known by its end (a URL's password, a card number)
_ROUNDS = 4  # two settle all but contrived texts


def scrub(text: str, *, limit: int = MESSAGE_LIMIT) -> str:
    """`text` without secrets, e-mail addresses and control characters, at most `limit` (≥ 32) characters long.

    Never raises; idempotent. A cut is told as `…[+1234]`: so many characters were left out.
    """
    if len(text) <= limit and not suspicious(text):
        return text
    return _settled(text, limit, _redacted)


def scrub_value(key: str, value: str, *, limit: int = VALUE_LIMIT) -> str:
    """As `scrub`; nothing at all of the value when its key names a secret (except None, True and the like)."""
    if names_secret(key) and not is_telling(value):
        return MARK
    return scrub(value, limit=limit)


def scrub_mapping(
    mapping: Mapping[str, object], *, limit: int = VALUE_LIMIT, items_limit: int = ITEMS_LIMIT
) -> dict[str, str]:
    """The first `items_limit` items as texts, through `scrub_value`; a value that cannot be printed tells its type."""
    scrubbed: dict[str, str] = {}
    for key, value in mapping.items():
        if len(scrubbed) >= items_limit:
            break
        name = _printed(key)
        scrubbed[scrub(name, limit=KEY_LIMIT)] = scrub_value(name, _printed(value), limit=limit)
    return scrubbed


def scrub_user(text: str, *, limit: int = VALUE_LIMIT) -> str:
    """As `scrub`, for a user's id: whatever is written around an @ is taken for an e-mail address."""
    return _settled(text, limit, _redacted_user) if "@" in text else scrub(text, limit=limit)


def _printed(value: object) -> str:
    if type(value) is str:
        return value
    try:
        return str(value)
    except Exception:  # noqa: BLE001 - the host's __str__ may raise anything, and the host must not notice
        return f"<unprintable {type(value).__name__}>"


def _redacted(text: str) -> str:
    return without_known_forms(without_values(without_whole_blocks(text)))


def _redacted_user(text: str) -> str:
    return without_anything_at(_redacted(text))


def _settled(text: str, limit: int, redacted: Callable[[str], str]) -> str:
    """What the rules leave alone and the limit holds; a text that does not settle is masked whole."""
    body, cut = _opened(text, limit, redacted)
    for _ in range(_ROUNDS):
        once = redacted(body)
        fits = not cut and len(once) <= limit
        kept = once if fits else shortened(once, limit - CUT_ROOM)
        cut += len(once) - len(kept)
        if kept == body:
            return body + cut_mark(cut)
        body = kept
    return MARK


def _opened(text: str, limit: int, redacted: Callable[[str], str]) -> tuple[str, int]:
    """The part of the text that is looked at, and how many characters are already left out behind it."""
    body, cut = earlier_cut(text)
    window = _READ_AHEAD * limit + _STRADDLE
    if len(body) <= window:
        return body, cut
    once = redacted(body[:window])
    kept = shortened(once, len(once) - _STRADDLE)  # a secret's first half may stand at the end, not recognisable
    return kept, cut + len(body) - window + len(once) - len(kept)
