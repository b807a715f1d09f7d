"""Entries in a .env file, as people keep one beside an app."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from . import dotenv, not_in_git
from .private_file import opened
from .store import Entry, Store, variable_of

NAMED_SO = re.compile(r"\.env(\..+)?|.+\.env")


class EnvFile(Store):
    """A file of NAME=value that nobody but its owner may read; it is read only.

    filled: the entry, SERVICE/USERNAME, that each of the app's variables is filled with: such an
    entry may stand under the variable's own name.
    """

    def __init__(self, path: Path, filled: Mapping[str, str]) -> None:
        self.path = path
        self.words = str(path)
        self._filled = filled

    def read(self, entry: Entry) -> str | None:
        """Return what the file has; an empty value is none."""
        values = self._all()
        return next(filter(None, map(values.get, self._names(entry))), None)

    def advice(self, entry: Entry) -> str:
        """Return what to write into the file for an entry."""
        return f"put {self._names(entry)[-1]}=… into {self.path}"

    def _names(self, entry: Entry) -> list[str]:
        own = [name for name, named in self._filled.items() if named == str(entry)]
        return [variable_of(entry), *own]

    def _all(self) -> dict[str, str]:
        not_in_git.must_not_be_in_git(self.path)
        with opened(self.path) as file:
            return dotenv.parsed(file.read().replace("\r\n", "\n"), self.path.name) if file else {}


def is_named_so(path: Path) -> bool:
    """Tell whether a file has the name of a .env file: `.env`, `.env.prod`, `blog.env`."""
    return bool(NAMED_SO.fullmatch(path.name))
