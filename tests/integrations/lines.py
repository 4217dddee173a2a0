"""The lines that `bongsu.logs` makes of what is logged."""

import io
import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import bongsu.logs


@contextmanager
def log_lines() -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """Every line written inside, for as long as the root logger has one more handler."""
    stream, root = io.StringIO(), logging.getLogger()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(bongsu.logs.Formatter())
    root.addHandler(handler)
    try:
        yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    finally:
        root.removeHandler(handler)
