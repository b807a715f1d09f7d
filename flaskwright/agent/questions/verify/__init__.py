"""The checks of `verify`, a row each."""
