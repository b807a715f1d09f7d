"""The app's databases: a MySQL server, accounts, migrations, backups."""

from typing import ClassVar

from .base import OfApp, PartOfApp, Resource, resource


@resource
class MysqlServer(Resource):
    """The distribution's server, running and enabled, reached from the host alone."""

    kind: ClassVar[str] = "mysql-server"


@resource
class MysqlAccount(PartOfApp):
    """A database and a user who may do anything in it and nothing else.

    The password is not in it: the agent asks for it.
    """

    kind: ClassVar[str] = "mysql-account"
    needs: ClassVar[tuple[str, ...]] = ("mysql-password",)
    database: str
    user: str

    @property
    def name(self) -> str:
        """The user and the database."""
        return f"{self.user}/{self.database}"


@resource
class MysqlSettled(Resource):
    """The user's password from before is taken no longer."""

    kind: ClassVar[str] = "mysql-settled"
    rank: ClassVar[int] = 3  # once the release that has it has gone
    user: str

    @property
    def name(self) -> str:
        """The user."""
        return self.user


@resource
class MysqlLogin(OfApp):
    """An option file with the user's password, to be read once."""

    kind: ClassVar[str] = "mysql-login"
    needs: ClassVar[tuple[str, ...]] = ("mysql-password",)
    user: str
    database: str

    @property
    def name(self) -> str:
        """The user."""
        return self.user


@resource
class Migrated(PartOfApp):
    """The database has the release's schema: its command has run, after a backup.

    In `argv` the agent puts the release's name for `{release}`; so it does for the hooks. The last
    `keep` backups stay.
    """

    kind: ClassVar[str] = "migrated"
    argv: tuple[str, ...]
    keep: int


@resource
class MysqlMigrated(Migrated):
    """A migration with a backup of the MySQL database too."""

    kind: ClassVar[str] = "mysql-migrated"
    database: str


@resource
class BackupList(OfApp):
    """The backups of the app's databases on the host, the newest first."""

    kind: ClassVar[str] = "backup-list"


@resource
class MysqlBackup(OfApp):
    """A backup of the app's databases, MySQL's among them."""

    kind: ClassVar[str] = "mysql-backup"
    database: str


@resource
class BackupRestore(OfApp):
    """One of them put back, after a backup of what is there."""

    kind: ClassVar[str] = "backup-restore"
    backup: str


@resource
class MysqlBackupRestore(BackupRestore):
    """One of the backups put back, with the MySQL database in it."""

    kind: ClassVar[str] = "mysql-backup-restore"
    database: str
