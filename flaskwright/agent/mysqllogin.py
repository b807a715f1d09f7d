"""The password of the app's MySQL user, laid where a client that somebody opens reads it once."""

from __future__ import annotations

import glob
import os

from . import disk
from .handler import Act, Failed, handles
from .mysqlclient import option_file
from .mysqlserver import is_running
from .paths import make_directories

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .handler import State

PLACE = "/run/flaskwright-mysql"


@handles("mysql-login")
class MysqlLogin(Act):
    """An option file in memory, the app's alone; who opens it removes it."""

    reads = True  # nothing stays of it
    app: str
    user: str
    database: str

    def act(self) -> State:
        """Give its path; raises Failed where no server runs, or there is no password."""
        if not is_running():
            raise Failed("the MySQL server does not run", next="./fab mysql.install starts it")
        password = self.run.want("mysql-password", {"user": self.user}).decode("utf-8")
        if not password:
            raise Failed("there is no password yet", next="./fab mysql.create makes it")
        make_directories(PLACE, 0o711)
        for stale in glob.glob(os.path.join(PLACE, self.app + ".*")):
            disk.remove(stale)
        path = os.path.join(PLACE, "%s.%s" % (self.app, os.urandom(8).hex()))
        disk.write(path, option_file(self.user, password), self.app, self.app, 0o600)
        return {"file": path}
