"""The keyring of this machine, where each entry belongs to the address that it was set for.

A host's name is nothing to go by: any hosts.toml can take it. What earlier versions kept under the
name, and what was set for another address of a host of that name, is had once the operator has
said so; so are entries for all hosts of an app, and the token of a git server.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

from ..errors import FlaskwrightError, Unreachable
from . import keyring_library
from .addresses import (
    NotAllowed,
    Wish,
    logins_of,
    note_login,
)
from .store import Entry, Store

if TYPE_CHECKING:
    from ..inventory import Host

UNASKED = (
    "for sudo: run it at a terminal, which asks, or --prompt-for-sudo-password; or sudo without a "
    "password on the host"
)
ELSEWHERE = (
    'in [hosts.%s] of hosts.toml: keyring = { file = "secrets.json" }, a file beside it that '
    "secrets.set then makes, for you alone; or, with a desktop: sudo apt-get install "
    "gnome-keyring, and log in anew; docs/secrets.md has other sources"
)


class Drawer:
    """One host's part of the keyring: what is kept below `flaskwright/LOGIN`, and `below` that."""

    def __init__(self, host: Host, below: str, advice: str) -> None:
        self.host, self.login, self.declared = host.name, host.login, host.declared
        self.below = below
        self.advice = advice

    def service(self, owner: str, name: str = "") -> str:
        """Return the keyring's service of an owner's entry: of a login, or of a name as before."""
        return f"flaskwright/{owner}{self.below}{name}"

    def read(self, name: str, username: str) -> str | None:
        """Return the login's own value, else one that it may have; raises NotAllowed."""
        value = self._at(self.login, name, username)
        if value is not None:
            self._note()
            return value
        for wish in self._wishes():
            value = self._at(wish.owner, name, username)
            if value is not None:
                return self._inherited(wish, name, username, value)
        return None

    def write(self, name: str, username: str, value: str) -> None:
        """Keep a value as the login's own."""
        keyring_library.write(self.service(self.login, name), username, value, self.advice)
        self._note()

    def remove(self, name: str, username: str) -> bool:
        """Remove the login's own value; False when there was none."""
        return keyring_library.remove(self.service(self.login, name), username, self.advice)

    def _at(self, owner: str, name: str, username: str) -> str | None:
        return keyring_library.read(self.service(owner, name), username, self.advice)

    def _wishes(self) -> Iterator[Wish]:
        """Yield whose the entry may have been: the host's name's, and another address of that."""
        for owner in (self.host, *logins_of(self.host)):
            wish = Wish(self.login, owner)
            if owner != self.login and not wish.refused:
                yield wish

    def _inherited(self, wish: Wish, name: str, username: str, value: str) -> str:
        """Return another one's value, once it may be had, and keep it as the login's own."""
        service = self.service(wish.owner, name)
        if not wish.allowed:
            question = f"your keyring has {username} of {service}: is it for {self.login}?"
            raise NotAllowed(self.host if self.declared else "", question, value, wish)
        with suppress(Unreachable):  # a keyring that is read only: the value is good all the same
            self.write(name, username, value)
            if wish.owner == self.host and self._at(self.login, name, username) == value:
                keyring_library.remove(service, username, self.advice)
        return value

    def _note(self) -> None:
        """Remember the address of a host of that name, for when it gets another one."""
        with suppress(FlaskwrightError):
            note_login(self.host, self.login)


class Keyring(Store):
    """Entries of the app on this host, then those of the app on all hosts."""

    words = "your keyring"

    def __init__(self, host: Host, app: str) -> None:
        self.host, self.app = host.name, app
        self.wish = Wish(host.login, f"app:{app}")
        self.elsewhere = ELSEWHERE % host.name
        self.own = Drawer(host, f"/{app}/", self.elsewhere)

    def read(self, entry: Entry) -> str | None:
        """Return the host's own value, else that of all hosts; raises NotAllowed."""
        value = self.own.read(*entry)
        return self._of_all(entry) if value is None else value

    def write(self, entry: Entry, value: str, everywhere: bool) -> None:
        """Keep a value: for every address, or as this login's own."""
        if everywhere:
            keyring_library.write(self._for_all(entry), entry.username, value, self.elsewhere)
            self.wish.answer(yes=True)
        else:
            self.own.write(*entry, value)

    def remove(self, entry: Entry, everywhere: bool) -> bool:
        """Remove a value, also one that is under the host's name still; raises NotAllowed."""
        if everywhere:
            return keyring_library.remove(self._for_all(entry), entry.username, self.elsewhere)
        self.own.read(*entry)
        return self.own.remove(*entry)

    def advice(self, entry: Entry) -> str:
        """Return the command that sets it."""
        return f"./fab -H {self.host} secrets.set {shlex.join(entry)}"

    def _for_all(self, entry: Entry) -> str:
        return f"flaskwright/{self.app}/{entry.service}"

    def _of_all(self, entry: Entry) -> str | None:
        value = keyring_library.read(self._for_all(entry), entry.username, self.elsewhere)
        if value is None or self.wish.allowed:
            return value
        if self.wish.refused:
            return None
        kept = f"your keyring has {entry} for every host of {self.app}"
        raise NotAllowed(self.host, f"{kept}: may {self.wish.login} have it?", value, self.wish)


class Sudo(Store):
    """The password that sudo asks for where a host is logged in to."""

    words = Keyring.words

    def __init__(self, host: Host) -> None:
        self.drawer = Drawer(host, "", UNASKED)

    def read(self, entry: Entry) -> str | None:
        """Return sudo's password for the login; None: none is kept. Raises NotAllowed."""
        return self.drawer.read("", entry.username)

    def advice(self, entry: Entry) -> str:
        """Return the `keyring set` line that keeps sudo's password."""
        return f"keyring set {shlex.quote(self.drawer.service(self.drawer.login))} {entry.username}"


class Token(Store):
    """The token of a git server, which is for no host but those that may have it."""

    words = Keyring.words

    def __init__(self, host: Host) -> None:
        self.host, self.login = host.name, host.login

    def read(self, entry: Entry) -> str | None:
        """Return a git server's token; None: none, or refused. Raises NotAllowed: to be asked."""
        value = keyring_library.read(entry.service, entry.username, UNASKED)
        server = entry.service.partition("/")[2]
        wish = Wish(self.login, f"git:{server}")
        if value is None or wish.allowed:
            return value
        if wish.refused:
            return None
        kept = f"your keyring has a token for {server}"
        raise NotAllowed(self.host, f"{kept}: may {self.login} have it?", value, wish)

    def advice(self, entry: Entry) -> str:
        """Return the command that sets it."""
        return f"keyring set {shlex.join(entry)}"
