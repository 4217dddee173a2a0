"""What Bongsu says of its own troubles, outside of Slack: once per trouble, to stderr, never through `logging`."""

import sys

STATE_DIR = "state_dir"  # the key of every failure to write there: spool and database meet the same disk
TOLD_MAX = 200  # distinct troubles of one process; after that it stays silent rather than grow

_told: set[str] = set()


def tell(key: str, sentence: str) -> None:
    """Say it, unless it was said under this key and not forgotten since. Never raises."""
    if key in _told or len(_told) >= TOLD_MAX:
        return
    _told.add(key)
    if sys.stderr is not None:
        try:
            print(f"bongsu: {sentence}", file=sys.stderr, flush=True)
        except Exception:  # noqa: BLE001  # closed, the host's own object, or a signal came while the host was writing
            _told.discard(key)


def forget(key: str) -> None:
    """The trouble is over: it may be told again when it comes back."""
    _told.discard(key)
