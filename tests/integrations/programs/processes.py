"""A process that ends of an error: `processes.py START-METHOD WHERE-IT-CALLS-INIT`."""

import multiprocessing
import sys

import bongsu

WHERE = sys.argv[2]
if WHERE == "everywhere":
    bongsu.init()


def check_in(login):
    if WHERE == "in its function":
        bongsu.init()
    raise LookupError(f"no such user {login}")


class Door(multiprocessing.Process):
    def run(self):
        check_in("jiwoo")


if __name__ == "__main__":
    if WHERE == "in the parent":
        bongsu.init()
    context = multiprocessing.get_context(sys.argv[1])
    child = Door() if sys.argv[1] == "subclass" else context.Process(target=check_in, args=("jiwoo",), name="door")
    child.start()
    child.join()
    print("exit code", child.exitcode)
