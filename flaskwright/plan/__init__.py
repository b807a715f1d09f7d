"""What a command will ask of a host: its resources in order, with their files rendered."""
