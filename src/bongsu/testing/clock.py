"""A clock that stands still until a test moves it."""


class FakeClock:
    """Both clocks of `bongsu.clock.Clock`, held by hand."""

    def __init__(self, now: float = 1_700_000_000.0, monotonic: float = 1_000.0) -> None:
        self._now = now
        self._monotonic = monotonic

    def now(self) -> float:
        """Wall clock: seconds since the epoch."""
        return self._now

    def monotonic(self) -> float:
        """Seconds from an arbitrary start; never goes back."""
        return self._monotonic

    def advance(self, seconds: float) -> None:
        """Let time pass: both clocks move on."""
        if seconds < 0:
            raise ValueError("time does not pass backwards; jump() sets the wall clock back")
        self._now += seconds
        self._monotonic += seconds

    def jump(self, seconds: float) -> None:
        """Set the wall clock forward or back, as NTP or a person does; the monotonic clock does not notice."""
        self._now += seconds

    def __repr__(self) -> str:
        return f"FakeClock(now={self._now}, monotonic={self._monotonic})"
