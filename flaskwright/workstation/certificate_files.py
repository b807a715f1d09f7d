"""Files that should hold certificates: these are taken out of them, and nothing else is."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import UsageError

if TYPE_CHECKING:
    from ..inventory import Host

LONGEST = 4 << 20  # bytes; all authorities of a Debian are a quarter of a megabyte


def of_authority(host: Host) -> str:
    """Return what a host's ACME server is known by, in PEM; empty: the host knows it by itself.

    Raises UsageError where the hosts.toml that names it is not trusted, or there is none in it.
    """
    named = host.acme.ca if host.acme and not host.authority else None
    key = f"hosts.{host.name}.acme.ca"
    if named and host.file:
        host.file.must_be_trusted(key, f"read the certificates in {named} and send them")
    path = host.authority or (Path(named) if named else None)
    return in_file(path, key) if path else ""


def in_file(path: Path, key: str) -> str:
    """Return the certificates of a PEM file, each written anew; raises UsageError.

    key: the one of hosts.toml that names the file. No part of the file is in any message.
    """
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding

    try:
        found = x509.load_pem_x509_certificates(_content(path, key))
    except ValueError:
        raise UsageError(
            f"{key}: {path} holds no certificate",
            why="It should be a PEM file with BEGIN CERTIFICATE in it; nothing of it was sent.",
        ) from None
    return "".join(each.public_bytes(Encoding.PEM).decode("ascii") for each in found)


def _content(path: Path, key: str) -> bytes:
    """Return what is in a file that is one: no device, and no pipe that nobody writes to."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as file:
            status = os.fstat(descriptor)
            if stat.S_ISREG(status.st_mode) and status.st_size <= LONGEST:
                return file.read()
    except OSError as error:
        raise UsageError(f"{key}: cannot read {path}", why=f"{error.strerror}.") from None
    raise UsageError(f"{key}: {path} is no ordinary file of at most {LONGEST >> 20} MB")
