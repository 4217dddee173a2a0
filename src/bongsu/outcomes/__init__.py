"""Outcomes without exceptions: too few successes, missed heartbeats, bursts of bad answers. Pure state machines."""
