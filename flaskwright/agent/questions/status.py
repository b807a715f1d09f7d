"""How an app is: what it serves since when, its processes, its disk."""

from __future__ import annotations

import os

from ..app.history import Verdicts
from ..app.releases import Releases
from ..certs.served import shown_by
from ..common.text import now
from ..engine.errors import Failed
from ..engine.handler import Act, handles
from ..processes.slots import Service
from ..releases import permissions
from ..system.units import has_ended
from ..transaction.pending import Pending
from ..web import maintenance

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..engine.handler import State


@handles("app-status")
class AppStatus(Act):
    """The live release and what runs it."""

    reads = True

    def act(self) -> State:
        """Give the rows of `status`: release, processes, disk, certificate, last transaction."""
        releases = Releases(self.run.place)
        current = releases.current()
        if not current:
            return {"release": "none yet", "last transaction": self._last(), "now": now()}
        manifest = releases.manifest(current)
        view = Service(self.run).look()
        told = Verdicts(self.run.place).last().get(current, {})
        free = os.statvfs(self.run.place.root)
        certificate = {"certificate": self._certificate()} if self.run.site.https else {}
        missing = permissions.missing(self.run.place)
        return {
            "release": current,
            "commit": manifest.get("commit", ""),
            "since": told.get("since", ""),
            "by": told.get("who", ""),
            "service": ", ".join(view.told()) or "does not run",
            "workers": sum(len(view.workers(slot)) for slot in view.serving),
            "processes run": ", ".join(sorted(view.releases(view.occupied))) or "nothing",
            "last transaction": self._last(),
            "maintenance": maintenance.told(self.run.place),
            "releases kept": len(releases.ids()),
            **certificate,
            **({"permissions": missing} if missing else {}),
            "disk free": "%d MB" % (free.f_bavail * free.f_frsize >> 20),
            "now": now(),
        }

    def _certificate(self) -> str:
        try:
            return "%s days left" % shown_by(self.run, self.run.site.domain).days
        except Failed as failed:
            return failed.what

    def _last(self) -> str:
        """Say what the last transaction was about and how it ended, or that it has not."""
        under_way = Pending(self.run.place).read()
        if under_way:
            units = [name + ".service" for name in self.run.place.units("transaction")]
            ended = all(has_ended(self.run, unit) for unit in units)
            how = "was cut off and not undone" if ended else "is under way"
            return "%s, by %s, %s" % (under_way["id"], under_way["who"], how)
        lines = Verdicts(self.run.place).lines()
        if not lines:
            return "none"
        last = lines[-1]
        about = ": release " + last["id"] if last["id"] else ""
        at = " at " + last["at"] if last.get("at") else ""
        return "%s, %s%s%s, by %s" % (last["since"], last["verdict"], at, about, last["who"])
