"""What a process died of, as far as its end tells."""

from bongsu.event import Ending, Why

SINCE_S = 10.0  # a stack written longer before the end is another matter
UNCAUGHT = 1  # Python's exit status after an exception that nobody caught
_OWN_SIGNALS = frozenset({"SIGABRT", "SIGBUS", "SIGFPE", "SIGILL", "SIGSEGV", "SIGTRAP"})  # a runtime writes, then dies


def may_be_told(ending: Ending) -> bool:
    """Whether the library inside a process that ended so may have told why: of an exception, or of a crash."""
    return ending.code == UNCAUGHT or ending.signal in _OWN_SIGNALS


def is_of_stack(ending: Ending) -> bool:
    """Whether a process that ended so can have written its reason: one that was killed from outside cannot."""
    if ending.is_clean or ending.why in (Why.OUT_OF_MEMORY, Why.NOT_FOUND, Why.NOT_EXECUTABLE):
        return False
    return not ending.signal or ending.signal in _OWN_SIGNALS
