"""A module of a folder without __init__.py."""


class Worker:
    def work(self):
        raise RuntimeError("no work")
