"""The machine: files, users, packages, units, ports, processes."""
