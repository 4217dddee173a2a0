"""From facts to words: the neutral message and its renderings. Pure."""
