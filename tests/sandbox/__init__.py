"""Tests of the throw-away hosts; only test_lifecycle boots some."""
