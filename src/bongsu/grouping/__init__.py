"""Which events are one problem. A version never changes once released; a better rule is a new one beside it."""

from bongsu.grouping.v1 import VERSION, explain, fingerprint

__all__ = ["VERSION", "explain", "fingerprint"]
