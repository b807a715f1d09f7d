"""The live release run by hand once: beside the service, as the app's user, on a private socket."""

from __future__ import annotations

import os
import time

from .asking import ask, is_good
from .credentials import Credentials
from .handler import Act, Failed, handles
from .release import CONFIGURATION
from .releases import Releases
from .units import unit_state

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .handler import State

PATIENCE = 60  # seconds until it answers; systemd ends it then, whatever becomes of us
PAUSE = 0.2  # seconds between two requests

# Flask's development server, with the directory and the variables that gunicorn gives the app.
_FLASK = """
import os, runpy, sys
settings = runpy.run_path(sys.argv[1])
os.environ.update(pair.split("=", 1) for pair in settings["raw_env"])
os.chdir(settings["chdir"])
sys.path.insert(0, os.getcwd())
from flask.cli import main
sys.argv[1:] = ["--app", settings["wsgi_app"], "run", "--no-debug", "--host", sys.argv[2]]
main()
"""


@handles("try-app")
class TryApp(Act):
    """The app started, asked, and ended."""

    app_root: str
    app: str
    server: str
    health: str
    host_header: str

    def act(self) -> State:
        """Give the status that it answers its health path with; raises Failed with what it said."""
        releases = Releases(self.app_root)
        release = releases.current()
        if not release:
            raise Failed("%s has no release to try" % self.app, next="./fab deploy makes one")
        unit = "flaskwright-try-" + self.app
        try:
            self._start(unit, releases.path(release))
            status = self._asked(unit)
        finally:
            self.run.command(["systemctl", "stop", unit], check=False, timeout=60)
        return {"release": release, "server": self.server, "status": status}

    def _start(self, unit: str, release: str) -> None:
        socket = "unix:" + _socket(unit)
        python = os.path.join(release, ".venv", "bin", "python")
        servers = {
            "flask": [python, "-c", _FLASK, CONFIGURATION, "unix://" + _socket(unit)],
            "gunicorn": [python, "-m", "gunicorn", "-c", CONFIGURATION, "--bind", socket],
        }
        properties = {
            "User": self.app,
            "WorkingDirectory": release,
            "RuntimeDirectory": unit,
            "RuntimeMaxSec": str(PATIENCE),
            "Environment": "PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1",
            "NoNewPrivileges": "yes",
            "ProtectSystem": "strict",
            "ReadWritePaths": os.path.join(self.app_root, "shared"),
            "PrivateTmp": "yes",
            "UMask": "0077",
        }
        given = ["--property=%s=%s" % pair for pair in properties.items()]
        credentials = Credentials(self.run, self.app_root)
        secrets = credentials.of_live()
        given += ["--property=" + credentials.setting(secrets)] if secrets else []
        argv = ["systemd-run", "--quiet", "--collect", "--unit=" + unit, *given, "--"]
        self.run.command([*argv, *servers[self.server]], timeout=60)

    def _asked(self, unit: str) -> int:
        since, trouble = time.time() - PAUSE, ""
        while time.time() < since + PATIENCE:
            try:
                status = ask(_socket(unit), self.health, self.host_header).status
            except OSError as error:
                trouble = str(error)
            else:
                if is_good(status):
                    return status
                raise self._failed(unit, since, "%s answers %d" % (self.health, status))
            if unit_state(self.run, unit)["ActiveState"] not in ("active", "activating"):
                break
            self.run.pause(PAUSE)
        raise self._failed(unit, since, trouble)

    def _failed(self, unit: str, since: float, why: str) -> Failed:
        self.run.command(["journalctl", "--sync"], check=False)
        argv = ["journalctl", "-q", "-o", "cat", "--since=@%.6f" % since, "-u", unit]
        log = self.run.command(argv, check=False).tail()
        return Failed("the app does not run by hand with %s" % self.server, why, log)


def _socket(unit: str) -> str:
    return "/run/%s/http.sock" % unit
