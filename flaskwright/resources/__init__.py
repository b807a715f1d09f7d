"""States that a host should be in, and acts on it; a file for each wing of the agent."""
