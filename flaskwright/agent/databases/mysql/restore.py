"""Backups of an app that has a MySQL database: taken, and put back, because it was asked."""

from __future__ import annotations

from ...app.releases import Releases
from ...engine.handler import Act, handles
from ..backups import new_id
from ..restore import BackupRestore
from .database import MysqlBacking

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...engine.handler import State
    from ...engine.run import Run


@handles("mysql-backup")
class MysqlBackup(Act):
    """A backup of all databases of the app, because somebody has asked for it."""

    database: str

    def act(self) -> State:
        """Take a backup; gives its id and its databases; raises Failed."""
        backups, fresh = MysqlBacking(self.run, self.database), new_id()
        release = Releases(self.run.place).current()
        note = backups.take(fresh, release=release, why="mysql.backup")
        return {"backup": fresh, "databases": sorted(note["databases"])}


@handles("mysql-backup-restore")
class MysqlBackupRestore(BackupRestore):
    """The databases of one backup, MySQL's among them, in the place of those that are there."""

    database: str

    def __init__(self, fields: State, run: Run) -> None:
        super().__init__(fields, run)
        self.backups = MysqlBacking(run, self.database)
