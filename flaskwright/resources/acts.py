"""What is done once because it was asked, and what is only read: no state to compare."""

from typing import ClassVar

from .base import Resource, resource


@resource
class Act(Resource):
    """Something the agent does each time; its answer is shown."""


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
class OfHost(Act):
    """An act on the whole host."""

    @property
    def name(self) -> str:
        """There is one host."""
        return "host"


@resource
class DaemonReload(OfHost):
    """`systemctl daemon-reload`."""

    kind: ClassVar[str] = "daemon-reload"


@resource
class PackageLists(OfHost):
    """`apt-get update`."""

    kind: ClassVar[str] = "package-lists"


@resource
class NginxTest(OfHost):
    """`nginx -t`; warnings count."""

    kind: ClassVar[str] = "nginx-test"


@resource
class NginxReload(OfHost):
    """`nginx -t`, a reload, and proof that the new workers are there."""

    kind: ClassVar[str] = "nginx-reload"


@resource
class TryApp(Act):
    """The current release started by hand, beside the service, and asked for `health`.

    `server` is `flask` (the development server, as a first try) or `gunicorn`.
    """

    kind: ClassVar[str] = "try-app"
    app_root: str
    app: str
    server: str
    health: str
    host_header: str
    expected: tuple[int, ...] = ()

    @property
    def name(self) -> str:
        """The server and the app."""
        return f"{self.server}:{self.app}"


@resource
class DeployKey(Act):
    """A key of the host's own for the app's repository, made if need be; its public half."""

    kind: ClassVar[str] = "deploy-key"
    app: str

    @property
    def name(self) -> str:
        """The app."""
        return self.app


@resource
class OfApp(Act):
    """An act on one app."""

    app_root: str
    app: str

    @property
    def name(self) -> str:
        """The app."""
        return self.app


@resource
class AppStatus(OfApp):
    """Release, commit, workers and disk of one app; of a site over HTTPS its certificate's days."""

    kind: ClassVar[str] = "app-status"
    domain: str = ""


@resource
class Attach(OfApp):
    """The journal of the transaction that is under way, or of the last one."""

    kind: ClassVar[str] = "attach"


@resource
class ReleaseList(OfApp):
    """The releases on the host, the newest first."""

    kind: ClassVar[str] = "release-list"


@resource
class BackupList(OfApp):
    """The backups of the app's databases on the host, the newest first."""

    kind: ClassVar[str] = "backup-list"


@resource
class BackupRestore(OfApp):
    """One of them put back, after a backup of what is there."""

    kind: ClassVar[str] = "backup-restore"
    backup: str


@resource
class SecretList(OfApp):
    """The app's keyring entries: named by what, here and in the live release by a mark."""

    kind: ClassVar[str] = "secret-list"
    entries: dict[str, str]


@resource
class Earlier(OfApp):
    """The release that a rollback leads to: `to`, else the last good one before the live one.

    Its site has to answer by `scheme` (http or https) to `site_name`, as today's does.
    """

    kind: ClassVar[str] = "earlier"
    to: str
    scheme: str
    site_name: str


@resource
class Logs(OfApp):
    """What app, systemd and nginx have said of a site, and with `follow` what they say next.

    `names` are those of the site's servers; `lines` at most, from `since` on (systemd.time(7)),
    of those that the regular expression `grep` matches. everything: what deploys say, too, and
    what is said at every start and stop.
    """

    kind: ClassVar[str] = "logs"
    names: tuple[str, ...]
    lines: int
    since: str
    grep: str
    follow: bool
    everything: bool


@resource
class AppCommand(OfApp):
    """A program run as the app's user; piped: byte for byte, with our standard input."""

    kind: ClassVar[str] = "app-command"
    argv: tuple[str, ...]
    piped: bool = False


@resource
class AppShell(OfApp):
    """What runs a program as the app's user on a person's terminal; it is told, not run."""

    kind: ClassVar[str] = "app-shell"
    argv: tuple[str, ...]


@resource
class Verify(OfApp):
    """The host held against what was deployed, and the site looked at as its visitors do.

    directory: the app's, in the repository. trust: authorities in PEM that the host need not
    know. graded: what gave the site's TLS a grade, and what is wrong with that; empty: nothing.
    opened: the URL that was opened where the command was typed, what is wrong, what may not be.
    """

    kind: ClassVar[str] = "verify"
    directory: str
    health: str
    host_header: str
    aliases: tuple[str, ...]
    https: bool
    static: dict[str, str]
    outbound: bool
    trust: str = ""
    graded: tuple[str, str] | None = None
    opened: tuple[str, str, str] | None = None
    expected: tuple[int, ...] = ()


@resource
class Reload(OfApp):
    """gunicorn's HUP: all workers new, or none; `drain` are the seconds that requests have."""

    kind: ClassVar[str] = "reload"
    health: str
    host_header: str
    drain: int
    expected: tuple[int, ...] = ()
