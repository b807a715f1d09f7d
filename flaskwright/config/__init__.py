"""hosts.toml: declared, found, read, checked as a whole."""
