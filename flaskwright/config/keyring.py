"""The table `keyring` of a host: the way of the app's secrets, from here to there."""

from __future__ import annotations

from . import code, names, paths
from .table import key, table
from .values import OneOf


@table
class Source:
    """Where secrets come from (one source, if not the keyring here), and how the host has them."""

    environment: str | None = key(
        names.ENV_PREFIX,
        'What the names of variables begin with, "FLASKWRIGHT_" first: with "FLASKWRIGHT_BLOG_", '
        "FLASKWRIGHT_BLOG_MYSQL_AUTH_USER is the entry MYSQL_AUTH/user.",
        default=None,
    )
    file: str | None = key(
        paths.LOCAL_FILE,
        'A file beside hosts.toml that only its owner may read: {"SERVICE": {"USERNAME": "value"}} '
        "as JSON, or one called .env, .env.NAME or NAME.env with lines of NAME=value.",
        default=None,
    )
    command: str | None = key(
        code.ASKING,
        'A program that prints the value, such as "pass show {app}/{service}/{username}"; there is '
        "{host} too. No shell runs it.",
        default=None,
    )
    on_host: str | None = key(
        OneOf("credential", "file"),
        "How the host has them: a credential, which systemd (247 and newer) hands to the app's "
        "service alone, or a file of the app's user, for containers; when not given, what the "
        "host's systemd can.",
        default=None,
    )
