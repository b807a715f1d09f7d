"""Certificates: had, renewed, proven, given back."""
