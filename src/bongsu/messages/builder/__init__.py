"""Cards of one's own: a builder whose payload Slack takes, whatever the data is."""
