"""The hosts and apps of hosts.toml, as steps see them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

from flaskwright.agent.common.place import STATE, Place

from .config import code, hosts_toml, mysql, problems
from .config.address import parts_of
from .config.code import is_local
from .config.did_you_mean import no_such
from .config.env import entry_in, fill_known
from .config.keys import PORT, AppTable, HostTable
from .config.login import login_of
from .config.names import ADDRESS, USER
from .config.problems import shown
from .config.rules import split
from .config.trust import HostsFile
from .config.trusted_keys import resolved
from .errors import UsageError
from .site import VisitedHost


@dataclass(frozen=True)
class App(AppTable):
    """An app of a hosts.toml; `local` is its repository when that is a path of this machine."""

    name: str
    local: Path | None = None
    file: HostsFile | None = None

    @property
    def place(self) -> Place:
        """Where it is on a host."""
        return Place(self.name)

    @property
    def builder(self) -> str:
        """The user that builds for it; no app has a name with a dot, and useradd takes 32."""
        name = f"{self.name}.build"
        if len(name) <= 32:
            return name
        from hashlib import sha256

        return f"{self.name[:20]}.{sha256(self.name.encode()).hexdigest()[:5]}.build"

    @property
    def entries(self) -> dict[str, str]:
        """The keyring entries that it needs, SERVICE/USERNAME, each with the key that names it."""
        in_env = {entry: f"env.{name}" for name, entry in self.filled.items()}
        named = {**dict.fromkeys(self.secrets, "secrets"), **dict.fromkeys(self.plain, "plain")}
        return in_env | named

    @property
    def filled(self) -> dict[str, str]:
        """The variables that are filled from the keyring, each with its SERVICE/USERNAME."""
        named = {name: entry_in(value) for name, value in self.env.items()}
        return {name: entry for name, entry in named.items() if entry}


@dataclass(frozen=True)
class Host(VisitedHost):
    """A host; one that is not `declared` has an address and nothing else.

    authority: a file of what its ACME server is known by, where who makes the host knows it.
    file: the hosts.toml that declares it.
    """

    name: str
    guide: str = field(default="", kw_only=True)
    app: App | None = field(default=None, kw_only=True)
    identity: Path | None = None
    known_hosts: Path | None = None
    authority: Path | None = None
    file: HostsFile | None = None
    declared: bool = True

    @property
    def declared_app(self) -> App:
        """The app; raises UsageError for a host that has none."""
        if self.app is None:
            raise UsageError(
                f"{self.name} runs no app",
                why="It is not in hosts.toml.",
                next=f"add a table [hosts.{self.name}] to hosts.toml",
            )
        return self.app

    def must_run_an_app(self) -> None:
        """Raise UsageError where it has none."""
        _ = self.declared_app

    @property
    def state(self) -> str:
        """The directory on the host for what we remember of its app."""
        return self.app.place.state if self.app else self.host_state

    @property
    def host_state(self) -> str:
        """The directory on the host for what belongs to no app: the agent, locks."""
        return STATE

    @property
    def login(self) -> str:
        """Where ssh logs in as hosts.toml has it, a sandbox by its hosts.toml; secrets go by it."""
        return login_of(self.name, self, Path(self.file.place) if self.file else None)

    @property
    def environment(self) -> dict[str, str]:
        """The app's variables, but for those that are filled from the keyring; see `filled`."""
        plain = {n: text for n, text in self.declared_app.env.items() if not entry_in(text)}
        return {name: self.filled(text) for name, text in plain.items()}

    def filled(self, text: str) -> str:
        """Fill the names in braces of a variable or a command of the app.

        It is a format string still: only the host knows the release's name.
        """
        values = {"shared": self.declared_app.place.shared, "domain": self.domain or ""}
        return fill_known(text, values)


@dataclass(frozen=True)
class Inventory:
    """All of hosts.toml, checked: hosts and apps by name, and the groups that -H may name."""

    path: Path
    hosts: dict[str, Host] = field(default_factory=dict)
    apps: dict[str, App] = field(default_factory=dict)
    groups: dict[str, tuple[str, ...]] = field(default_factory=dict)
    default: str | None = None

    def select(self, names: str | None = None, *, undeclared: bool = False) -> list[Host]:
        """Return the hosts of a comma list of hosts and groups, in order, each once.

        Without names the default, or the only host. With `undeclared` a name that is not in
        hosts.toml is looked up as ssh does; else it is a UsageError, as is a broken repository.
        """
        chosen: dict[str, Host] = {}
        for name in self._names(names):
            for host in self._named(name, undeclared):
                chosen.setdefault(host.name, host)
        for host in chosen.values():
            if host.app and host.app.local:
                code.must_be_at(host.app.local, self.path.name, host.app.name)
        return list(chosen.values())

    @staticmethod
    def lookup(spelled: str) -> Host:
        """Return an undeclared host, `[user@]address[:port]`."""
        user, address, port = parts_of(spelled)
        try:
            return Host(
                spelled,
                address=ADDRESS.read(address, problems.Place("-H")),
                user=USER.read(user, problems.Place("-H")) if user else None,
                port=PORT.read(int(port), problems.Place("-H")) if port else None,
                declared=False,
            )
        except ValueError as error:
            raise UsageError(f"-H {shown(spelled)}: {error}") from None

    def _names(self, names: str | None) -> list[str]:
        if names is None:
            names = self.default or (next(iter(self.hosts)) if len(self.hosts) == 1 else None)
        if names is None:
            raise UsageError(
                "which host?",
                why=f"{hosts_toml.spelled(self.path)} has no `default`, and several: "
                f"{', '.join([*self.hosts, *self.groups])}.",
                next="name one or more with -H, such as -H "
                f"{next(iter(self.hosts), 'NAME')}, or set `default`",
            )
        chosen = split(names)
        if not chosen:
            raise UsageError("-H names no host")
        return chosen

    def _named(self, name: str, undeclared: bool) -> list[Host]:
        if name in self.hosts or name in self.groups:
            return [self.hosts[member] for member in self.groups.get(name, (name,))]
        _, address, _ = parts_of(name)
        if address in self.hosts or address in self.groups:
            raise UsageError(
                f"-H {shown(name)}: {address} is declared, with its user and port",
                next=f"set `user` or `port` in {self.path.name}, and say -H {address}",
            )
        if undeclared:
            return [self.lookup(name)]
        known = [*self.hosts, *self.groups]
        raise UsageError(
            f"{hosts_toml.spelled(self.path)}: {no_such('host or group', name, known)}",
            next="name one of them with -H, or write a table [hosts.NAME]",
        )


def load(path: Path | None = None) -> Inventory:
    """Return what hosts.toml declares; raises UsageError with all that is wrong in it."""
    file, top = hosts_toml.opened(path)
    apps = {name: _app(name, table, file) for name, table in top.apps.items()}
    hosts = {name: _host(name, table, apps, file) for name, table in top.hosts.items()}
    return Inventory(file.path, hosts, apps, top.groups, top.default)


def _app(name: str, table: AppTable, file: HostsFile) -> App:
    app = App(name, **vars(table), file=file)
    if not is_local(app.repo):
        return app
    return replace(app, local=resolved(file.path, app.repo), ref=app.ref or "HEAD")


def _host(name: str, table: HostTable, apps: dict[str, App], file: HostsFile) -> Host:
    app, path = apps[table.app], file.path
    secrets, plain = mysql.told(app.secrets, app.plain, table.mysql)
    app = replace(app, secrets=secrets, plain=plain)
    host = Host(name, **{**vars(table), "app": app, "file": file})
    if host.acme and host.acme.ca:
        host = replace(host, acme=replace(host.acme, ca=_beside(path, host.acme.ca)))
    if host.keyring and host.keyring.file:
        host = replace(host, keyring=replace(host.keyring, file=_beside(path, host.keyring.file)))
    return host


def _beside(path: Path, named: str) -> str:
    return str(path.parent / Path(named).expanduser())
