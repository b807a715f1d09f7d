"""The app's secrets on the host: kept, lent, never shown."""
