"""Why a connection did not come about: each cause in its own words."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager

from paramiko.ssh_exception import ChannelException, IncompatiblePeer, SSHException

from ..errors import Unreachable
from .known_hosts import Key, Known
from .settings import Settings


@contextmanager
def explained(settings: Settings, declared: bool = True) -> Iterator[None]:
    """Turn whatever ends an attempt to connect into Unreachable.

    declared: the host is in hosts.toml, so its address is to be corrected there.
    """
    try:
        yield
    except (OSError, EOFError, SSHException) as error:
        told = explain(error, settings)
        if isinstance(error, socket.gaierror) and not declared:
            told.next = "hosts.toml has no such host either: ./fab hosts.list shows which it has"
        raise told from error


def explain(error: Exception, settings: Settings) -> Unreachable:
    """Return the Unreachable for an error of the network or of the SSH protocol."""
    place = f"{settings.address} port {settings.port}"
    for kind, what, why, advice in _CAUSES:
        if isinstance(error, kind):
            return Unreachable(what.format(place), why=why.format(_said(error)), next=advice)
    return Unreachable(f"{place} cannot be reached", why=f"{_said(error)}.", next=_LOOK)


def _said(error: Exception) -> str:
    """Return an error's own words, without the number."""
    return getattr(error, "strerror", None) or str(error)


def silent(settings: Settings, at: str, seconds: float) -> Unreachable:
    """Return the error for a connection that does not come about in so many seconds."""
    return Unreachable(
        f"{settings.address} port {settings.port} cannot be reached",
        why=f"It {at}, for {seconds:.0f} s.",
        next="try: ssh -v, which shows each step; an ssh-agent may want a key to be touched",
    )


def unknown(name: str, host: str, key: Key, known: Known) -> Unreachable:
    """Return the error for a host whose key nobody has vouched for."""
    why = "It is not in known_hosts, so this may be another machine."
    if known.authorities:
        why = "known_hosts trusts it through a @cert-authority line, which is not supported here."
    return Unreachable(
        f"the host key of {name} is not known",
        why=why,
        log=[f"it shows  {key}"],
        next=f"./fab -H {host} hosts.trust",
    )


def changed(name: str, host: str, key: Key, known: Known) -> Unreachable:
    """Return the error for a host that shows another key than the one that is known."""
    return Unreachable(
        f"the host key of {name} has changed; nothing was sent",
        why="The host was installed anew, or another machine answers in its place.",
        log=[*(f"known     {each}" for each in known.trusted), f"it shows  {key}"],
        next="compare on the host's own console: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub; "
        f"only if it is the same: ssh-keygen -R '{name}', then ./fab -H {host} hosts.trust",
    )


def revoked(name: str, key: Key) -> Unreachable:
    """Return the error for a host that shows a key marked @revoked."""
    return Unreachable(
        f"{name} shows a host key that known_hosts revokes; nothing was sent",
        why="Somebody marked it @revoked: its private half must be taken for stolen.",
        log=[f"it shows  {key}"],
        next="make new host keys on the host's own console",
    )


_LOOK = "is it switched on, and is `address` in hosts.toml right?"

# kind of error, what (with the place), why (with the error's own words), what to do next
_CAUSES: tuple[tuple[type[Exception] | tuple[type[Exception], ...], str, str, str], ...] = (
    (socket.gaierror, "{}: the name does not resolve", "{}.", "is `address` in hosts.toml right?"),
    (
        ConnectionRefusedError,
        "{}: the connection was refused",
        "The machine is up, but nothing listens there.",
        "is sshd running (systemctl status ssh), and on this port?",
    ),
    (TimeoutError, "{}: no answer", "Nothing came back in time.", _LOOK),
    (
        ChannelException,
        "{} cannot be reached through the gateway",
        "The gateway says: {}.",
        "can the gateway reach it, and does its sshd allow AllowTcpForwarding?",
    ),
    (
        IncompatiblePeer,
        "{}: no algorithm in common",
        "{}.",
        "its OpenSSH is too old; update it",
    ),
    (
        (EOFError, ConnectionResetError, BrokenPipeError, SSHException),
        "{}: the connection was closed before the login",
        "{}.",
        "does an SSH server listen there, and has it banned this address (fail2ban)?",
    ),
)
