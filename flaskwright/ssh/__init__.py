"""The strict connection to a host: ssh's own settings, known host keys only, dead links noticed."""
