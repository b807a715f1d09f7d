"""What a person does on a host at their own terminal."""
