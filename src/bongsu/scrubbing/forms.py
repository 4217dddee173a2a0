"""What is known for a secret by its own form, whatever stands beside it: blocks, URLs, tokens, numbers, addresses."""

from bongsu.scrubbing.marks import EMAIL, MARK
from bongsu.scrubbing.patterns import pattern

Rule = tuple[str, str, str]  # a text that every match contains, the pattern, its replacement


def without_whole_blocks(text: str) -> str:
    """Without what holds the signs of a pair itself or spans lines: control characters, PEM blocks, URLs' secrets."""
    return _applied(_BLOCKS, text)


def without_known_forms(text: str) -> str:
    """Without tokens, password hashes, card and resident numbers, e-mail addresses."""
    return _applied(_ADDRESSES, _without_numbers(_applied(_TOKENS, text)))


def without_anything_at(text: str) -> str:
    """Without whatever is written around an @."""
    return _applied(_AROUND_AT, text)


def _applied(rules: tuple[Rule, ...], text: str) -> str:
    for needed, form, replacement in rules:
        if needed in text:
            text = pattern(form).sub(replacement, text)
    return text


_WEBHOOK = (  # Slack, Discord, Teams, Mattermost and Rocket.Chat, Telegram
    r"(hooks\.slack(?:-gov)?\.com/(?:services|workflows|triggers)/"
    r"|discord(?:app)?\.com/api/(?:v\d{1,2}/)?webhooks/|webhook\.office\.com/webhookb2/"
    r"|/hooks/(?=[A-Za-z0-9]{20})|api\.telegram\.org/bot)"
    r"(?!\[scrubbed\])[^\s\"'<>()\[\]{}|,;\\]++"
)
_BLOCKS: tuple[Rule, ...] = (
    ("\x1b", r"\x1b(?:\[[0-?]*+[ -/]*+[@-~]|\][^\x07\x1b]*+(?:\x07|\x1b\\)|[@-Z\\^_])", ""),  # ANSI, ISO/IEC 6429
    ("\r", r"\r\n?", "\n"),
    ("", r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]", "\ufffd"),
    (  # one that was cut off has no end
        "-----BEGIN",
        r"-----BEGIN [A-Z0-9 ]{0,32}PRIVATE KEY[A-Z ]{0,16}-----(?s:.*?)(?:-----END [A-Z0-9 ]{0,48}-----|\Z)",
        MARK,
    ),
    ("/", _WEBHOOK, rf"\1{MARK}"),
    (  # up to the last @ of the word, because passwords hold @ and / unescaped; digits and a / are a port
        "://",
        r"(://[^\s/?#:@\"'<>\[]{0,256}:)(?!\d{1,5}(?:[/?#\s\"']|\Z))(?:[^\s\"'<>?]{0,512}|[^\s\"'<>]{0,512})@",
        rf"\1{MARK}@",
    ),
    # A key alone: a DSN, or git's https://TOKEN@host. With other schemes a user's name stands there
    ("://", r"(?i:(?<=http)|(?<=https))://[^\s/?#:@\"'<>]{1,512}@", f"://{MARK}@"),
)

_TOKENS: tuple[Rule, ...] = (
    *(
        (needed, r"(?a)(?<![A-Za-z0-9])" + form, MARK)
        for needed, form in (
            ("xox", r"xox[a-z][.-][\w.-]{8,}"),  # Slack
            ("xapp-", r"xapp-[\w-]{8,}"),
            ("IA", r"A[KS]IA[A-Z0-9]{16}(?![A-Za-z0-9])"),  # AWS key ids
            ("gh", r"gh[pousr]_\w{20,}"),  # GitHub
            ("github_pat_", r"github_pat_\w{20,}"),
            ("gl", r"gl(?:pat|ptt|cbt|agent|dt|rt|soat|imt|ft)-[\w.-]{16,}"),  # GitLab
            ("AIza", r"AIza[\w-]{30,}"),  # Google
            ("ya29.", r"ya29\.[\w.-]{20,}"),
            ("k_", r"[sr]k_(?:live|test)_\w{8,}"),  # Stripe
            ("sk-", r"sk-(?=[\w-]{0,64}\d)[\w-]{20,}"),  # OpenAI, Anthropic
            ("npm_", r"npm_[A-Za-z0-9]{36}"),
            ("pypi-", r"pypi-[\w-]{16,}"),
            ("hf_", r"hf_[A-Za-z0-9]{30,}"),  # Hugging Face
            ("SG.", r"SG\.[\w-]{16,}\.[\w-]{16,}"),  # SendGrid
            ("shp", r"shp(?:at|ss)_[0-9a-fA-F]{32}"),  # Shopify
            ("_v1_", r"do[opr]_v1_[0-9a-f]{64}"),  # DigitalOcean
            (":AA", r"(?:bot)?[0-9]{8,10}:AA[\w-]{33}"),  # Telegram
            ("eyJ", r"eyJ[\w-]{10,}(?:\.[\w-]*+){0,4}"),  # JWT, JWE and signed cookies: base64 of '{"'
            ("$2", r"\$2[abxy]?\$\d\d\$[./A-Za-z0-9]{53}"),  # password hashes, as database errors quote them
            ("$argon2", r"\$argon2\w{1,2}\$[\w$=,+/.-]{16,}"),
            ("pbkdf2_", r"pbkdf2_\w{1,16}\$\d{1,9}\$[^\s'\",)]{16,}"),
        )
    ),
    *(
        (scheme, rf"(?a)\b({scheme}) +(?=[\w+/.~=-]{{0,512}}[0-9=])[\w+/.~=-]{{8,}}", rf"\1 {MARK}")
        for scheme in ("Bearer", "bearer", "Basic", "basic")
    ),
)

_ADDRESSES: tuple[Rule, ...] = (
    (  # not git@host:path, not the user of ssh://user@host, not logo@2x.png
        "@",
        r"(?<![A-Za-z0-9._%+/-])(?!git@)[A-Za-z0-9._%+-]++@(?!\dx\.)(?:[A-Za-z0-9-]++\.)+[A-Za-z]{2,24}(?![A-Za-z0-9])",
        EMAIL,
    ),
)
_AROUND_AT: tuple[Rule, ...] = (("@", r"(?<![^\s<>\"'@])[^\s<>\"'@]++@[^\s<>\"']++", EMAIL),)


_LONG_NUMBER = r"[0-9][0-9 -]{12}"  # found four times as fast as the next one, and mostly not there
_CARD_OR_RESIDENT = (
    r"(?a)(?<![0-9A-Za-z.])(?:(?P<resident>\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]) ?- ?[1-8]\d{6})|\d{13,19}"
    r"|\d{4}(?P<gap>[ -])(?:\d{4}(?P=gap)\d{4}(?P=gap)\d{4}(?:(?P=gap)\d{1,3})?|\d{6}(?P=gap)\d{4,5}))(?![0-9A-Za-z])"
)


def _without_numbers(text: str) -> str:
    if not pattern(_LONG_NUMBER).search(text):
        return text
    kept: list[str] = []
    done = at = 0
    while found := pattern(_CARD_OR_RESIDENT).search(text, at):
        if found["resident"] or _is_card(found[0]) or _is_resident(found[0]):
            kept += text[done : found.start()], MARK
            done = at = found.end()
        else:
            at = found.start() + 4  # a card may begin with the next group
    return "".join(kept) + text[done:] if kept else text


# Length and first digits by network (ISO/IEC 7812). Time stamps in ms, µs, ns start with 1 until 2033: left out
_CARD = r"(?a)4(?:\d{12}|\d{15}|\d{18})|(?:5[1-5]|2[2-7]|35|9[0-9])\d{14}|3[47]\d{13}|3[068]\d{12}|6\d{15,18}"
_RESIDENT = r"(?a)[02-9]\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])[1-8]\d{6}"
_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)


def _is_card(number: str) -> bool:
    digits = number.replace(" ", "").replace("-", "")
    if not pattern(_CARD).fullmatch(digits):
        return False
    last_first = [int(digit) for digit in reversed(digits)]
    return (sum(last_first[::2]) + sum(_DOUBLED[digit] for digit in last_first[1::2])) % 10 == 0


def _is_resident(digits: str) -> bool:
    """A resident number without its dash: by date and check digit, and not a time stamp in ms (those start with 1)."""
    if not pattern(_RESIDENT).fullmatch(digits):
        return False
    weighed = sum(int(digit) * (2 + place % 8) for place, digit in enumerate(digits[:12]))
    return (11 - weighed % 11) % 10 == int(digits[12])
