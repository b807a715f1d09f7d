"""What a transaction has in hand, on the disk: whoever finds it there undoes it."""

from __future__ import annotations

import json
import os

from ..common.place import Place
from ..system import disk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any


def place_of(fields: Mapping[str, Any], state: str) -> Place:
    """Give the place of the app that a plan, or what is pending, is about; `state` is known.

    A plan has the app as {name, root}; what is pending, and a plan of an earlier version, is flat.
    """
    app = fields["app"]
    if isinstance(app, str):
        return Place(app, fields["app_root"], state)
    return Place(app["name"], app["root"], state)


class Pending:
    """{id, app, app_root, who, release, before, switched, …}: there from begin to commit or undo.

    It is flat: an agent of an earlier version may have to undo what this one has begun.
    """

    def __init__(self, place: Place) -> None:
        self.path = os.path.join(place.state, "pending.json")

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
