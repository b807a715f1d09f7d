"""What an app is on a host: its name, what it may reach, its releases."""

from typing import ClassVar

from .base import OfApp, PartOfApp, resource


@resource
class Permissions(PartOfApp):
    """What an app may reach besides its own: nothing of it makes the app as good as root.

    Its fields are those of the table of hosts.toml; `kept` are paths that none may write, without
    the first "/".
    """

    kind: ClassVar[str] = "permissions"
    devices: tuple[str, ...]
    groups: tuple[str, ...]
    write: tuple[str, ...]
    kept: tuple[str, ...]


@resource
class AppName(PartOfApp):
    """An app's name that no unit of somebody else's has; only a person can choose another."""

    kind: ClassVar[str] = "app-name"
    rank: ClassVar[int] = -2


@resource
class ReleaseList(OfApp):
    """The releases on the host, the newest first."""

    kind: ClassVar[str] = "release-list"
