"""What is known for a secret by its own form, whatever stands beside it: blocks, URLs, tokens, numbers, addresses."""

import re
from functools import cache

from bongsu.scrubbing.marks import EMAIL, MARK

Rule = tuple[str, re.Pattern[str], str]  # a text that every match contains, the pattern, its replacement


def without_whole_blocks(text: str) -> str:
    """Without what holds the signs of a pair itself or spans lines: control characters, PEM blocks, URLs' secrets."""
    return _applied(_blocks(), text)


def without_known_forms(text: str) -> str:
    """Without tokens, password hashes, card and resident numbers, e-mail addresses."""
    return _applied(_addresses(), _without_numbers(_applied(_tokens(), text)))


def without_anything_at(text: str) -> str:
    """Without whatever is written around an @."""
    return _applied(_around_at(), text)


def _applied(rules: tuple[Rule, ...], text: str) -> str:
    for needed, pattern, replacement in rules:
        if needed in text:
            text = pattern.sub(replacement, text)
    return text


@cache
def _blocks() -> tuple[Rule, ...]:
    ansi = r"\x1b(?:\[[0-?]*+[ -/]*+[@-~]|\][^\x07\x1b]*+(?:\x07|\x1b\\)|[@-Z\\^_])"
    pem = (
        r"-----BEGIN [A-Z0-9 ]{0,32}PRIVATE KEY[A-Z ]{0,16}-----"
        r"(?s:.*?)(?:-----END [A-Z0-9 ]{0,48}-----|\Z)"  # one that was cut off has no end
    )
    webhook = (
        r"(hooks\.slack(?:-gov)?\.com/(?:services|workflows|triggers)/"
        r"|discord(?:app)?\.com/api/(?:v\d{1,2}/)?webhooks/|webhook\.office\.com/webhookb2/"
        r"|/hooks/(?=[A-Za-z0-9]{20})|api\.telegram\.org/bot)"
        r"(?!\[scrubbed\])[^\s\"'<>()\[\]{}|,;\\]++"
    )
    # Up to the last @ of the word, because passwords hold @ and / unescaped; digits and a / are a port
    password = (
        r"(://[^\s/?#:@\"'<>\[]{0,256}:)(?!\d{1,5}(?:[/?#\s\"']|\Z))"
        r"(?:[^\s\"'<>?]{0,512}|[^\s\"'<>]{0,512})@"
    )
    # A key alone: a DSN, or git's https://TOKEN@host. With other schemes a user's name stands there
    key = r"(?i:(?<=http)|(?<=https))://[^\s/?#:@\"'<>]{1,512}@"
    return (
        ("\x1b", re.compile(ansi), ""),
        ("\r", re.compile(r"\r\n?"), "\n"),
        ("", re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]"), "\ufffd"),
        ("-----BEGIN", re.compile(pem), MARK),
        ("/", re.compile(webhook), rf"\1{MARK}"),
        ("://", re.compile(password), rf"\1{MARK}@"),
        ("://", re.compile(key), f"://{MARK}@"),
    )


_TOKENS = (
    r"xox[a-z][.-][\w.-]{8,}",  # Slack
    r"xapp-[\w-]{8,}",
    r"(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9])",  # AWS key ids
    r"gh[pousr]_\w{20,}",  # GitHub
    r"github_pat_\w{20,}",
    r"gl(?:pat|ptt|cbt|agent|dt|rt|soat|imt|ft)-[\w.-]{16,}",  # GitLab
    r"AIza[\w-]{30,}",  # Google
    r"ya29\.[\w.-]{20,}",
    r"[sr]k_(?:live|test)_\w{8,}",  # Stripe
    r"sk-(?=[\w-]{0,64}\d)[\w-]{20,}",  # OpenAI, Anthropic
    r"npm_[A-Za-z0-9]{36}",
    r"pypi-[\w-]{16,}",
    r"hf_[A-Za-z0-9]{30,}",  # Hugging Face
    r"SG\.[\w-]{16,}\.[\w-]{16,}",  # SendGrid
    r"shp(?:at|ss)_[0-9a-fA-F]{32}",  # Shopify
    r"do[opr]_v1_[0-9a-f]{64}",  # DigitalOcean
    r"(?:bot)?[0-9]{8,10}:AA[\w-]{33}",  # Telegram
    r"eyJ[\w-]{10,}(?:\.[\w-]*+){0,4}",  # JWT, JWE and signed cookies: base64 of '{"'
    r"\$2[abxy]?\$\d\d\$[./A-Za-z0-9]{53}",  # password hashes, as database errors quote them
    r"\$argon2\w{1,2}\$[\w$=,+/.-]{16,}",
    r"pbkdf2_\w{1,16}\$\d{1,9}\$[^\s'\",)]{16,}",
)


@cache
def _tokens() -> tuple[Rule, ...]:
    scheme = r"\b([Bb]earer|[Bb]asic) +(?=[\w+/.~=-]{0,512}[0-9=])[\w+/.~=-]{8,}"
    return (
        ("", re.compile(rf"(?:\b|(?=\$))(?:{'|'.join(_TOKENS)})", re.ASCII), MARK),
        (" ", re.compile(scheme, re.ASCII), rf"\1 {MARK}"),
    )


@cache
def _addresses() -> tuple[Rule, ...]:
    # Not git@host:path, not the user of ssh://user@host, not logo@2x.png
    address = (
        r"(?<![A-Za-z0-9._%+/-])(?!git@)[A-Za-z0-9._%+-]++"
        r"@(?!\dx\.)(?:[A-Za-z0-9-]++\.)+[A-Za-z]{2,24}(?![A-Za-z0-9])"
    )
    return (("@", re.compile(address), EMAIL),)


@cache
def _around_at() -> tuple[Rule, ...]:
    return (("@", re.compile(r"(?<![^\s<>\"'@])[^\s<>\"'@]++@[^\s<>\"']++"), EMAIL),)


@cache
def _digits() -> re.Pattern[str]:
    return re.compile(r"[0-9][0-9 -]{12}")  # four times as fast as the next one, and mostly the answer


@cache
def _number() -> re.Pattern[str]:
    card = r"\d{13,19}|\d{4}(?P<gap>[ -])(?:\d{4}(?P=gap)\d{4}(?P=gap)\d{4}(?:(?P=gap)\d{1,3})?|\d{6}(?P=gap)\d{4,5})"
    resident = r"\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])-[1-8]\d{6}"
    return re.compile(rf"(?<![0-9A-Za-z.])(?:(?P<resident>{resident})|{card})(?![0-9A-Za-z])", re.ASCII)


def _without_numbers(text: str) -> str:
    if not _digits().search(text):
        return text
    kept: list[str] = []
    done = at = 0
    while found := _number().search(text, at):
        if found["resident"] or _is_card(found[0]) or _is_resident(found[0]):
            kept += text[done : found.start()], MARK
            done = at = found.end()
        else:
            at = found.start() + 4  # a card may begin with the next group
    return "".join(kept) + text[done:] if kept else text


# Length and first digits by network (ISO/IEC 7812). Time stamps in ms, µs, ns start with 1 until 2033: left out
_CARD = r"4(?:\d{12}|\d{15}|\d{18})|(?:5[1-5]|2[2-7]|35|9[0-9])\d{14}|3[47]\d{13}|3[068]\d{12}|6\d{15,18}"
_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)


def _is_card(number: str) -> bool:
    digits = number.replace(" ", "").replace("-", "")
    if not re.fullmatch(_CARD, digits, re.ASCII):
        return False
    last_first = [int(digit) for digit in reversed(digits)]
    return (sum(last_first[::2]) + sum(_DOUBLED[digit] for digit in last_first[1::2])) % 10 == 0


def _is_resident(digits: str) -> bool:
    """A resident number without its dash: by date and check digit, and not a time stamp in ms (those start with 1)."""
    if not re.fullmatch(r"[02-9]\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])[1-8]\d{6}", digits, re.ASCII):
        return False
    weighed = sum(
        int(digit) * weight for digit, weight in zip(digits, (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5), strict=False)
    )
    return (11 - weighed % 11) % 10 == int(digits[12])
