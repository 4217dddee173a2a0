"""uvloop: as asyncio."""

import uvloop

from bongsu.integrations.asyncio import watched
from bongsu.integrations.attaching import Undo


def attach() -> Undo:
    """Watch uvloop's event loops."""
    return watched(uvloop.Loop)
