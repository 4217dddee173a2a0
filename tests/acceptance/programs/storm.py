"""The same error many times at once: `storm.py WAY SHARERS TIMES`. Its exit waits for its children."""

import multiprocessing
import subprocess
import sys
import threading

import bongsu


def check_in(login):
    raise LookupError(f"no such user {login}")


def storm(times):
    for number in range(times):
        try:
            check_in(number)
        except LookupError:
            bongsu.capture_exception()


def threads(sharers, times):
    started = [threading.Thread(target=storm, args=(times,)) for _ in range(sharers)]
    for thread in started:
        thread.start()
    for thread in started:
        thread.join()


def pool(method, sharers, times):
    with multiprocessing.get_context(method).Pool(sharers, initializer=bongsu.init) as workers:
        workers.map(storm, [times] * sharers, chunksize=1)


def subprocesses(sharers, times):
    command = [sys.executable, __file__, "threads", "1", str(times)]
    started = [subprocess.Popen(command) for _ in range(sharers)]
    for each in started:
        each.wait()


WAYS = {
    "threads": threads,
    "multiprocessing by fork": lambda *arguments: pool("fork", *arguments),
    "multiprocessing by spawn": lambda *arguments: pool("spawn", *arguments),
    "subprocesses": subprocesses,
}
if __name__ == "__main__":
    bongsu.init()
    WAYS[sys.argv[1]](int(sys.argv[2]), int(sys.argv[3]))
