"""What `./fab check` asks of the sources beside its linters: `python -m tests.lint`."""
