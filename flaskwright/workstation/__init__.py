"""What is known or made on the operator's machine."""
