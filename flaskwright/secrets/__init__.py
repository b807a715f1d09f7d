"""The operator's secrets: read from the keyring, hidden from then on in all that is shown."""

from __future__ import annotations

from . import system
from .entries import SHORTEST, Entries
from .redactor import HIDDEN, Redactor, encodings, redact

__all__ = [
    "HIDDEN",
    "SHORTEST",
    "Entries",
    "Redactor",
    "encodings",
    "password",
    "redact",
    "sudo_password",
]


def password(service: str, username: str) -> str | None:
    """Return an entry of the operator's keyring, hidden from then on, or None when there is none.

    Raises Unreachable when this machine has no keyring, or a locked one.
    """
    advice = "for sudo: --prompt-for-sudo-password, or sudo without a password on the host"
    value = system.read(service, username, advice)
    if value:
        redact.add(value)
    return value


def sudo_password(host: str) -> str | None:
    """Return what sudo asks for on a host of hosts.toml."""
    return password(f"flaskwright/{host}", "sudo")
