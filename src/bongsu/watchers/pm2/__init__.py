"""pm2, watched over its own sockets: what they carry (wire), what it means (hearing), what follows from it (turns)."""
