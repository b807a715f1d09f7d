"""An app's entries on one host: which it needs, what is here of them, and what they are told by."""

from __future__ import annotations

import json
import re
import secrets
import string
from typing import TYPE_CHECKING

from ..agent.common.marks import mark
from ..config.names import ENTRY
from ..errors import FlaskwrightError, UsageError
from .addresses import NotAllowed
from .redactor import redact
from .sources import store_of
from .store import Entry, variable_of

if TYPE_CHECKING:
    from ..inventory import Host

SHORTEST = 6  # characters of a secret; to hide less would blot out ordinary words
LONGEST = 65_536  # bytes; systemd takes a megabyte for all of them
GENERATED = 32  # characters, of 62: 190 bits


class Entries:
    """What this machine knows of the entries of a host's app; each value is read once, and hidden.

    Raises UsageError for a host that runs no app.
    """

    def __init__(self, host: Host) -> None:
        app = host.declared_app
        self.host = host.name
        self.app = app.name
        self.needed = app.entries
        self.filled = app.filled
        self.plain = frozenset(app.plain)
        self.store = store_of(host)
        self._values: dict[str, str | None] = {}

    def get(self, service: str, username: str) -> str | None:
        """Return a value, None when there is none; raises Unreachable where it cannot be read."""
        return self.value(str(Entry(service, username)))

    def set(self, service: str, username: str, value: str, *, everywhere: bool = False) -> None:
        """Keep a value for the app on this host; `everywhere`: on each that has none of its own.

        Raises UsageError for what cannot be kept, or cannot be hidden.
        """
        name = str(Entry(service, username))
        if not re.fullmatch(ENTRY.pattern, name):
            raise UsageError(f"{name!r} should be {ENTRY.words}")
        self._hide(name, value)
        self.must_be_good(name, value)
        self.store.write(Entry(service, username), value, everywhere)
        self._values.pop(name, None)

    def suppose(self, service: str, username: str, value: str) -> None:
        """Take a value as the one that is there, for as long as this lasts: for a rehearsal."""
        self._values[str(Entry(service, username))] = value

    def generate(self, service: str, username: str, *, everywhere: bool = False) -> str:
        """Return the value that is there, or make one of letters and digits, and keep it."""
        value = self.get(service, username)
        if value is None:
            value = "".join(secrets.choice(_LETTERS) for _ in range(GENERATED))
            self.set(service, username, value, everywhere=everywhere)
        return value

    def remove(self, service: str, username: str, *, everywhere: bool = False) -> bool:
        """Remove a value; False when there was none."""
        self._values.pop(str(Entry(service, username)), None)
        return self.store.remove(Entry(service, username), everywhere)

    def value(self, name: str) -> str | None:
        """Return the value of SERVICE/USERNAME; from then on it is hidden in all that is shown."""
        if name not in self._values:
            value = self.store.read(Entry.named(name))
            if value is not None:
                self._hide(name, value)
            self._values[name] = value
        return self._values[name]

    def by_variable(self) -> dict[str, Entry]:
        """Return each needed entry under the names that a file of variables may have for it."""
        called = {variable_of(Entry.named(name)): Entry.named(name) for name in self.needed}
        return {**called, **{name: Entry.named(entry) for name, entry in self.filled.items()}}

    def open(self) -> None:
        """Read every entry that the app needs, as far as it is here.

        Raises NotAllowed for what is not for this host's address yet, and UsageError where
        hosts.toml is not trusted.
        """
        for name in self.needed:
            self.value(name)

    def must_be_whole(self) -> None:
        """Raise UsageError unless every entry that the app needs is here, and can be hidden."""
        missing = [name for name in self.needed if self.value(name) is None]
        if missing:
            raise self._missing(missing)
        for name, value in self._here().items():
            self.must_be_good(name, value)

    def must_be_good(self, name: str, value: str) -> None:
        """Raise UsageError for a value that could not be kept from being shown, or not travel."""
        if len(value) < SHORTEST and name not in self.plain:
            raise UsageError(
                f"{name} is shorter than {SHORTEST} characters",
                why="So short a value cannot be kept out of what is shown.",
                next=f"choose a longer one; if it is no secret, name it in apps.{self.app}.plain",
            )
        if not value or "\0" in value or len(value.encode()) > LONGEST:
            raise UsageError(f"{name}: a value has 1 to {LONGEST} bytes, and no NUL")

    def hide(self) -> None:
        """Hide every secret of the app that can be read here."""
        for name in self.needed:
            try:
                self.value(name)
            except NotAllowed as kept:
                self._hide(name, kept.value)
            except FlaskwrightError:
                return

    def marks(self, key: bytes) -> bytes:
        """Return, as it travels, a mark for each needed entry that is here.

        It tells nothing to who does not have the key, which is the host's.
        """
        marks = {name: mark(key, name, value) for name, value in self._here().items()}
        return json.dumps({"marks": marks, "plain": sorted(self.plain)}).encode("ascii")

    def packed(self) -> bytes:
        """Return the needed entries as they travel."""
        entries: dict[str, dict[str, str]] = {}
        for name, value in self._here().items():
            service, username = Entry.named(name)
            entries.setdefault(service, {})[username] = value
        return json.dumps({"entries": entries, "plain": sorted(self.plain)}).encode("ascii")

    def _here(self) -> dict[str, str]:
        values = {name: self.value(name) for name in self.needed}
        return {name: value for name, value in values.items() if value is not None}

    def _hide(self, name: str, value: str) -> None:
        if not _is_text(value):
            raise UsageError(f"{name}: the value is not UTF-8")
        if name not in self.plain:
            redact.add(value)

    def _missing(self, names: list[str]) -> UsageError:
        commands = [self.store.advice(Entry.named(name)) for name in names]
        several = len(names) > 1
        them, are = ("them", "they are") if several else ("it", "it is")
        keys = ", ".join(dict.fromkeys(self.needed[name] for name in names))
        return UsageError(
            f"{self.app} on {self.host} has no {', '.join(names)}",
            why=f"hosts.toml names {them} in apps.{self.app} ({keys}), "
            f"and {are} not found in {self.store.words}.",
            log=commands if several else (),
            next=commands[0],
        )


_LETTERS = string.ascii_letters + string.digits


def _is_text(value: str) -> bool:
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
