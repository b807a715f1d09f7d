"""Throw-away hosts on this machine: those of hosts.toml with a `sandbox` table."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

from invoke import Context

from flaskwright import (
    Host,
    Unreachable,
    local,
    made_by,
)
from flaskwright.config.tls import LETS_ENCRYPT, Acme
from flaskwright.report import console

if TYPE_CHECKING:
    import sandbox

NAME = {"name": "Name of the sandbox host (default: sandbox)."}


@local(help={**NAME, "suite": "bookworm, trixie or bullseye."})
def up(c: Context, name: str = "sandbox", suite: str = "bookworm") -> None:
    """Build the image if need be, and boot a throw-away host."""
    import sandbox

    _show(sandbox.up(name, suite, progress=console.tell))


@local(
    help={
        "name": "Name of one host (default: every host).",
        "all": "Remove images and layers too.",
    }
)
def down(c: Context, name: str = "", all: bool = False) -> None:
    """Remove throw-away hosts and, with the last, the network; images stay."""
    import sandbox

    if all:
        sandbox.purge(progress=console.tell)
    elif name:
        sandbox.down(name, progress=console.tell)
    else:
        sandbox.down_all(progress=console.tell)


@local()
def status(c: Context) -> None:
    """List the throw-away hosts."""
    import sandbox

    hosts = sandbox.status()
    rows = [(host.name, host.suite, host.address, _state(host)) for host in hosts]
    console.table([("name", "suite", "address", "state"), *rows])


@local(help=NAME)
def ssh(c: Context, name: str = "sandbox") -> None:
    """Log in to a throw-away host."""
    argv = _running(name).ssh
    os.execvp(argv[0], argv)  # noqa: S606 - the person's terminal becomes ssh


@local(help=NAME)
def reset(c: Context, name: str = "sandbox") -> None:
    """Make a throw-away host pristine again."""
    import sandbox

    _show(sandbox.reset(name, progress=console.tell))


@made_by
def provide(host: Host, make: bool) -> Host:
    """Fill in where the throw-away host of that name is; boot it first if `make` says so."""
    if host.sandbox is None:
        return host
    import sandbox

    if make:
        _must_be_wanted(host)
        found = sandbox.up(host.name, host.sandbox.suite, names=_names(host), progress=console.tell)
    else:
        found = _running(host.name, host.sandbox.suite)
    host = replace(
        host,
        address=found.address,
        user=found.user,
        port=found.port,
        identity=found.identity,
        known_hosts=found.known_hosts,
    )
    elsewhere = host.acme is not None and host.acme.server != LETS_ENCRYPT
    return _certified(host, make) if host.site.https and not elsewhere else host


def _must_be_wanted(host: Host) -> None:
    """Raise UsageError where a hosts.toml that is not trusted would have a host booted here."""
    import sandbox

    is_up = any(each.name == host.name and each.running for each in sandbox.status())
    if host.file and not is_up:
        key = f"hosts.{host.name}.sandbox"
        host.file.must_be_trusted(key, "boot a throw-away host on this machine, as root")


def _certified(host: Host, make: bool) -> Host:
    """Give the host the certificate authority beside it: no other could reach it."""
    import sandbox

    authority = sandbox.certify(host.name, progress=console.tell) if make else sandbox.acme()
    profile = host.acme.profile if host.acme else None
    acme = Acme(server=authority.server, profile=profile)
    return replace(host, acme=acme, authority=authority.ca, roots=authority.roots)


def _names(host: Host) -> tuple[str, ...]:
    return tuple(filter(None, (host.site.domain, *host.site.aliases)))


def _running(name: str, suite: str = "") -> sandbox.SandboxHost:
    import sandbox

    for host in sandbox.status():
        if host.name == name and host.running:
            return host
    advice = f"./fab sandbox.up --name {name}" + (f" --suite {suite}" if suite else "")
    raise Unreachable(f"the sandbox {name} is not up", next=advice)


def _state(host: sandbox.SandboxHost) -> str:
    return "up" if host.ready else "booting" if host.running else "off"


def _show(host: sandbox.SandboxHost) -> None:
    console.say(f"{host.name}  {host.suite}  {host.user}@{host.address}  {_state(host)}")
