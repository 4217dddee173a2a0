"""A queue between processes that drops what it cannot carry."""

import multiprocessing

import bongsu

if __name__ == "__main__":
    bongsu.init()
    queue = multiprocessing.Queue()
    queue.put(lambda: None)
    queue.put("the end")
    print(queue.get())
