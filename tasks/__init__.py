"""The tasks: one module per part; a step is a short function that yields resources."""
