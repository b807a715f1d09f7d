"""What the operator's side knows of the server that an app's repository is on.

The host asks for it while it fetches: for the server's keys in the operator's known_hosts, and for
a token from the keyring. It gets those of the repository that hosts.toml names, and no others.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from ..config.code import is_local
from ..inventory import Host, Inventory
from ..report import secret_consent
from ..secrets.operator_passwords import git_token
from ..secrets.redactor import redact
from ..ssh import known_hosts, settings
from .supply import Question, supplies

ANYBODY = "x-access-token"  # servers that know people by the token alone take any name


@dataclass(frozen=True)
class Server:
    """A git server; `port` is 0 where the URL names none."""

    scheme: str
    host: str
    port: int = 0

    @property
    def place(self) -> str:
        """`host` or `host:port`, as the URL has it."""
        return f"{self.host}:{self.port}" if self.port else self.host


def server_of(repo: str) -> Server | None:
    """Return the server of a repository's URL; None for a path."""
    if is_local(repo) or repo.startswith("file:"):
        return None
    if "://" in repo:
        parts = urlsplit(repo)
        return Server(parts.scheme, parts.hostname or "", parts.port or 0)
    return Server("ssh", re.sub("^[^@:]*@", "", repo.partition(":")[0]).lower())


@supplies("token")
def token(question: Question) -> bytes:
    """Return the login for the repository of the app that is deployed; see `login`."""
    host = question.need.host
    return login(host, host.app.repo) if host.app else b""


@supplies("host-keys")
def known_keys(question: Question) -> bytes:
    """Return the known keys of its server; see `host_keys`."""
    app = question.need.host.app
    return host_keys(app.repo, question.need.config_file) if app else b""


def login(host: Host, repo: str) -> bytes:
    """Return what git's credential protocol calls a login; empty: there is none for the host.

    The entry holds a token, or USER:TOKEN. Only https: elsewhere anybody could read it on the way.
    Raises Unreachable when the keyring does not open, UsageError where that host may not have it.
    """
    server = server_of(repo)
    if server is None or server.scheme != "https":
        return b""
    entry = secret_consent.given(git_token(host, server.place).read)
    user, colon, token = entry.partition(":")
    if colon:
        redact.add(token)
    else:
        user, token = ANYBODY, entry
    return f"username={user}\npassword={token}\n".encode() if token else b""


def host_keys(repo: str, config_file: str | None = None) -> bytes:
    """Return lines of known_hosts for the repository's server, as the operator's ssh trusts it."""
    server = server_of(repo)
    if server is None or server.scheme != "ssh":
        return b""
    port = server.port or 22
    host = Inventory.lookup(f"[{server.host}]:{port}" if ":" in server.host else server.host)
    found = settings.resolve(host, config_file=config_file)
    name = known_hosts.entry(server.host, port)
    known = known_hosts.known(found.host_key_alias or name, found.known_hosts)
    good = [key for key in known.trusted if key not in known.revoked]
    lines = (f"{name} {key.type} {base64.b64encode(key.blob).decode()}\n" for key in good)
    return "".join(lines).encode()
