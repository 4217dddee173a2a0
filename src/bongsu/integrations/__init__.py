"""One file for each framework, loaded when the framework is; each can be deleted without a trace."""
