"""A program that ends while a daemon thread of it is in the middle of a job."""

import threading

import bongsu

bongsu.init()
begun = threading.Event()


@bongsu.heartbeat("nightly-backup")
def backup():
    begun.set()
    threading.Event().wait()


threading.Thread(target=backup, daemon=True).start()
begun.wait()
print("running", flush=True)
