"""The live release run by hand once: beside the service, as the app's user, on a private socket."""

from __future__ import annotations

import os
import re
import time

from ..app import failures
from ..app.advice import unwell
from ..app.release_facts import facts_of
from ..app.releases import Releases
from ..engine.errors import Failed
from ..engine.handler import Act, handles
from ..releases.command_unit import command_unit
from ..releases.release import CONFIGURATION
from ..system.units import unit_state
from ..web.health import Health
from ..web.http import ask

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..engine.handler import State
    from ..system.transient_unit import TransientUnit


PATIENCE = 60  # seconds until it answers; systemd ends it then, whatever becomes of us
OWN = re.compile(r"^ \* |a development server|^Press CTRL")  # what flask says of itself
PAUSE = 0.2  # seconds between two requests

# Flask's development server, with the directory and the variables that gunicorn gives the app.
_FLASK = """
import os, runpy, sys
settings = runpy.run_path(sys.argv[1])
os.environ.update(pair.split("=", 1) for pair in settings.get("raw_env", ()))
os.chdir(settings["chdir"])
sys.path.insert(0, os.getcwd())
from flask.cli import main
sys.argv[1:] = ["--app", settings["wsgi_app"], "run", "--no-debug", "--host", sys.argv[2]]
main()
"""
# The app's environment; releases of earlier versions have it in gunicorn's settings.
_LAUNCH = '[ ! -e etc/launch ] || . ./etc/launch; exec "$@"'


@handles("try-app")
class TryApp(Act):
    """Starts the live release's app with a server, asks its health path, and ends it."""

    server: str
    health: str
    expected: tuple[int, ...] = ()

    def act(self) -> State:
        """Give the status that it answers its health path with; raises Failed with what it said."""
        releases = Releases(self.run.place)
        release = self.release = releases.current()
        if not release:
            raise Failed(
                "%s has no release to try" % self.run.place.name, next="./fab deploy makes one"
            )
        unit = command_unit(self.run, release, "try")
        unit.end()
        try:
            self._start(unit, releases.path(release))
            status = self._asked(unit.name)
        finally:
            unit.end()
        return {"release": release, "server": self.server, "status": status}

    def _start(self, unit: TransientUnit, release: str) -> None:
        place = _socket(unit.name)
        python, gunicorn, settings = (
            os.path.join(release, path)
            for path in (".venv/bin/python", ".venv/bin/gunicorn", CONFIGURATION)
        )
        servers = {
            "flask": [python, "-c", _FLASK, settings, "unix://" + place],
            "gunicorn": [python, gunicorn, "-c", settings, "--bind", "unix:" + place],
        }
        argv = ["/bin/sh", "-c", _LAUNCH, "sh", *servers[self.server]]
        unit.properties += [
            "RuntimeDirectory=" + os.path.basename(os.path.dirname(place)),
            "RuntimeDirectoryMode=0700",  # who comes to its socket is root, or the app
            "Type=exec",
            "RuntimeMaxSec=%d" % PATIENCE,
            "SystemCallFilter=@chown",  # gunicorn gives its socket to the user that it is
        ]
        self.run.command(unit.argv(argv, cwd=release, how=()), timeout=60)

    def _asked(self, unit: str) -> int:
        since, trouble = time.time() - PAUSE, ""
        health = Health(self.health, self.expected)
        while time.time() < since + PATIENCE:
            try:
                trouble = health.complaint_at(ask, _socket(unit), self.run.site)
            except OSError as error:
                trouble = str(error)
            else:
                if not trouble:
                    return health.status
                raise self._failed(unit, since, trouble)
            if unit_state(self.run, unit)["ActiveState"] not in ("active", "activating"):
                break
            self.run.pause(PAUSE)
        raise self._failed(unit, since, trouble)

    def _failed(self, unit: str, since: float, why: str) -> Failed:
        self.run.command(["journalctl", "--sync"], check=False)
        argv = ["journalctl", "-q", "-o", "cat", "--since=@%.6f" % since, "-u", unit]
        said = self.run.command(argv, check=False, tail=True).lines
        lines = [line for line in said if not OWN.search(line)]
        told = failures.explained(lines, facts_of(self.run.place, self.release), why)
        return unwell(told, why, "the app does not run by hand with %s" % self.server)


def _socket(unit: str) -> str:
    return "/run/%s/http.sock" % unit[: -len(".service")]
