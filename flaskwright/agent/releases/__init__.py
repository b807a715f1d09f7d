"""A release made: code, configuration and environment of one commit, and commands run in one."""
