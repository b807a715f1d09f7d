"""The way in: a key pair of the sandbox, a host key for each host, known_hosts written from both.

A host's key is made here, before its first boot, so nothing has to be trusted on first sight.
"""

import os
from pathlib import Path

from sandbox.commands import run
from sandbox.state import Lab, Record, records, remove, write

HOST_KEY = "ssh_host_ed25519_key"


def owner() -> tuple[int, int]:
    """User and group of whoever asked, also behind sudo."""
    if not os.geteuid():
        return int(os.environ.get("SUDO_UID", "0")), int(os.environ.get("SUDO_GID", "0"))
    return os.getuid(), os.getgid()


def ensure_identity(lab: Lab) -> str:
    """The public key of the sandbox; its private half belongs to the person who asked."""
    if not lab.identity.exists():
        make(lab.identity, "flaskwright-sandbox")
    os.chown(lab.identity, *owner())
    return public(lab.identity)


def ensure_host_key(lab: Lab, host: Record) -> Path:
    """The private host key; it stays when the host is reset."""
    key = lab.host(host.name) / HOST_KEY
    if not key.exists():
        make(key, host.name)
    return key


def make(key: Path, comment: str) -> None:
    """A new ed25519 pair without a passphrase."""
    fresh = key.with_name(f".{key.name}.new")
    remove(fresh)
    run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", str(fresh)])
    fresh.with_name(f"{fresh.name}.pub").rename(key.with_name(f"{key.name}.pub"))
    fresh.rename(key)


def public(key: Path) -> str:
    """The public half of a key."""
    return key.with_name(f"{key.name}.pub").read_text()


def write_known_hosts(lab: Lab) -> None:
    """One line for each host, by address and by name."""
    write(lab.known_hosts, "".join(known_hosts_line(lab, host) for host in records(lab)))


def known_hosts_line(lab: Lab, host: Record) -> str:
    """ADDRESS,ADDRESS6,NAME.test KIND KEY."""
    kind, key, _ = public(ensure_host_key(lab, host)).split(maxsplit=2)
    return f"{host.address},{host.address6},{host.name}.test {kind} {key}\n"
