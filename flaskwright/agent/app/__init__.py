"""What an app is on this host: its names, its releases, what became of them, why it fails."""
