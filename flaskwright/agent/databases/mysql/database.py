"""The app's MySQL database beside its SQLite ones: backed up, compared and put back by root."""

from __future__ import annotations

import os

from ...engine.errors import Failed
from ..backups import Backing
from . import dump as mysql_dump
from .client import rows

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ...engine.run import Run
    from ..backups import Changes
    from ..writers import Writers
    from .dump import Objects


PREFIX = "mysql:"
SESSIONS = """
SELECT count(*) FROM information_schema.processlist
  WHERE id <> connection_id() AND user NOT IN ('system user', 'event_scheduler');
"""
RUNS = "the app runs on, and nobody counts what it writes into MySQL"
CONNECTED = "somebody else is connected to the MySQL server"


class MysqlBacking(Backing):
    """The dump lies beside the note and is root's: what is in it is run with root's rights."""

    def __init__(self, run: Run, database: str) -> None:
        super().__init__(run)
        self.database = database
        self.name = PREFIX + database

    def copy(self, backup: str) -> dict[str, Any]:
        """Copy SQLite files and the MySQL database; gives names and sizes; raises Failed."""
        taken = super().copy(backup)
        objects = mysql_dump.dump(self.database, self.dump(backup))
        sizes = {**taken["databases"], self.name: os.stat(self.dump(backup)).st_size}
        return {**taken, "databases": sizes, "objects": objects}

    def compare(self, backup: str) -> Changes:
        """Compare the MySQL database too, where the backup has one; gives what differs."""
        changes = super().compare(backup)
        if self.differences(backup):
            changes["changed"].append(self.name)
        return changes

    def restore(self, backup: str, names: list[str], made: list[str]) -> None:
        """Put back the databases of `names`, MySQL's by its dump; raises Failed."""
        super().restore(backup, [name for name in names if name != self.name], made)
        if self.name in names:
            mysql_dump.load(self.dump(backup), self.note(backup)["objects"])
            if self.differences(backup):
                raise Failed("%s differs from its backup again" % self.name)

    def doubt(self, changes: Changes, writers: Writers) -> str:
        """Say why somebody else may have written: an app that runs, and whoever is connected.

        MySQL does not tell who has written, so it takes that nobody was there.
        """
        if self.name not in changes["changed"]:
            return ""
        if writers.are_there():
            return RUNS
        return CONNECTED if rows(self.run, SESSIONS) != [["0"]] else ""

    def differences(self, backup: str) -> list[str]:
        """Say what is not as in the backup, object by object; nothing where it has no dump."""
        note = self.note(backup)
        if self.name not in note["databases"]:
            return []
        return differences(note["objects"], mysql_dump.look(self.database))


def differences(before: Objects, now: Objects) -> list[str]:
    """Say of each object what became of it; of one that has another form its rows do not count."""
    said = []
    for name in sorted({*before, *now}):
        old, new = before.get(name), now.get(name)
        if old is None or new is None:
            said.append("%s: %s" % (name, "new" if old is None else "gone"))
        elif old != new:
            said.append("%s: %s" % (name, "other rows" if old[0] == new[0] else "another form"))
    return said
