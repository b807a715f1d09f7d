"""Where the operator keeps an app's entries: keyring, environment, file, or another program."""

from __future__ import annotations

import os
import shlex
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from ..config.env import fill
from ..errors import Unreachable
from . import system
from .file import File
from .store import Entry, Store, variable_of

if TYPE_CHECKING:
    from ..inventory import Host

PATIENCE = 60  # seconds for a program that may ask for a passphrase
UNASKED = "for sudo: --prompt-for-sudo-password, or sudo without a password on the host"
ELSEWHERE = "name another source in hosts.toml, `keyring` of the host; docs/secrets.md has them"


class Keyring(Store):
    """The keyring of this machine: entries of the app on this host, then those of the app."""

    words = "your keyring"

    def __init__(self, host: str, app: str) -> None:
        self.host = host
        self.services = (f"flaskwright/{host}/{app}/", f"flaskwright/{app}/")

    def read(self, entry: Entry) -> str | None:
        """Return the host's own value, else that of all hosts."""
        for place in self.services:
            value = system.read(place + entry.service, entry.username, ELSEWHERE)
            if value is not None:
                return value
        return None

    def write(self, entry: Entry, value: str, everywhere: bool) -> None:
        """Keep a value."""
        service = self.services[everywhere] + entry.service
        system.write(service, entry.username, value, ELSEWHERE)

    def remove(self, entry: Entry, everywhere: bool) -> bool:
        """Remove a value."""
        service = self.services[everywhere] + entry.service
        return system.remove(service, entry.username, ELSEWHERE)

    def advice(self, entry: Entry) -> str:
        """Return the command that sets it."""
        return f"./fab -H {self.host} secrets.set {shlex.join(entry)}"


class Environment(Store):
    """Variables of this process, for a CI that has them from its own vault."""

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix
        self.words = f"the variables {prefix}…"

    def read(self, entry: Entry) -> str | None:
        """Return the variable; an empty one is none."""
        return os.environ.get(self.variable(entry)) or None

    def variable(self, entry: Entry) -> str:
        """Return the variable's name."""
        return self.prefix + variable_of(entry)

    def advice(self, entry: Entry) -> str:
        """Return the variable to set."""
        return f"set the variable {self.variable(entry)}"


class Command(Store):
    """A program that prints a value; one that fails has none."""

    def __init__(self, command: str, host: str, app: str) -> None:
        self.argv = shlex.split(command)
        self.given = {"host": host, "app": app}
        self.words = f"`{self.argv[0]}`"

    def read(self, entry: Entry) -> str | None:
        """Return what the program prints, without the last line's end."""
        argv = self._filled(entry)
        try:
            done = subprocess.run(
                argv, stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            reason = getattr(error, "strerror", None) or f"It took more than {PATIENCE} s"
            raise Unreachable(f"cannot run {argv[0]} for {entry}", why=f"{reason}.") from None
        if done.returncode:
            return None
        return done.stdout.decode("utf-8", "surrogateescape").removesuffix("\n") or None

    def advice(self, entry: Entry) -> str:
        """Return the command that should print it."""
        return f"have this print it: {shlex.join(self._filled(entry))}"

    def _filled(self, entry: Entry) -> list[str]:
        return [fill(word, {**self.given, **entry._asdict()}) for word in self.argv]


class Drawer(Store):
    """The keyring of this machine, for what is the operator's own, under the names as they are."""

    words = Keyring.words

    def read(self, entry: Entry) -> str | None:
        """Return what is there."""
        return system.read(entry.service, entry.username, UNASKED)

    def advice(self, entry: Entry) -> str:
        """Return the command that sets it."""
        return f"keyring set {shlex.join(entry)}"


def store_of(host: Host) -> Store:
    """Return where the entries of a host's app are kept."""
    return _named(host) or Keyring(host.name, host.declared_app.name)


def own_store_of(host: Host) -> Store:
    """Return where the operator's own passwords for a host are kept."""
    return _named(host) or Drawer()


def _named(host: Host) -> Store | None:
    """Return the source that hosts.toml names, if it does."""
    source = host.keyring
    if source and source.environment:
        return Environment(source.environment)
    if source and source.file:
        return File(Path(source.file), host.name)
    if source and source.command:
        return Command(source.command, host.name, host.declared_app.name)
    return None
