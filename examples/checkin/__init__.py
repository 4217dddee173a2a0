"""The check-in service of the story: small, real, and broken on the way back from the log-in."""
