"""Forks while a thread of Bongsu imports `http.client`, which takes long here; the child imports it too."""

import faulthandler
import os
import sys
import threading

import bongsu

IMPORT_S = 0.3  # shorter than a fork waits for us, and long enough to fork in
HANGS_S = 5.0
begun = threading.Event()


class SlowDisk:
    """The first of sys.meta_path: it finds nothing, slowly."""

    def find_spec(self, name, path, target=None):
        if name == "http.client" and threading.current_thread().name.startswith("bongsu-"):
            begun.set()
            threading.Event().wait(IMPORT_S)


bongsu.init()
sys.meta_path.insert(0, SlowDisk())
bongsu.capture_message("out of tea", level="error")
print("importing", begun.wait(HANGS_S), flush=True)
if (child := os.fork()) == 0:
    faulthandler.dump_traceback_later(HANGS_S, exit=True)
    import http.client

    print("imported", http.client.__name__, flush=True)
    os._exit(0)
print("child", os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
