"""Dies of an exception, and says when."""

import sys

import bongsu

bongsu.init()
print("dying", flush=True)
sys.stdout.close()
raise LookupError("the end")
