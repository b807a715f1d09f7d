"""The names that an app takes on this host: nobody else may have them."""

from __future__ import annotations

import os

from ..engine.errors import Failed
from ..engine.handler import Handler, handles
from ..system import disk
from ..system.originals import is_ours

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..common.place import Place
    from ..engine.handler import State


# in which systemd looks for units (systemd.unit(5))
DIRECTORIES = (
    "/etc/systemd/system",
    "/run/systemd/system",
    "/usr/local/lib/systemd/system",
    "/usr/lib/systemd/system",
    "/lib/systemd/system",
)
SHOWN = 5  # names
# what we make in an app's directory; a person's clone has .git beside its files
OURS = {"repo.git", "venvs", "releases", "shared", "current", "backups", "maintenance"}


@handles("app-name")
class AppName(Handler):
    """The app's directory, and APP.socket, APP@.service and APP.service, are nobody else's."""

    keys = ("ours",)

    def wanted(self) -> State:
        """Give {"ours": True}: directory and units of the app's name are its own, or free."""
        return {"ours": True}

    def actual(self) -> State:
        """Look for them; raises Failed, also in a dry run, since nothing but a person can help."""
        place = self.run.place
        for suffix in (".service", "@.service", ".socket"):
            must_be_ours(place.name + suffix, place)
        found = set(os.listdir(place.root)) if os.path.isdir(place.root) else set()
        if ".git" in found or (found and not found & OURS):
            raise Failed(
                "%s is not empty, and Flaskwright did not make it" % place.root,
                "in it: %s" % ", ".join(sorted(found)[:SHOWN]),
                next="move it away on the host, or give the app another name in hosts.toml",
            )
        return {"ours": True}


def must_be_ours(unit: str, place: Place) -> None:
    """Raise Failed where the host has a unit of that name that is not of the app's releases."""
    for directory in DIRECTORIES:
        path = os.path.join(directory, unit)
        target, data = disk.link_target(path), disk.read(path)
        ours = (target or "").startswith(place.root + "/") or (data is not None and is_ours(data))
        if os.path.lexists(path) and not ours:
            raise Failed(
                "this host has a unit %s that Flaskwright did not make" % unit,
                "it is %s" % path,
                next="give the app another name in hosts.toml, or remove that unit",
            )
