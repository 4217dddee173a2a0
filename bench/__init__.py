"""Every figure that Bongsu promises, measured beside a peer in the same run. `python -m bench` prints the table."""
