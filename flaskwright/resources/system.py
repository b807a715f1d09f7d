"""Packages, users, units and ports."""

from typing import ClassVar

from .base import Resource, resource


@resource
class Packages(Resource):
    """Packages of the host's distribution, installed in one go."""

    kind: ClassVar[str] = "packages"
    names: tuple[str, ...]

    @property
    def name(self) -> str:
        """The packages, comma-separated."""
        return ",".join(self.names)


@resource
class Upgraded(Resource):
    """Packages of the newest versions that the host's distribution has."""

    kind: ClassVar[str] = "upgraded"

    @property
    def name(self) -> str:
        """All of them."""
        return "packages"


@resource
class User(Resource):
    """A system user who cannot log in, and a group of the same name."""

    kind: ClassVar[str] = "user"
    user: str
    home: str
    comment: str
    shell: str = "/usr/sbin/nologin"

    @property
    def name(self) -> str:
        """The login name."""
        return self.user


@resource
class Permissions(Resource):
    """What an app may reach besides its own: nothing of it makes the app as good as root.

    Its fields are those of the table of hosts.toml; `kept` are paths that none may write, without
    the first "/".
    """

    kind: ClassVar[str] = "permissions"
    app: str
    app_root: str
    devices: tuple[str, ...]
    groups: tuple[str, ...]
    write: tuple[str, ...]
    kept: tuple[str, ...]

    @property
    def name(self) -> str:
        """The app's name."""
        return self.app


@resource
class AppName(Resource):
    """An app's name that no unit of somebody else's has; only a person can choose another."""

    kind: ClassVar[str] = "app-name"
    app: str
    app_root: str

    @property
    def name(self) -> str:
        """The app."""
        return self.app


@resource
class Unit(Resource):
    """A systemd unit, running and enabled; None leaves a property alone.

    `fresh` means that systemd knows the unit as it is on the disk (systemctl daemon-reload).
    """

    kind: ClassVar[str] = "unit"
    unit: str
    running: bool | None = True
    enabled: bool | None = True
    fresh: bool | None = True

    @property
    def name(self) -> str:
        """The unit's name with its suffix."""
        return self.unit


@resource
class Port(Resource):
    """A TCP port that is free, or held by a process named `owner`; only a person can free it."""

    kind: ClassVar[str] = "port"
    number: int
    owner: str

    @property
    def name(self) -> str:
        """The port's number."""
        return str(self.number)
