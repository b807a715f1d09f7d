"""What an app is on this host: its place, account and releases, and what this run is about."""
