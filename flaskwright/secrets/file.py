"""Entries in a file of the operator's own."""

from __future__ import annotations

import json
import os
import shlex
import stat
import tempfile
from pathlib import Path

from ..errors import Unreachable, UsageError
from .store import Entry, Store


class File(Store):
    """A file of JSON, {SERVICE: {USERNAME: value}}, that nobody but its owner may read."""

    def __init__(self, path: Path, host: str) -> None:
        self.path = path
        self.host = host
        self.words = str(path)

    def read(self, entry: Entry) -> str | None:
        """Return what the file has."""
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
        try:
            with open(self.path, encoding="utf-8", opener=_without_waiting) as file:
                self._must_be_private(os.fstat(file.fileno()))
                found = json.load(file)
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise Unreachable(f"cannot read {self.path}", why=f"{error.strerror}.") from None
        except ValueError:
            raise self._malformed() from None
        if not _is_nested_text(found):
            raise self._malformed()
        return found  # type: ignore[no-any-return]

    def _malformed(self) -> UsageError:
        """Say what the file should be, and nothing of what is in it."""
        return UsageError(
            f"{self.path} is not a file of secrets",
            why='It should be JSON of the form {"SERVICE": {"USERNAME": "value"}}.',
        )

    def _must_be_private(self, status: os.stat_result) -> None:
        if not stat.S_ISREG(status.st_mode):
            raise self._malformed()
        mode = stat.S_IMODE(status.st_mode)
        if mode & 0o077:
            raise UsageError(
                f"{self.path} is not used",
                why=f"Others may read it: its mode is {mode:04o}.",
                next=f"chmod 600 {shlex.quote(str(self.path))}, and change what was in it",
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


def _without_waiting(path: str, flags: int) -> int:
    """Open a file; of a pipe, nobody may ever write the other end."""
    return os.open(path, flags | os.O_NONBLOCK)


def _is_nested_text(found: object) -> bool:
    return isinstance(found, dict) and all(
        isinstance(values, dict) and all(isinstance(value, str) for value in values.values())
        for values in found.values()
    )
