"""The host's MySQL or MariaDB: which one it is, and the login that Flaskwright has there."""

from __future__ import annotations

import glob
import os
import re

from ...common.place import RUN
from ...engine import procfs
from ...engine.errors import Failed
from ...engine.handler import Act, Handler, handles
from ...system import disk, ports
from ...system.packages import Apt
from ...system.paths import make_directories
from ...system.units import start
from .client import SERVERS, SOCKET, option_file, program

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...engine.handler import State


RELEASE = "/etc/os-release"

SOCKETS = "/proc/net/unix"

ACCEPTS = b"00010000"  # __SO_ACCEPTCON of linux/net.h

WANTS = "/etc/systemd/system/multi-user.target.wants"

UNITS = {"mariadbd": "mariadb.service", "mysqld": "mysql.service"}


PLACE = RUN + "/flaskwright-mysql"


@handles("mysql-server")
class MysqlServer(Handler):
    """A server that runs now and at boot, and that no other machine reaches.

    Read from files alone: asking systemd takes longer than all else.
    """

    keys = ("installed", "enabled", "running")

    def wanted(self) -> State:
        """Give installed, enabled, running: True each."""
        return dict.fromkeys(self.keys, True)

    def actual(self) -> State:
        """Look at package, unit, process; raises Failed for one open to other machines."""
        server = os.path.basename(program(SERVERS))
        if not server:
            return {}
        self._must_be_private(server)
        return {
            "installed": True,
            "enabled": os.path.lexists(os.path.join(WANTS, UNITS[server])),
            "running": is_running(),
        }

    def fix(self, differing: list[str]) -> None:
        """Install the distribution's own, enable and start it."""
        if "installed" in differing:
            Apt(self.run).provide([package()])
        unit = UNITS[os.path.basename(program(SERVERS)) or SERVERS[0]]
        if not os.path.lexists(os.path.join(WANTS, unit)):
            self.run.command(["systemctl", "enable", unit], timeout=90)
        if not is_running():
            start(self.run, unit)

    def diff(self, actual: State, differing: list[str]) -> list[str]:
        """Name the package to install, or say that the server is enabled or started."""
        if "installed" in differing:
            return ["install " + package()]
        words = {"enabled": "enable", "running": "start"}
        return ["%s the MySQL server" % words[key] for key in differing]

    def _must_be_private(self, server: str) -> None:
        path = os.path.realpath(program(SERVERS))
        found = ports.holders(ports.reachable(), server)  # by the name that it says it has
        if any(procfs.program(pid) == path for _, pid in found):
            raise Failed(
                "%s listens to other machines" % server,
                "an app on the same host needs only its socket and 127.0.0.1",
                next="bind-address = 127.0.0.1 in the server's settings below /etc/mysql",
            )


def package() -> str:
    """Give the server's package of this distribution."""
    try:
        with open(RELEASE, encoding="utf-8", errors="replace") as file:
            likes = re.findall(r"^ID(?:_LIKE)?=(.*)$", file.read(), re.MULTILINE)
    except FileNotFoundError:
        likes = []
    return "mysql-server" if "ubuntu" in " ".join(likes) else "mariadb-server"


def is_running() -> bool:
    """Tell whether somebody listens on the socket, which only root and the server can make.

    Anybody's sockets are listed, under names with any bytes.
    """
    with open(SOCKETS, "rb") as file:
        rows = (line.split() for line in file.read().split(b"\n"))
        listed = any(row[7:] == [SOCKET.encode()] and row[3] == ACCEPTS for row in rows)
    return listed and os.path.exists(SOCKET)


@handles("mysql-login")
class MysqlLogin(Act):
    """An option file in memory, the app's alone; who opens it removes it."""

    reads = True  # nothing stays of it
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
        for stale in glob.glob(os.path.join(PLACE, self.run.place.name + ".*")):
            disk.remove(stale)
        path = os.path.join(PLACE, "%s.%s" % (self.run.place.name, os.urandom(8).hex()))
        disk.write(
            path, option_file(self.user, password), self.run.place.name, self.run.place.name, 0o600
        )
        return {"file": path}
