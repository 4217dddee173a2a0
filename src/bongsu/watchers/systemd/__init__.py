"""systemd, from its hooks: it calls us, we tell and are gone."""
