"""Host keys on Paramiko's side: which type to ask for, and the verdict on the one that is shown."""

from __future__ import annotations

from typing import Any

from paramiko import MissingHostKeyPolicy, PKey, SSHClient, Transport

from . import unreachable
from .known_hosts import Key, Known


class KnownOnly(MissingHostKeyPolicy):  # type: ignore[misc]  # Paramiko ships no types
    """Takes a host key that known_hosts vouches for, and no other.

    name: the host's in known_hosts; host: the one a person types.
    """

    def __init__(self, known: Known, name: str, host: str) -> None:
        self._known = known
        self._name = name
        self._host = host

    def missing_host_key(self, client: SSHClient, hostname: str, key: PKey) -> None:
        """Accept a key that known_hosts trusts; raises Unreachable for any other."""
        shown = as_key(key)
        if shown in self._known.revoked:
            raise unreachable.revoked(self._name, shown)
        if shown in self._known.trusted:
            return
        if self._known.trusted:
            raise unreachable.changed(self._name, self._host, shown, self._known)
        raise unreachable.unknown(self._name, self._host, shown, self._known)


def known_first(known: Known, sock: Any, **options: Any) -> Transport:
    """Make a transport that asks first for the types of key that are known, as ssh does."""
    transport = Transport(sock, **options)
    security = transport.get_security_options()
    types = tuple(key.type.replace("ssh-rsa", "rsa-sha2") for key in known.trusted)
    security.key_types = sorted(security.key_types, key=lambda name: not name.startswith(types))
    return transport


def as_key(key: PKey) -> Key:
    """Return Paramiko's key as the pair that known_hosts is compared by."""
    return Key(key.get_name(), key.asbytes())
