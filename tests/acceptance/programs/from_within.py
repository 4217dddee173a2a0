"""What Bongsu itself does makes others log errors and fail; then one real error happens."""

import logging
import sys

import bongsu


def audit(event, arguments):
    """An audit hook runs on our threads too, wherever they connect or write."""
    if event in ("socket.connect", "sqlite3.connect"):
        logging.getLogger("audit").error("somebody uses %s", event)


logging.basicConfig()
bongsu.init()
sys.addaudithook(audit)
bongsu.capture_message("the real error", level="error")
print(bongsu.flush(5.0))
