"""Ends, or has a part of it end, by an exception that nobody catches: `last_words.py WAY with|without`."""

import asyncio
import atexit
import gc
import sys
import threading
from functools import partial

import bongsu


class Unlucky:
    def __del__(self):
        raise LookupError("unlucky")


def lost_task():
    async def main():
        async def fail():
            raise LookupError("unlucky")

        task = asyncio.get_running_loop().create_task(fail())
        await asyncio.wait([task])
        del task
        gc.collect()

    asyncio.run(main())


def fail():
    raise LookupError("unlucky")


def in_a_thread(work):
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()


def own_hook(place, name):
    kept = getattr(place, name)
    setattr(place, name, lambda *arguments: (print(f"the host's {name}", file=sys.stderr), kept(*arguments)))


def interrupted():
    raise KeyboardInterrupt


def a_group():
    raise ExceptionGroup("two at once", [LookupError("unlucky"), ValueError("too")])


def hidden():
    try:
        fail()
    except LookupError as error:
        raise RuntimeError("log-in failed") from error


WAYS = {
    "main": fail,
    "a cause": hidden,
    "a group": a_group,
    "a thread": lambda: in_a_thread(fail),
    "a task nobody asked for": lost_task,
    "__del__": lambda: print(Unlucky() is None),
    "an atexit function": lambda: atexit.register(fail),
    "exit 3": lambda: sys.exit(3),
    "exit with a text": lambda: sys.exit("enough"),
    "exit of a thread": lambda: in_a_thread(partial(sys.exit, 3)),
    "Ctrl-C": interrupted,
}
for place, name in ((sys, "excepthook"), (threading, "excepthook"), (sys, "unraisablehook")):
    own_hook(place, name)
if sys.argv[2] == "with":
    bongsu.init()
WAYS[sys.argv[1]]()
