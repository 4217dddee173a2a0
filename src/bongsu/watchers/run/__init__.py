"""`bongsu run`: a supervisor of commands, which knows of each end all that the kernel tells a parent."""
