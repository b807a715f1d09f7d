"""The operator's secrets: where they are kept, and hidden from then on in all that is shown."""
