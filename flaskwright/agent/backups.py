"""Backups of an app's databases: /srv/APP/backups/ID, and ID.json, which says what it is.

The directory is the app's, who alone may read what is in it; the note is root's, and so is
ID.sql.gz, the dump of a MySQL database.
"""

from __future__ import annotations

import contextlib
import json
import os

from . import disk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Note = dict[str, Any]


class Backups:
    """What there is of them below `app_root`; backing.py makes them."""

    def __init__(self, app_root: str) -> None:
        self.place = os.path.join(app_root, "backups")

    def ids(self) -> list[str]:
        """Give all that are whole, the oldest first."""
        names = os.listdir(self.place) if os.path.isdir(self.place) else []
        return sorted(name[: -len(".json")] for name in names if name.endswith(".json"))

    def surplus(self, keep: int, needed: str) -> list[str]:
        """Give what can go: all but the last `keep`, and the one that is `needed`."""
        return [one for one in self.ids()[:-keep] if one != needed]

    def path(self, backup: str) -> str:
        """Give the directory of one."""
        return os.path.join(self.place, backup)

    def dump(self, backup: str) -> str:
        """Give the file of one for a MySQL database, which most have none of."""
        return self.path(backup) + ".sql.gz"

    def note(self, backup: str) -> Note:
        """Give what one says of itself; empty where it is not there."""
        data = disk.read(self.path(backup) + ".json")
        note: Note = json.loads(data.decode("utf-8")) if data else {}
        return note

    def add(self, backup: str, **more: Any) -> None:
        """Add to what one says of itself."""
        data = json.dumps({**self.note(backup), **more}).encode("ascii")
        disk.write(self.path(backup) + ".json", data, mode=0o600)

    def remove(self, backup: str) -> None:
        """Remove one, the note first: what has none is not whole."""
        disk.remove(self.path(backup) + ".json")
        with contextlib.suppress(OSError):
            disk.remove_tree(self.path(backup))
        disk.remove(self.dump(backup))
