"""A package in a folder `src`."""


def work():
    raise OSError(2, "gone")
