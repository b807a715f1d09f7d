"""The program that is sent to a host: it compares, applies and reports. Standard library only."""
