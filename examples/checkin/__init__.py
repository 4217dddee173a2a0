"""The check-in service of the story."""
