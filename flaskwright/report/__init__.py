"""What is shown of a command: results, progress, failures, questions to the person."""
