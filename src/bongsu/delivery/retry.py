"""When to try again. Pure: the time and the dice are arguments."""

from typing import NamedTuple

RETRY_AFTER_MAX_S = 3600.0  # a longer wish is looked at again after an hour
BACKOFF_MAX_S = 60.0
PACE_INTERVAL_S = 1.0  # Slack: one message a second per channel
PACE_BURST = 3  # Slack lets short bursts pass
DOWN_AFTER_S = 300.0  # failing this long, a destination is down and that is told elsewhere


class Pace(NamedTuple):
    """Whether a message may go now, else when; `tat` is to be kept for the next question."""

    go: bool
    wait_s: float
    tat: float


def retry_after(header: str | None, body: str, now: float) -> float | None:
    """How many seconds the answer asks to wait, in 0 … RETRY_AFTER_MAX_S; None if it does not say.

    The header (seconds, whole or not, or a date) wins over `retry_after` in a JSON body; Slack's webhooks were seen
    with both. A negative number or a date in the past says nothing.
    """
    for wish in (_seconds(header), _until(header, now), _of_json(body)):
        if wish is not None and wish >= 0:  # false for NaN too
            return min(wish, RETRY_AFTER_MAX_S)
    return None


def backoff_s(failures: int, dice: float) -> float:
    """The wait after the n-th failure in a row: 1, 2, 4 … BACKOFF_MAX_S, less up to half by `dice` in [0, 1)."""
    doublings = min(max(failures, 1) - 1, 16)  # 2 ** 16 is far over the bound, and no float overflows
    return float(min(2**doublings, BACKOFF_MAX_S)) * (1 - dice / 2)


def pace(tat: float, now: float) -> Pace:
    """One message per PACE_INTERVAL_S, PACE_BURST of them at once after a rest.

    `tat` is the theoretical arrival time of the generic cell rate algorithm: when a sender that never hurries would be
    done. It is never further ahead than the burst, so a clock that was set back costs one interval, not an hour.
    """
    tat = min(max(tat, now), now + PACE_BURST * PACE_INTERVAL_S)
    wait_s = tat - now - (PACE_BURST - 1) * PACE_INTERVAL_S
    if wait_s > 0:
        return Pace(go=False, wait_s=wait_s, tat=tat)
    return Pace(go=True, wait_s=0.0, tat=tat + PACE_INTERVAL_S)


def _seconds(header: str | None) -> float | None:
    try:
        return float(header) if header is not None else None
    except ValueError:
        return None


def _until(header: str | None, now: float) -> float | None:
    from datetime import UTC
    from email.utils import parsedate_to_datetime

    try:
        date = parsedate_to_datetime(header) if header else None
        if date is None:
            return None
        return (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp() - now
    except (ValueError, IndexError, OverflowError, TypeError):  # what a hostile date was seen to raise
        return None


def _of_json(body: str) -> float | None:
    import json

    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        return None
    wish = data.get("retry_after") if isinstance(data, dict) else None
    if isinstance(wish, int | float) and not isinstance(wish, bool):
        return float(min(wish, RETRY_AFTER_MAX_S))  # an int of 400 digits fits no float
    return None
