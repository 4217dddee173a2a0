"""Has a problem that Slack does not take, and forks a child that has none: how long does the child's exit take?"""

import os
import select
import sys

import bongsu

LEFT_ALONE_S = 1.5  # an exit that waits for Slack takes 2 s

bongsu.init()
bongsu.capture_message("a problem of the parent", level="error")
bongsu.flush(0.3)
ended, ends = os.pipe()
if os.fork() == 0:
    sys.exit(0)
os.close(ends)
print("at once" if select.select([ended], [], [], LEFT_ALONE_S)[0] else "later", flush=True)
os._exit(0)
