"""The machine: files, users, packages, units, ports."""

from typing import ClassVar, Literal

from .base import Act, AtPath, Resource, resource

Checker = Literal["nginx", "systemd", "visudo"]


@resource
class Packages(Resource):
    """Packages of the host's distribution, installed in one go.

    along: what later steps install, and the same run of apt already brings. beside: resources that
    do not wait for it, by id.
    """

    kind: ClassVar[str] = "packages"
    names: tuple[str, ...]
    along: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The packages, comma-separated."""
        return ",".join(self.names)


@resource
class Upgraded(Resource):
    """Packages of the newest versions that the host's distribution has."""

    kind: ClassVar[str] = "upgraded"


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
    rank: ClassVar[int] = -1
    number: int
    owner: str

    @property
    def name(self) -> str:
        """The port's number."""
        return str(self.number)


@resource
class Directory(AtPath):
    """A directory with its owner and mode; what is in it is left alone."""

    kind: ClassVar[str] = "directory"
    owner: str = "root"
    group: str = "root"
    mode: int = 0o755


@resource
class File(AtPath):
    """A file of ours; `check` names the program that must accept it before it takes its place."""

    kind: ClassVar[str] = "file"
    content: str
    owner: str = "root"
    group: str = "root"
    mode: int = 0o644
    check: Checker | None = None


@resource
class Link(AtPath):
    """A symbolic link; its target may not be there yet."""

    kind: ClassVar[str] = "link"
    target: str
    check: Checker | None = None


@resource
class Absent(AtPath):
    """Nothing at this path; what somebody else put there is kept beside it."""

    kind: ClassVar[str] = "absent"
    check: Checker | None = None


@resource
class Line(AtPath):
    """One line of a file that belongs to somebody else.

    The first line that matches `pattern` becomes `line`; where none does, `line` follows the one
    that matches `after`.
    """

    kind: ClassVar[str] = "line"
    pattern: str
    line: str
    after: str
    check: Checker | None = None

    @property
    def name(self) -> str:
        """The path and the line: a file may have several."""
        return f"{self.path}:{self.line.strip()}"


@resource
class OfUnit(Act):
    """An act on one systemd unit; with `*` in its name, on the one of them that runs."""

    unit: str

    @property
    def name(self) -> str:
        """The unit's name with its suffix."""
        return self.unit


@resource
class UnitStatus(OfUnit):
    """How a unit is: active since when, enabled, its main process."""

    kind: ClassVar[str] = "unit-status"


@resource
class Restart(OfUnit):
    """`systemctl restart`, with the unit's journal lines when that fails."""

    kind: ClassVar[str] = "restart"


@resource
class DaemonReload(Act):
    """`systemctl daemon-reload`."""

    kind: ClassVar[str] = "daemon-reload"


@resource
class PackageLists(Act):
    """`apt-get update`."""

    kind: ClassVar[str] = "package-lists"
