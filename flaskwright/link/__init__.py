"""One exec on a host, with the agent in it: what is sent, what is heard, how it ended."""
