"""What a transaction has in hand, on the disk: whoever finds it there undoes it."""

from __future__ import annotations

import json
import os

from ..system import disk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Pending:
    """{id, app, app_root, who, release, before, switched, …}: there from begin to commit or undo.

    `state` is the directory of what we remember of the app.
    """

    def __init__(self, state: str) -> None:
        self.path = os.path.join(state, "pending.json")

    def read(self) -> dict[str, Any]:
        """Give the fields of the open transaction; {} where none is open."""
        data = disk.read(self.path)
        fields: dict[str, Any] = json.loads(data.decode("utf-8")) if data else {}
        return fields

    def open(self, **fields: Any) -> None:
        """Note that a transaction is open, with these fields and none of an earlier one."""
        self._write(fields)

    def note(self, **fields: Any) -> None:
        """Add fields to the note of the open transaction, and sync it to the disk."""
        self._write({**self.read(), **fields})

    def clear(self) -> None:
        """Remove the note: no transaction is open from here on."""
        disk.remove(self.path)

    def _write(self, fields: dict[str, Any]) -> None:
        disk.write(self.path, json.dumps(fields).encode("ascii"), mode=0o600)
