"""How a message is told: the reader's language and zone. Plain values, chosen in the configuration."""

from dataclasses import dataclass
from typing import Literal

Language = Literal["en", "ko"]
LANGUAGES: tuple[Language, ...] = ("en", "ko")


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """Language and zone of every text of one client."""

    language: Language = "en"
    utc_offset_s: int = 0  # seconds east of UTC, for absolute times
