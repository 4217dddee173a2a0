"""How a message is told: the reader's language and zone. Plain values, chosen in the configuration."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal


class Calling(StrEnum):
    """Whom a mention calls."""

    HERE = "here"  # everybody in the channel who is active
    CHANNEL = "channel"  # everybody in it
    USER = "user"
    GROUP = "group"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """Somebody who is called to a message."""

    calling: Calling
    id: str = ""  # USER, GROUP: Slack's


Language = Literal["en", "ko"]
LANGUAGES: tuple[Language, ...] = ("en", "ko")


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """Language and zone of every text of one client, and who is called in one channel."""

    language: Language = "en"
    utc_offset_s: int = 0  # seconds east of UTC, for absolute times
    mention: Mention | None = None  # called to a problem of level error or worse: see slack._CALLING
