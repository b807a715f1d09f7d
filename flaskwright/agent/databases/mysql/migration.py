"""Migrations of an app that has a MySQL database."""

from __future__ import annotations

from ...engine.handler import handles
from ..migration import Migrated
from .database import MysqlBacking

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...engine.handler import State
    from ...engine.run import Run


@handles("mysql-migrated")
class MysqlMigrated(Migrated):
    """The release's own command has run, with the MySQL database backed up before it too."""

    database: str

    def __init__(self, fields: State, run: Run) -> None:
        super().__init__(fields, run)
        self.backups = MysqlBacking(run, self.database)

    def about(self) -> State:
        """Name the database for whoever has to undo."""
        return {"mysql": self.database}
