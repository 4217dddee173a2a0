"""Does what each line of its stdin says, and answers with one line."""

import ctypes
import os
import sys

import bongsu

KINDS = {name: type(name, (Exception,), {}) for name in ("Before", "During", "After")}


def begin(umask: str = "022") -> str:
    os.umask(int(umask, 8))
    bongsu.init()
    return "ready"


def fail(name: str, times: str) -> str:
    """Capture an exception again and again, always at the same place."""
    ids = set()
    for number in range(int(times)):
        try:
            raise KINDS[name](f"number {number}")
        except Exception:
            ids.add(bongsu.capture_exception())
    return "not captured" if None in ids else "captured"


def segfault() -> str:
    ctypes.string_at(0)
    return "still here"


def flush() -> str:
    return "told" if bongsu.flush(10.0) else "not told"


ACTS = {"begin": begin, "fail": fail, "segfault": segfault, "flush": flush}
print("here", flush=True)
for line in sys.stdin:
    act, *arguments = line.split()
    print(ACTS[act](*arguments), flush=True)
