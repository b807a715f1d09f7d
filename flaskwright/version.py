"""The version of Flaskwright; pyproject.toml reads it here."""

VERSION = "0.1.0"
