"""supervisord, from inside: an event listener that answers at once and understands later."""
