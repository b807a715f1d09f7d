"""Unit names that are taken already."""

from __future__ import annotations

import os

from . import disk
from .foreign import is_ours
from .handler import Failed

# in which systemd looks for units (systemd.unit(5))
DIRECTORIES = (
    "/etc/systemd/system",
    "/run/systemd/system",
    "/usr/local/lib/systemd/system",
    "/usr/lib/systemd/system",
    "/lib/systemd/system",
)


def must_be_ours(unit: str, app_root: str) -> None:
    """Raise Failed where the host has a unit of that name that is not of the app's releases."""
    for directory in DIRECTORIES:
        path = os.path.join(directory, unit)
        target, data = disk.link_target(path), disk.read(path)
        ours = (target or "").startswith(app_root + "/") or (data is not None and is_ours(data))
        if os.path.lexists(path) and not ours:
            raise Failed(
                "this host has a unit %s that Flaskwright did not make" % unit,
                "it is %s" % path,
                next="give the app another name in hosts.toml, or remove that unit",
            )
