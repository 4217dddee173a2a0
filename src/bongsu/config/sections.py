"""`[deliver]` of bongsu.toml."""

import re
from collections.abc import Mapping
from typing import Any

from bongsu.config import values
from bongsu.config.channels import Channels
from bongsu.config.words import nearest, short
from bongsu.delivery.deliver import Deliver

DAY_S = 86_400
DELIVER = ("fallback", "fallback_after", "heartbeat_url")
FALLBACK_AFTER_S = (10, DAY_S)
URL_LENGTH_MAX = 2_000
_URL = re.compile(r"https?://[!-~]+")


def deliver(given: Any, told: Channels, environ: Mapping[str, str], problems: list[str]) -> Deliver:
    """What to do when telling itself fails."""
    table = values.keys_of("deliver", given, DELIVER, problems)
    after_s = Deliver().fallback_after_s
    if "fallback_after" in table:
        after_s = values.duration_s("deliver.fallback_after", table["fallback_after"], *FALLBACK_AFTER_S, problems)
    return Deliver(
        fallback=_fallback(table.get("fallback"), told, problems),
        fallback_after_s=after_s,
        heartbeat_url=_url("deliver.heartbeat_url", table.get("heartbeat_url"), environ, problems),
    )


def _fallback(given: Any, told: Channels, problems: list[str]) -> str | None:
    """None too where a `to` of higher rank has left it without an address of its own: on a developer's machine."""
    known = told.names if told.is_overridden else told.destinations.keys()
    if given is None or any(each.startswith("channels.") for each in problems):  # what follows from those is no news
        return None
    if not isinstance(given, str) or given not in known:
        right = nearest(given, known) if isinstance(given, str) and known else ""
        problems.append(f"deliver.fallback: there is no channel {short(given)} with an address{right}")
        return None
    if given in told.destinations and len({each.hash for each in told.destinations.values()}) > 1:
        return given
    if not told.is_overridden:
        problems.append(f"deliver.fallback: all channels have the address of {given}; give it one of its own")
    return None


def _url(where: str, given: Any, environ: Mapping[str, str], problems: list[str]) -> str | None:
    """An address; such a one is a credential, and is not repeated."""
    if given is None:
        return None
    url = values.looked_up(where, given, environ, problems) if isinstance(given, str) else ""
    if url is None or (len(url) <= URL_LENGTH_MAX and _URL.fullmatch(url)):
        return url
    problems.append(f"{where}: must be an address that begins with https:// or http://, without spaces")
    return None
