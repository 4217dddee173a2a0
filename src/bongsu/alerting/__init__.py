"""Deciding: which happening deserves a word, and why. Pure state tables; every answer carries its reason."""
