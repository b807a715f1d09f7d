"""secrets: what the app reads by keyring, from the operator's own keyring to its service alone."""

import sys
from functools import partial
from getpass import getpass
from pathlib import Path

from invoke import Context

from flaskwright import (
    Host,
    Resources,
    UsageError,
    local,
    operation,
    question,
    step,
)
from flaskwright.report import console, hints, secret_consent
from flaskwright.resources.secrets import SecretList
from flaskwright.secrets import dotenv
from flaskwright.secrets.addresses import forget_refusals
from flaskwright.secrets.entries import Entries
from flaskwright.secrets.operator_passwords import git_token, sudo_password
from flaskwright.workstation import git_server

from . import release

_ENTRY = {
    "service": "The entry's service, such as MYSQL_AUTH.",
    "username": "The entry's user name, such as password.",
    "everywhere": "For the app on every host that has no value of its own.",
}


@local(
    name="set",
    help={**_ENTRY, "generate": "Make a value up, unless there is one."},
    about_hosts=True,
    dry_refused=True,
)
def set_(
    c: Context, service: str, username: str, everywhere: bool = False, generate: bool = False
) -> None:
    """Keep a value for the app: typed unseen, twice, or the standard input as it is."""
    here = [Entries(host) for host in c.hosts]
    if generate:
        for entries in here:
            made = partial(entries.generate, service, username, everywhere=everywhere)
            secret_consent.given(made)
    else:
        value = _asked(f"{service}/{username}")
        for entries in here:
            entries.set(service, username, value, everywhere=everywhere)
    for entries in here:
        _say_kept(entries, f"{service}/{username}")


@local(help=_ENTRY, about_hosts=True, dry_refused=True)
def remove(c: Context, service: str, username: str, everywhere: bool = False) -> None:
    """Remove a value from your keyring; the host has it until secrets.rotate."""
    for entries in map(Entries, c.hosts):
        gone = secret_consent.given(
            partial(entries.remove, service, username, everywhere=everywhere)
        )
        said = "removed from" if gone else "was not in"
        console.say(f"{entries.host}  {service}/{username} {said} {entries.store.words}")


@local(help={"yes": "Allow it without a question."}, about_hosts=True, dry_refused=True)
def allow(c: Context, yes: bool = False) -> None:
    """Let a host's address have what is kept for its name, for all hosts, or for its git server."""
    for host in c.hosts:
        app = host.declared_app
        forget_refusals(host.login)
        server = git_server.server_of(app.repo)
        secret_consent.given(Entries(host).open, yes=yes)
        secret_consent.given(sudo_password(host).read, yes=yes)
        if server and server.scheme == "https":
            secret_consent.given(git_token(host, server.place).read, yes=yes)
        console.say(f"{host.name}  {host.login} may have what is kept for it")


@local(
    name="import",
    help={"file": "The .env file; remove it afterwards.", "everywhere": _ENTRY["everywhere"]},
    about_hosts=True,
    dry_refused=True,
)
def import_(c: Context, file: str, everywhere: bool = False) -> None:
    """Keep the values of a .env file as the entries that hosts.toml names."""
    values = dotenv.read(Path(file))
    for entries in map(Entries, c.hosts):
        known = entries.by_variable()
        for variable, value in values.items():
            if variable in known:
                entries.must_be_good(str(known[variable]), value)
        for variable, value in values.items():
            if variable in known:
                entries.set(*known[variable], value, everywhere=everywhere)
            found = known.get(variable, "left out: no entry of hosts.toml is called so")
            console.say(f"{entries.host}  {variable} → {found}")


@question(name="list")
def list_(host: Host) -> Resources:
    """List the entries that the app needs: which are here, which are live; no values."""
    app = host.declared_app
    yield SecretList(app.entries)


@step
def push(host: Host) -> Resources:
    """Bring the app's secrets to the host, for its service alone; a release uses them."""
    yield from release.users(host)
    yield from release.credential(host)


@question()
def diff(host: Host) -> Resources:
    """Show which secrets the host does not have as they are here (exit 2), by marks."""
    yield from release.credential(host)


@operation(parallel=False)
def rotate(host: Host) -> Resources:
    """Bring the secrets to the host, and cut the app over to processes that have them."""
    yield from release.live(host)


def _asked(name: str) -> str:
    """Return the value as it was typed, or from the standard input without its last line's end."""
    if not sys.stdin.isatty():
        try:
            return sys.stdin.buffer.read().decode("utf-8").removesuffix("\n")
        except UnicodeDecodeError:
            raise UsageError(f"{name}: the value is not UTF-8") from None
    value = getpass(f"{name}: ")
    if getpass("once more: ") != value:
        raise UsageError(f"{name}: these were two different values", next="type it again")
    return value


def _say_kept(entries: Entries, name: str) -> None:
    console.say(f"{entries.host}  {name} is in {entries.store.words}")
    if name not in entries.needed:
        key = f'secrets = ["{name}"]'
        console.tell(f"  hosts.toml does not name it: {key} in [apps.{entries.app}] gives it to it")
    else:
        rotate = hints.as_typed("./fab secrets.rotate", entries.host)
        console.tell(f"  next  {rotate}, if the app is live already")
