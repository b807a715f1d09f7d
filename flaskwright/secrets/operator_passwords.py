"""Passwords that are the operator's own: no app ever has them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .redactor import redact
from .sources import own_store_of
from .store import Entry

if TYPE_CHECKING:
    from ..inventory import Host


class Own:
    """A password of the operator's, from where `keyring` of a host says that secrets come from.

    `words` names that place in a sentence, `advice` is what puts the password there.
    """

    def __init__(self, host: Host, service: str, username: str) -> None:
        self._entry = Entry(f"flaskwright/{service}", username)
        self._store = own_store_of(host, username)
        self.words = self._store.words
        self.advice = self._store.advice(self._entry)

    def read(self) -> str:
        """Return the password, hidden from then on in all output; empty where there is none.

        Raises Unreachable where that place is not there, or locked, and UsageError where it is not
        as it should be, not trusted, or not for this address.
        """
        value = self._store.read(self._entry) or ""
        if value:
            redact.add(value)
        return value


def sudo_password(host: Host) -> Own:
    """Return the entry of sudo's password on a host; nothing is read yet."""
    return Own(host, host.name, "sudo")


def git_token(host: Host, server: str) -> Own:
    """Return what a git server asks for when it has a host's app."""
    return Own(host, server, "git")
