"""Everything is logged, on the root logger too; one thing goes wrong, and Slack cannot be told of it for a while."""

import logging

import bongsu

logging.basicConfig(level=logging.DEBUG)
bongsu.init(level="debug")
logging.getLogger("shop").error("out of tea")
print("told" if bongsu.flush(3.0) else "not told", flush=True)
