"""Which keys name a secret, and which values are none whatever their key."""

from functools import lru_cache

from bongsu.scrubbing.patterns import pattern


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_SECRET = _words("""
    auth authorization cookie cookies creds credential credentials csrf cvc cvn cvv jumin jwt otp pass passcode
    passphrase passwd password pin pw pwd rrn secret secrets session sid sig signature ssn token tokens totp xsrf
""")
_SECRET_ENDINGS = tuple(  # of words written together: dbpassword, csrfmiddlewaretoken, PHPSESSID
    _words("cookie credentials dbpass passphrase passwd password passwords pwd secret secrets sessid sessionid token")
)
# `token_type` and `cookie_banner_shown` are about a secret, `max_tokens` and `boarding_pass` are something else
_ABOUT_LAST = _words("""
    age algorithm at attempts backend banner class column count counts dir disabled domain enabled engine error
    exception expired expires expiry factory field fields file form group handler hint host len length lifetime
    limit maker method middleware model name path permission policy port provider required retries scheme
    serializer server service shown size state status timeout ttl type uri url usage user username valid
    validator version
""")
_ABOUT_FIRST = _words("boarding completion has input is max min num output prompt remaining requires total used")
_WORD = r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[^\W\da-zA-Z_]+"
_PHRASE = (  # of several words, written together; or Korean, which has no word ends to go by
    r"(?:api|private|access|secret|session|account|shared|signing|encryption|master)key|sessionid|cardnumber"
    r"|비밀번호|비번|암호(?!화)|패스워드|주민(?:등록)?번호|인증번호|카드번호|토큰"
)
_TELLING = (
    r"(?:None|null|nil|undefined|[Tt]rue|[Ff]alse|YES|NO|str|bytes|string|\(\)|\[\]|\{\}"
    r"|\?|%s|%\(\w{1,64}\)s|\$\d|\*{3,16}|\.\.\.|<[\w.]++ object at 0x\w++>?)?"
)
_KEY_LENGTH_MAX = 128  # its last words decide
_TELLING_LENGTH_MAX = 120  # "<package.module.Class object at 0x7f3c1c0d2e50>"


def names_secret(key: str) -> bool:
    """Whether a key's words say that its value is a secret: `user_password`, `X-Api-Key`, `sessionToken`."""
    return _names_secret(key[-_KEY_LENGTH_MAX:])


@lru_cache(maxsize=1024)  # programs use the same few keys: 0.1 instead of 1.5 µs
def _names_secret(key: str) -> bool:
    words = [word.lower() for word in pattern(_WORD).findall(key)]
    if not words or words[-1] in _ABOUT_LAST or words[0] in _ABOUT_FIRST:
        return False
    if any(word in _SECRET or word.endswith(_SECRET_ENDINGS) for word in words):
        return True
    return pattern(_PHRASE).search("".join(words)) is not None


def is_telling(value: str) -> bool:
    """Whether a value says more than it could give away: nothing, a truth value, a type, a place for a parameter.

    `password=None` is often the very defect.
    """
    return len(value) <= _TELLING_LENGTH_MAX and pattern(_TELLING).fullmatch(value) is not None
