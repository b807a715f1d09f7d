"""The app's data: backed up, migrated, put back."""
