"""The doors in: exceptions, hooks, log records and context become spool records, on the calling thread, quickly."""
