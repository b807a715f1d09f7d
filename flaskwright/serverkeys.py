"""The host keys that a server offers."""

from .connection import Connection
from .trust import Key

# One connection for each family tells all the keys that a server has.
FAMILIES = (
    ("ssh-ed25519",),
    ("ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521"),
    ("rsa-sha2-512", "rsa-sha2-256"),
)


def offered(connection: Connection) -> list[Key]:
    """Return the keys of every type that the server offers; nobody logs in."""
    keys = (connection.server_key(types) for types in FAMILIES)
    return [key for key in keys if key]
