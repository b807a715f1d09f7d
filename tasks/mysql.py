"""MySQL: the server (MariaDB on Debian), the app's database, its backups."""

from flaskwright import (
    Connection,
    Host,
    Resources,
    operation,
    question,
    step,
)
from flaskwright.by_hand import mysql_client
from flaskwright.resources.databases import (
    MysqlAccount,
    MysqlBackup,
    MysqlBackupRestore,
    MysqlServer,
    MysqlSettled,
)
from flaskwright.workstation import mysql


@step
def install(host: Host) -> Resources:
    """Install MySQL (apt-get install mysql-server; on Debian mariadb-server) for this host only."""
    if host.mysql:
        yield MysqlServer()


@step
def create(host: Host) -> Resources:
    """Create the app's database and its user, whose password is made and kept in your keyring."""
    if host.mysql:
        yield from install.resources(host)
        names = mysql.names(host)
        yield MysqlAccount(names.database, names.user)


def settled(host: Host) -> Resources:
    """Once a release is live, the password from before is taken no longer."""
    if host.mysql:
        yield MysqlSettled(mysql.names(host).user)


@operation()
def backup(host: Host) -> Resources:
    """Back the app's databases up now; backups.list has the backup then."""
    yield MysqlBackup(mysql.names(host).database)


@operation(help={"id": "Which one; backups.list has them."})
def restore(host: Host, id: str = "") -> Resources:
    """Put the databases of a backup back; what is there is backed up first."""
    yield MysqlBackupRestore(id, mysql.names(host).database)


@question(dry_refused=True)
def shell(c: Connection) -> object:
    """Open a MySQL client in the app's database, as the app's user there."""
    return mysql_client.shell(c)
