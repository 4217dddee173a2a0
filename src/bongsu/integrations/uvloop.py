"""uvloop: as asyncio."""

import uvloop

from bongsu.integrations.asyncio import watched
from bongsu.integrations.watching import Undo


def attach() -> Undo:
    """Watch uvloop's event loops."""
    return watched(uvloop.Loop)
