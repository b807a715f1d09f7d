"""What a hosts.toml has this machine run or read, key by key."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from .code import git_directory, is_local
from .env import entry_in
from .login import login_of
from .problems import visible

if TYPE_CHECKING:
    from .keys import AppTable, HostTable, Top

SENTENCES = {
    "repo": "reads the git repository {value}, and sends a commit of it to {to}",
    "command": "runs `{value}` for the secrets of {to}",
    "file": "reads secrets for {to} in {value}",
    "environment": "reads secrets for {to} in the variables {value}…",
    "entries": "opens what your keyring has of {value} for {to}",
    "ca": "reads the certificates in {value}, and sends them to {to}",
    "sandbox": "boots a throw-away host on this machine, as root: {to}",
}


class Act(NamedTuple):
    """A key of hosts.toml that has this machine do something, and where what it reads goes."""

    key: str
    kind: str
    value: str
    to: str

    def __str__(self) -> str:
        return visible(SENTENCES[self.kind].format(value=self.value, to=self.to))


def digest(acts: Iterable[Act]) -> str:
    """Return the SHA-256 of a set of acts, whatever their order: trust is of it."""
    import hashlib
    import json

    return hashlib.sha256(json.dumps(sorted(acts)).encode()).hexdigest()


def acts_of(top: Top, path: Path) -> tuple[Act, ...]:
    """Return all that the hosts.toml at `path` has this machine do, links resolved."""
    return tuple(act for name, host in top.hosts.items() for act in _of_host(top, name, host, path))


def resolved(path: Path, named: str) -> Path:
    """Return where a path of hosts.toml leads in the end."""
    return (path.parent / Path(named).expanduser()).resolve()


def _of_host(top: Top, name: str, host: HostTable, path: Path) -> Iterator[Act]:
    app, to = top.apps[host.app], login_of(name, host, path)
    if is_local(app.repo):
        local = resolved(path, app.repo)
        yield Act(f"apps.{host.app}.repo", "repo", str(git_directory(local) or local), to)
    yield from _of_keyring(f"hosts.{name}.keyring", app, host, path, to)
    if host.acme and host.acme.ca:
        yield Act(f"hosts.{name}.acme.ca", "ca", str(resolved(path, host.acme.ca)), to)
    if host.sandbox:
        yield Act(f"hosts.{name}.sandbox", "sandbox", host.sandbox.suite, to)


def _of_keyring(key: str, app: AppTable, host: HostTable, path: Path, to: str) -> Iterator[Act]:
    source = host.keyring
    if source and source.command:
        yield Act(f"{key}.command", "command", source.command, to)
    elif source and source.file:
        yield Act(f"{key}.file", "file", str(resolved(path, source.file)), to)
    elif source and source.environment:
        yield Act(f"{key}.environment", "environment", source.environment, to)
    elif app.secrets or app.plain or host.mysql or any(map(entry_in, app.env.values())):
        yield Act(f"apps.{host.app}.secrets", "entries", host.app, to)
