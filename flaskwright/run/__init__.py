"""What was typed, carried out: the command line, a lane for each host, a plan on each."""
