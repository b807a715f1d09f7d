"""A MySQL client on the host for the person at the terminal: as the app's user, in its database."""

from __future__ import annotations

import shlex
import sys
from typing import TYPE_CHECKING

from ..errors import UsageError
from ..plan import plan
from ..report import console
from ..resources.base import Planned
from ..resources.databases import MysqlLogin
from ..run import runner
from ..run.plain_command import Ended
from ..ssh import terminal
from ..workstation import mysql

if TYPE_CHECKING:
    from ..report.report import HostReport
    from ..ssh.connection import Connection

_AS_ROOT = '[ "$(id -u)" = 0 ] || set -- sudo "$@"; exec "$@"'
# $1: the app's user; $2: the option file, which is gone once it is open; $3: the database
_CLIENT = (
    'exec 3<"$2" && rm -f "$2" || exit 1; export MYSQL_HISTFILE=/dev/null; '
    "client=$(command -v mariadb || command -v mysql) || exit 1; "
    'exec runuser -u "$1" -- "$client" --defaults-file=/dev/fd/3 "$3"'
)


def shell(connection: Connection) -> Ended | HostReport:
    """Open the client; the password goes to it by a file that only the app's user may read."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError("mysql.shell wants a terminal")
    host, app, names = connection.host, connection.host.declared_app, mysql.names(connection.host)
    login = Planned("mysql.shell", MysqlLogin(names.user, names.database))
    report = runner.execute(connection, plan.make(host, [login]), "check")
    if report.failure:
        console.result(report)
        return report
    path = report.told("file", str)
    client = ("sh", "-c", _CLIENT, "sh", app.name, path, names.database)
    return Ended(terminal.attach(connection, shlex.join(("sh", "-c", _AS_ROOT, "sh", *client))))
