"""Beside the script."""


def sweep(deep):
    if not deep:
        raise LookupError("no broom")
