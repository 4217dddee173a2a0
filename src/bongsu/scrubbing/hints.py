"""The cheap search that spares most texts the rules."""

import re
from functools import cache


def suspicious(text: str) -> bool:
    """Whether a rule may have something to take out; False is certain."""
    return _odd().search(text) is not None or _hint().search(text.lower()) is not None


@cache
def _odd() -> re.Pattern[str]:
    """A control character or a lone surrogate; or thirteen digits, spaces and dashes."""
    return re.compile(r"[0-9\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff](?:(?<![0-9])|[0-9 -]{12})")


@cache
def _hint() -> re.Pattern[str]:
    """A part of each word or prefix that the rules look for, in lower case.

    Each alternative starts with a rare letter of its word ("token" at its k) and looks back from there, because the
    scan stops wherever one may start: 1.0 µs instead of 4.5 µs for 80 characters.
    """
    return re.compile(
        r"k(?:(?<=tok)en|(?<=cook)ie|(?<![lny] k)ey|(?<=ak)ia|(?<=hook)|[-_])"
        r"|w(?:(?<=passw)|(?<=pw)d?(?![a-z]))"
        r"|u(?:(?<=au)th|(?<=d[-_ ]nu)mber|(?<=dnu)mber)"
        r"|c(?:(?<=sec)ret|red|srf|v[cvn]|(?<=passc)ode)"
        r"|s(?:(?<=pass)(?![a-z])|(?<=s)sion|(?<=es)sid|n(?<=ssn)|i(?:d|g|gnature)(?![a-z])|(?<=as)ia)"
        r"|p(?:(?<=otp)|hrase|in(?![a-z])|bkdf2|ypi-|at_|ss_)"
        r"|g(?:h[pousr]_|ithub_p|l[a-z]{2,5}-|(?<=sg)\.)"
        r"|x(?:ox|app-|srf)|j(?:umin|wt|(?<=eyj))|z(?<=aiz)a|_(?:(?<=npm_)|(?<=hf_)|(?<=v1_))|9(?<=ya29)"
        r"|rrn|-----b|b(?:earer|asic) |\$2|\$argon|:aa|@"
        r"|비밀|비번|암호|패스워드|번호|토큰"
    )
