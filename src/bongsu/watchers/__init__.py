"""Doors for what a program cannot tell itself: its end, its loops, its silence. One folder for each process manager."""
