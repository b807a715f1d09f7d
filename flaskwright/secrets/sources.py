"""Where the operator keeps an app's entries: keyring, environment, file, or another program."""

from __future__ import annotations

import os
import shlex
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from ..config.env import fill
from ..errors import Unreachable, UsageError
from .dotenv_source import EnvFile, is_named_so
from .file_source import File
from .store import Entry, Store, variable_of

if TYPE_CHECKING:
    from ..inventory import Host

PATIENCE = 60  # seconds for a program that may ask for a passphrase


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
    """A program that prints a value, run beside hosts.toml; one that fails has none."""

    def __init__(self, command: str, host: Host) -> None:
        self.argv = shlex.split(command)
        self.given = {"host": host.name, "app": host.declared_app.name}
        self.place = host.file.path.parent if host.file else None
        self.words = f"`{self.argv[0]}`"

    def read(self, entry: Entry) -> str | None:
        """Return what the program prints, without the last line's end."""
        argv = self._filled(entry)
        try:
            done = subprocess.run(
                argv,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=PATIENCE,
                cwd=self.place,
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


class Shut(Store):
    """A place that stays shut: the hosts.toml that leads there is not trusted."""

    def __init__(self, store: Store, refusal: UsageError) -> None:
        self.words = store.words
        self._store = store
        self._refusal = refusal

    def read(self, entry: Entry) -> NoReturn:
        """Raise UsageError: the source may not be opened."""
        raise self._refusal

    def write(self, entry: Entry, value: str, everywhere: bool) -> NoReturn:
        """Raise UsageError: the source may not be opened."""
        raise self._refusal

    def remove(self, entry: Entry, everywhere: bool) -> NoReturn:
        """Raise UsageError: the source may not be opened."""
        raise self._refusal

    def advice(self, entry: Entry) -> str:
        """Return what to do so that the entry is here."""
        return self._store.advice(entry)


def store_of(host: Host) -> Store:
    """Return where the entries of a host's app are kept."""
    from .keyring_source import Keyring

    return _trusted(host, _named(host) or Keyring(host, host.declared_app.name))


def own_store_of(host: Host, username: str) -> Store:
    """Return where the operator's own passwords for a host are kept: `sudo`, or `git`."""
    from .keyring_source import Sudo, Token

    return _trusted(host, _named(host) or (Sudo(host) if username == "sudo" else Token(host)))


def _trusted(host: Host, store: Store) -> Store:
    key = f"hosts.{host.name}.keyring" if _named(host) else f"hosts.{host.name}"
    does = f"open {store.words} for {host.login}"
    refusal = host.file.refusal(key, does) if host.file else None
    return Shut(store, refusal) if refusal else store


def _named(host: Host) -> Store | None:
    """Return the source that hosts.toml names, if it does."""
    source = host.keyring
    if source and source.environment:
        return Environment(source.environment)
    if source and source.file:
        path = Path(source.file)
        filled = host.app.filled if host.app else {}
        return EnvFile(path, filled) if is_named_so(path) else File(path, host.name)
    if source and source.command:
        return Command(source.command, host)
    return None
