"""Docker's containers, from outside: its event stream, and questions about what the stream leaves out."""
