"""The operator's secrets: read from the keyring, hidden from then on in all that is shown."""

from __future__ import annotations

from .allowed import NotAllowed, forget_refusals
from .entries import SHORTEST, Entries
from .own import Own, git_token, sudo_password
from .redactor import HIDDEN, Redactor, redact, spellings

__all__ = [
    "HIDDEN",
    "SHORTEST",
    "Entries",
    "NotAllowed",
    "Own",
    "Redactor",
    "forget_refusals",
    "git_token",
    "redact",
    "spellings",
    "sudo_password",
]
