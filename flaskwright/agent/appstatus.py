"""How an app is: what it serves since when, its processes, its disk."""

from __future__ import annotations

import os

from .handler import Act, handles
from .releases import Releases
from .service import Service
from .units import unit_state

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .handler import State


@handles("app-status")
class AppStatus(Act):
    """The live release and what runs it."""

    reads = True
    app_root: str
    app: str

    def act(self) -> State:
        """Give it as people ask for it."""
        releases = Releases(self.app_root)
        current = releases.current()
        if not current:
            return {"release": "none yet"}
        manifest = releases.manifest(current)
        unit = unit_state(self.run, self.app + ".service")
        running = sorted(Service(self.run, self.app, self.app_root).releases_run())
        free = os.statvfs(self.app_root)
        return {
            "release": current,
            "commit": manifest.get("commit", ""),
            "created": manifest.get("created", ""),
            "service": "%s (%s)" % (unit["ActiveState"], unit["SubState"]),
            "processes run": ", ".join(running) or "nothing",
            "releases kept": len(releases.ids()),
            "disk free": "%d MB" % (free.f_bavail * free.f_frsize >> 20),
        }
