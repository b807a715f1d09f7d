"""Rules that more than one key of hosts.toml takes part in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import combinations

from flaskwright.agent.common.place import place_above

from . import mysql
from .did_you_mean import no_such
from .env import placeholders
from .keys import AppTable, HostTable, Top
from .problems import Place
from .table import Key, declared
from .tls import Tls

Broken = Iterator[tuple[tuple[str, ...], str]]
LATER = "not yet in this version"
LOCATED = ("address", "user", "port")
SOURCES = ("environment", "file", "command")


def check(top: Top, place: Place) -> None:
    """Complain about what breaks a rule; keys that are wrong themselves are left out of it."""
    for rule in (_default, _groups, _unused, _static, _shared, _permissions, _hosts, _machines):
        for where, message in rule(top):
            place.child(*where).complain(message)


def split(names: str) -> list[str]:
    """Return the names of a comma list."""
    return [name for name in map(str.strip, names.split(",")) if name]


def _default(top: Top) -> Broken:
    if not top.hosts:
        yield ("hosts",), "no host yet: a table [hosts.NAME] is needed"
        return
    known = [*top.hosts, *top.groups]
    for name in split(top.default or ""):
        if name not in known:
            yield ("default",), no_such("host or group", name, known)


def _groups(top: Top) -> Broken:
    for group, members in top.groups.items():
        if group in top.hosts:
            yield ("groups", group), "a host has this name too"
        if not members:
            yield ("groups", group), "names no host"
        for member in members:
            if member not in top.hosts:
                yield ("groups", group), no_such("host", member, top.hosts)


def _unused(top: Top) -> Broken:
    """Refuse what this version, or the host's guide, would silently leave out."""
    for name, app in top.apps.items():
        for key in filter(lambda key: key.later, _given(app)):
            yield ("apps", name, key.name), LATER
    for name, host in top.hosts.items():
        for key in _given(host):
            if key.guides and host.guide and host.guide not in key.guides:
                used = f"the guide {host.guide} has none; used by {', '.join(key.guides)}"
                yield ("hosts", name, key.name), used
            elif key.later:
                yield ("hosts", name, key.name), LATER


def _given(table: AppTable | HostTable) -> Iterator[Key]:
    for key in declared(type(table)):
        if getattr(table, key.name) not in (None, key.default):
            yield key


def _static(top: Top) -> Broken:
    for name, app in top.apps.items():
        for url, path in app.static.items():
            if url.endswith("/") != path.endswith("/"):
                yield (
                    ("apps", name, "static", url),
                    f'"/" ends both for a directory and neither for a file; this leads to "{path}"',
                )


def _shared(top: Top) -> Broken:
    for name, app in top.apps.items():
        paths = sorted(f"{path.rstrip('/')}/" for path in app.shared)
        for outer, inner in combinations(paths, 2):
            if inner.startswith(outer):
                yield ("apps", name, "shared"), f'"{inner[:-1]}" is in "{outer[:-1]}" already'


def _permissions(top: Top) -> Broken:
    for name, app in top.apps.items():
        paths = app.permissions.write if app.permissions else ()
        where = ("apps", name, "permissions", "write")
        for path in paths:
            other = place_above(path)
            if other and other.name in top.apps:
                yield where, f'"{path}" is in the tree of the app {other.name}'
        for outer, inner in combinations(sorted(paths), 2):
            if inner.startswith(f"{outer}/"):
                yield where, f'"{inner}" is in "{outer}" already'


def _hosts(top: Top) -> Broken:
    for name, host in top.hosts.items():
        for rule in (_address, _app, _aliases, _certificate, _keyring):
            for key, message in rule(host, top):
                yield ("hosts", name, key), message


def _address(host: HostTable, top: Top) -> Iterator[tuple[str, str]]:
    if host.sandbox is None and host.address == "":
        yield "address", "missing; should be how ssh reaches the host"
    for key in LOCATED if host.sandbox else ():
        if getattr(host, key):
            yield key, "a sandbox has its own; leave it out"


def _app(host: HostTable, top: Top) -> Iterator[tuple[str, str]]:
    if host.app is None:
        return
    if host.app not in top.apps:
        yield "app", no_such("app", host.app, top.apps)
        return
    for key, value in _filled(top.apps[host.app]):
        if host.domain is None and "domain" in placeholders(value):
            yield "domain", f"missing; apps.{host.app}.{key} holds {{domain}}"


def _filled(app: AppTable) -> Iterator[tuple[str, str]]:
    """Yield all of an app in which names in braces are filled, each with its key."""
    yield from ((f"env.{variable}", value) for variable, value in app.env.items())
    yield "migrate", app.migrate or ""
    for name in ("before_switch", "after_commit"):
        yield f"hooks.{name}", getattr(app.hooks, name, None) or ""


def _aliases(host: HostTable, top: Top) -> Iterator[tuple[str, str]]:
    if host.aliases and host.domain is None:
        yield "aliases", "need a domain that they lead to"
    if host.domain in host.aliases:
        yield "aliases", f'"{host.domain}" is the domain itself'


def _certificate(host: HostTable, top: Top) -> Iterator[tuple[str, str]]:
    for key, wanted in (("acme", host.acme), ("tls", host.tls)):
        if host.domain is None and wanted not in (None, Tls(), Tls(off=True)):
            yield key, "needs a domain to get a certificate for"


def _keyring(host: HostTable, top: Top) -> Iterator[tuple[str, str]]:
    given = [name for name in SOURCES if getattr(host.keyring, name, None)]
    if len(given) > 1:
        yield "keyring", f"should name one source; this has {' and '.join(given)}"


def _machines(top: Top) -> Broken:
    """Yield what two hosts at one address may not both have."""
    machines: dict[tuple[str, int], list[str]] = defaultdict(list)
    for name, host in top.hosts.items():
        if host.address:
            machines[host.address.lower(), host.port or 22].append(name)
    for names in machines.values():
        for first, second in combinations(names, 2):
            for key, message in _clash(top.hosts[first], top.hosts[second]):
                yield ("hosts", second, key), f"{message} hosts.{first}, at the same address"


def _clash(one: HostTable, other: HostTable) -> Iterator[tuple[str, str]]:
    if one.app is not None and one.app == other.app:
        yield "app", f'"{other.app}" is the app of'
    if one.domain is None and other.domain is None:
        yield "domain", "missing; so is that of"
    if _is_https(one) and _is_https(other) and _dhparam(one) != _dhparam(other):
        yield "tls", "dhparam differs from that of"
    if one.mysql and other.mysql and one.app and other.app:
        yield from _one_database(one, other)
    shared = {one.domain, *one.aliases} & {other.domain, *other.aliases} - {None}
    for name in sorted(filter(None, shared)):
        key = "domain" if name == other.domain else "aliases"
        yield key, f'"{name}" belongs to'


def _is_https(host: HostTable) -> bool:
    return host.domain is not None and not (host.tls and host.tls.off)


def _dhparam(host: HostTable) -> str | None:
    return host.tls.dhparam if host.tls else None


def _one_database(one: HostTable, other: HostTable) -> Iterator[tuple[str, str]]:
    """Yield what two apps may not share on one server: each one's password is its own."""
    for key in ("database", "user"):
        names = [mysql.name(getattr(host.mysql, key), host.app) for host in (one, other)]
        if names[0] == names[1]:
            yield "mysql", f'"{names[0]}" is the {key} of'
