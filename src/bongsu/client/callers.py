"""Where in the program we were called."""

import os
import sys

_PACKAGE = os.path.dirname(os.path.dirname(__file__)) + os.sep


def callers_line() -> str:
    """`path:line` of the nearest call from outside Bongsu."""
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_PACKAGE):
        frame = frame.f_back
    return f"{frame.f_code.co_filename}:{frame.f_lineno}"
