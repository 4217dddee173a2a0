"""A request, a task, a run of a job or of a command: what is known of it, and the id that ties it together."""
