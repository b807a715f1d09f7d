"""Entries in a file of the operator's own."""

from __future__ import annotations

import json
import os
import shlex
import tempfile
from pathlib import Path

from ..errors import UsageError
from . import not_in_git
from .private_file import opened
from .store import Entry, Store


class File(Store):
    """A file of JSON, {SERVICE: {USERNAME: value}}, that nobody but its owner may read."""

    def __init__(self, path: Path, host: str) -> None:
        self.path = path
        self.host = host
        self.words = str(path)

    def read(self, entry: Entry) -> str | None:
        """Return the file's value for an entry; None where it has none."""
        return self._all().get(entry.service, {}).get(entry.username)

    def write(self, entry: Entry, value: str, everywhere: bool) -> None:
        """Put a value into the file, which is made if need be."""
        entries = self._all()
        entries.setdefault(entry.service, {})[entry.username] = value
        self._save(entries)

    def remove(self, entry: Entry, everywhere: bool) -> bool:
        """Take a value out of the file."""
        entries = self._all()
        was_there = entries.get(entry.service, {}).pop(entry.username, None) is not None
        if was_there:
            self._save({service: values for service, values in entries.items() if values})
        return was_there

    def advice(self, entry: Entry) -> str:
        """Return the command that sets it; it takes no entry of the operator's own."""
        if "/" in entry.service:
            text = json.dumps({entry.service: {entry.username: "PASSWORD"}})
            return f"put {text} into {self.path}"
        return f"./fab -H {self.host} secrets.set {shlex.join(entry)}"

    def _all(self) -> dict[str, dict[str, str]]:
        not_in_git.must_not_be_in_git(self.path)
        try:
            with opened(self.path) as file:
                found = json.load(file) if file else {}
        except ValueError:
            raise self._malformed() from None
        if not _is_nested_text(found):
            raise self._malformed()
        return found

    def _malformed(self) -> UsageError:
        """Say what the file should be, and nothing of what is in it."""
        return UsageError(
            f"{self.path} is not a file of secrets",
            why='It should be JSON of the form {"SERVICE": {"USERNAME": "value"}}.',
        )

    def _save(self, entries: dict[str, dict[str, str]]) -> None:
        descriptor, draft = tempfile.mkstemp(dir=self.path.parent, prefix=f".{self.path.name}.")
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                json.dump(entries, file, ensure_ascii=False, indent=2)
                file.write("\n")
                file.flush()
                os.fsync(file.fileno())
            Path(draft).replace(self.path)
        except BaseException:
            Path(draft).unlink()
            raise


def _is_nested_text(found: object) -> bool:
    return isinstance(found, dict) and all(
        isinstance(values, dict) and all(isinstance(value, str) for value in values.values())
        for values in found.values()
    )
