"""What stands where something was taken out."""

MARK = "[scrubbed]"
EMAIL = "[email]"
