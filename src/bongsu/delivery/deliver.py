"""What to do when telling itself fails: another channel, and a sign of life for somebody else's watch."""

from dataclasses import dataclass

DEFAULT_FALLBACK_AFTER_S = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Deliver:
    """The `[deliver]` table of `bongsu.toml`."""

    fallback: str | None = None
    """The channel that is told when the right one cannot be reached; None: nothing stands in."""

    fallback_after_s: float = DEFAULT_FALLBACK_AFTER_S
    """How long a message may wait for its own channel before the fallback is told."""

    heartbeat_url: str | None = None
    """Called at intervals while messages can be delivered; whoever watches it misses the calls."""
