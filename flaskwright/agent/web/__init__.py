"""What visitors reach: a front end in force, and its answers."""
