"""The measurements: how fast, beside whom. `bench/run` is the command."""
