"""The parts of a release: repository, venv, what is installed in it, directory, switch."""

from dataclasses import dataclass, field
from typing import ClassVar

from .base import Resource, resource


@resource
class Repository(Resource):
    """The app's bare repository on the host, with the commit that is wanted.

    Without `url` the commit is one of the operator's, and its objects are asked of them.
    """

    kind: ClassVar[str] = "repository"
    path: str
    url: str | None
    ref: str
    commit: str | None

    @property
    def name(self) -> str:
        """The repository's path."""
        return self.path


@resource
class _OfApp(Resource):
    """A part of an app's tree below `app_root`."""

    app_root: str

    @property
    def name(self) -> str:
        """The app's directory."""
        return self.app_root


@resource
class Venv(_OfApp):
    """A virtual environment under the hash of interpreter and requirements.

    `builder` is the user who makes it, of this app alone.
    """

    kind: ClassVar[str] = "venv"
    builder: str
    python: str
    directory: str
    requirements: str | None


@resource
class Requirements(Venv):
    """What the app requires, and gunicorn, installed in that environment."""

    kind: ClassVar[str] = "requirements"


@resource
class Credential(_OfApp):
    """The operator's values of the app's keyring entries, for its service alone.

    `entries` are their names, each with the key of hosts.toml that names it. The values are asked
    of the operator, and are in no plan. on_host: `credential` or `file`; None: what systemd can.
    """

    kind: ClassVar[str] = "credential"
    app: str
    entries: dict[str, str]
    on_host: str | None = None


@dataclass(frozen=True)
class ReleaseFile:
    """A rendered file of a release."""

    content: str
    mode: int = 0o644
    group: str = "root"


@resource
class Release(_OfApp):
    """An immutable directory: code of one commit, its venv, its unit, site and configuration.

    `static` are the paths that nginx serves by itself.
    """

    kind: ClassVar[str] = "release"
    app: str
    builder: str
    wsgi: str
    directory: str
    shared: tuple[str, ...]
    static: tuple[str, ...] = ()
    files: dict[str, ReleaseFile] = field(default_factory=dict)


@resource
class Migrated(_OfApp):
    """The database has the release's schema: its command has run, after a backup.

    In `argv` the agent puts the release's name for `{release}`; so it does for the hooks. The last
    `keep` backups stay.
    """

    kind: ClassVar[str] = "migrated"
    app: str
    argv: tuple[str, ...]
    keep: int


@resource
class BeforeSwitch(_OfApp):
    """A command of the app has run in a release that is not live yet."""

    kind: ClassVar[str] = "before-switch"
    app: str
    argv: tuple[str, ...]


@resource
class AfterCommit(_OfApp):
    """A command of the app has run in the release that this run has made live."""

    kind: ClassVar[str] = "after-commit"
    comes_last: ClassVar[int] = 4
    app: str
    argv: tuple[str, ...]


@resource
class Serving(_OfApp):
    """`current` names the release, the app's processes run it, and its health path answers.

    https: whether visitors come by it, which the proxy tells the app. cutover: `auto` or `restart`.
    drain: seconds that requests in flight have to finish. expected: the statuses that count as
    healthy; none: 200 to 399.
    """

    kind: ClassVar[str] = "serving"
    app: str
    health: str
    host_header: str
    https: bool
    cutover: str
    drain: int
    expected: tuple[int, ...] = ()


@resource
class Kept(_OfApp):
    """The last `keep` good releases and backups, and what runs; of all others nothing is left."""

    kind: ClassVar[str] = "kept"
    comes_last: ClassVar[int] = 3  # once the site has answered
    app: str
    keep: int
