"""Phases of a deploy × faults: each cell is one deploy that something happens to."""
