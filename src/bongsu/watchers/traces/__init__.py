"""Tracebacks of Python and stacks of Node in somebody's output → what happened, in plain values.

The group of such an exception is the one that the library inside the process would give it.
"""

from bongsu.watchers.traces.assembler import Assembler, Found, newest
from bongsu.watchers.traces.faults import FATAL_TYPE
from bongsu.watchers.traces.node import heap_exhausted, of_stack

__all__ = ["FATAL_TYPE", "Assembler", "Found", "heap_exhausted", "newest", "of_stack"]
