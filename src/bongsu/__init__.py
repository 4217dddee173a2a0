"""Bongsu tells a team about an outage before its users do."""

from bongsu.capture.context import context
from bongsu.client import capture_exception, capture_message, close, count, expect, flush, init, notify
from bongsu.client.heartbeats import heartbeat
from bongsu.errors import BongsuError, ConfigError, PayloadError

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
