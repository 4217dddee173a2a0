"""Bongsu tells a team about an outage before its users do."""

TYPE_CHECKING = False  # as type checkers know it; loading `typing` for it would cost 3 ms
if TYPE_CHECKING:
    from bongsu.capture.context import context
    from bongsu.client import capture_exception, capture_message, close, count, expect, flush, init, notify
    from bongsu.client.outcomes.heartbeats import heartbeat
    from bongsu.errors import BongsuError, ConfigError, PayloadError
del TYPE_CHECKING

__all__ = [
    "BongsuError",
    "ConfigError",
    "PayloadError",
    "capture_exception",
    "capture_message",
    "close",
    "context",
    "count",
    "expect",
    "flush",
    "heartbeat",
    "init",
    "notify",
]
__version__ = "0.1.0"

_ERRORS = ("BongsuError", "ConfigError", "PayloadError")
_HOMES = {"context": "bongsu.capture.context", "heartbeat": "bongsu.client.outcomes.heartbeats"}


def __getattr__(name: str) -> object:
    """Load what is asked for: `bongsu run` starts its child some 20 ms sooner, since it needs none of it yet."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    home = _HOMES.get(name, "bongsu.errors" if name in _ERRORS else "bongsu.client")
    value: object = getattr(import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
