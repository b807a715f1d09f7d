"""What every place of entries has in common."""

from __future__ import annotations

import re
from typing import NamedTuple, NoReturn

from ..errors import UsageError


class Entry(NamedTuple):
    """The two names of an entry."""

    service: str
    username: str

    @classmethod
    def named(cls, name: str) -> Entry:
        """Return the entry that hosts.toml writes as SERVICE/USERNAME."""
        service, _, username = name.partition("/")
        return cls(service, username)

    def __str__(self) -> str:
        return f"{self.service}/{self.username}"


def variable_of(entry: Entry) -> str:
    """Return the name of a variable for an entry: "_" for all that is no letter or digit."""
    return re.sub("[^A-Z0-9]", "_", f"{entry.service}_{entry.username}".upper())


class Store:
    """A place of entries; `words` names it in a sentence."""

    words: str

    def read(self, entry: Entry) -> str | None:
        """Return a value, None when there is none; raises Unreachable, or UsageError."""
        raise NotImplementedError

    def write(self, entry: Entry, value: str, everywhere: bool) -> None:
        """Keep a value, for this host or, `everywhere`, as what hosts without one have."""
        self._read_only(entry)

    def remove(self, entry: Entry, everywhere: bool) -> bool:
        """Remove a value; False when there was none."""
        self._read_only(entry)

    def advice(self, entry: Entry) -> str:
        """Return what to do so that the entry is here."""
        raise NotImplementedError

    def _read_only(self, entry: Entry) -> NoReturn:
        raise UsageError(
            f"{entry} cannot be changed from here",
            why=f"hosts.toml says that it comes from {self.words}.",
            next=self.advice(entry),
        )
