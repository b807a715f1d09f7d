"""The front end nginx: its configuration, its workers, its logs."""
