"""What both sides must spell alike: frames, marks, hidden values, harmless text."""
