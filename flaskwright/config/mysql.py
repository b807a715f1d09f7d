"""The table `mysql` of a host: what its server's database and user are called."""

from __future__ import annotations

from .table import key, table
from .values import OneOf, Text, when

NAME = Text(
    "a name of letters, digits and _, at most 64, the first a letter",
    "[A-Za-z][A-Za-z0-9_]{0,63}",
    when("^(?i:mysql|sys|information_schema|performance_schema)$", "is the server's own"),
)
USER = Text(
    "a name of letters, digits and _, at most 32, the first a letter",
    "[A-Za-z][A-Za-z0-9_]{0,31}",
    when("^(?i:root|mysql|mariadb|public)$", "is the server's own"),
)
SERVICE = Text("a keyring service", r"[^/\s{}][^/{}\x00-\x1f\x7f]*")


@table
class Mysql:
    """A database for the app, and a user who may do anything in it and nothing else."""

    database: str | None = key(
        NAME, "The database; when not given, it is named after the app.", default=None
    )
    user: str | None = key(
        USER, "The app's user there; when not given, it is named after the app.", default=None
    )
    host: str = key(
        OneOf("localhost", "127.0.0.1"),
        "What the app reads as the server's host: localhost for the socket, 127.0.0.1 for TCP.",
        default="localhost",
    )
    service: str = key(
        SERVICE,
        "The keyring's service whose entries user, password and host the app reads.",
        default="MYSQL_AUTH",
    )


def name(given: str | None, app: str) -> str:
    """Return the name of a database or its user: the given one, or the app's."""
    return given or app.replace("-", "_")


def told(
    secrets: tuple[str, ...], plain: tuple[str, ...], given: Mysql | None
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return `secrets` and `plain` of an app with its database's user, password and host."""
    if given is None:
        return secrets, plain
    named = {f"{given.service}/user", f"{given.service}/host"}
    hidden = {*secrets, f"{given.service}/password"} - named
    return tuple(sorted(hidden)), tuple(sorted(named.union(plain)))
