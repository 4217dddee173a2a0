"""Which events are the same problem."""
