"""Where an app is on this host: its directory, its state, its door."""

from __future__ import annotations

ROOT = "/srv/%s"
DOOR = "/run/%s.sock"


class Place:
    """The places of the app `name`; `root` is its directory, where that is not the usual one."""

    def __init__(self, name: str, root: str = "") -> None:
        self.name = name
        self.root = root or ROOT % name

    @property
    def door(self) -> str:
        """The socket at which the app takes requests from this host's front end."""
        return DOOR % self.name

    @property
    def current(self) -> str:
        """The link to the release that is live."""
        return self.root + "/current"
