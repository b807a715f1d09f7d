"""The names of an app's MySQL database, and its user's password in the operator's keyring."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..config import mysql
from ..errors import UsageError

if TYPE_CHECKING:
    from ..inventory import Host
    from ..secrets.entries import Entries


@dataclass(frozen=True)
class Names:
    """The database, its user, and the host and the keyring's service that the app reads."""

    database: str
    user: str
    host: str
    service: str


def names(host: Host) -> Names:
    """Return the names of the host's app; raises UsageError for a host without `mysql`."""
    app, given = host.declared_app, host.mysql
    if given is None:
        raise UsageError(
            f"hosts.{host.name} has no MySQL database",
            next=f"add mysql = {{}} to hosts.{host.name} in hosts.toml, then ./fab deploy",
        )
    database, user = (mysql.name(name, app.name) for name in (given.database, given.user))
    return Names(database, user, given.host, given.service)


def provide(host: Host, entries: Entries, *, rehearse: bool) -> None:
    """Put what the app reads into the keyring where it is missing: a password is made.

    To `rehearse` it is only supposed to be there. Raises UsageError where the keyring has another
    user or host than hosts.toml.
    """
    wanted = names(host)
    keep = entries.suppose if rehearse else entries.set
    for username, value in (("user", wanted.user), ("host", wanted.host)):
        kept = entries.get(wanted.service, username)
        if kept is None:
            keep(wanted.service, username, value)
        elif kept != value:
            raise _another(host.name, f"{wanted.service} {username}", username, value, kept)
    if rehearse and entries.get(wanted.service, "password") is None:
        entries.suppose(wanted.service, "password", secrets.token_urlsafe())
    elif not rehearse:
        entries.generate(wanted.service, "password")


def password(host: Host, entries: Entries) -> bytes:
    """Return the user's password for the agent; empty where there is none yet."""
    return (entries.get(names(host).service, "password") or "").encode()


def _another(host: str, entry: str, key: str, value: str, kept: str) -> UsageError:
    return UsageError(
        f"hosts.{host}.mysql.{key} is {value}, but the keyring's {entry} is {kept}",
        next=f"./fab -H {host} secrets.set {entry}, or mysql.{key} in hosts.toml",
    )
