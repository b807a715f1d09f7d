"""Who keeps the app's processes up, and how one generation follows another."""
