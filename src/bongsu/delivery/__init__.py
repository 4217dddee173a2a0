"""Carrying decided messages to their channels: claim, send, settle."""
